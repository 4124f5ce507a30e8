//! The claim as it is sent: parsed once into domain types, with everything that is wrong reported together.

use chrono::NaiveDate;
use domain::evidence::DocumentKind;
use domain::identity::{ClaimedIdentity, DateOfBirth, EmailAddress, IdentityError, NhsNumber, PersonName, Postcode};
use domain::ids::VerificationId;
use domain::redacted::Redacted;
use serde::Deserialize;
use utoipa::ToSchema;
use workflow::Problem;
use workflow::submit::NewSubmission;

/// A new submission. Send the NHS number, or else name and postcode; more is welcome.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSubmission)]
pub struct ClaimBody {
    /// The verification of an earlier attempt, to try again; leave it out for a new person.
    #[schema(required = false, nullable = false, example = "ver_0193a6f05c7e7c1a9d3e4b5a69788796")]
    verification: Option<String>,
    /// The kind of photo document.
    #[schema(required, schema_with = crate::openapi::document_kinds)]
    document: Option<String>,
    /// Given names as on the document.
    #[schema(required = false, nullable = false, value_type = String, max_length = 80, example = "Mary Ann")]
    given_name: Option<Redacted<String>>,
    /// Family name as on the document.
    #[schema(required = false, nullable = false, value_type = String, max_length = 80, example = "O'Neill")]
    family_name: Option<Redacted<String>>,
    /// Year-month-day.
    #[schema(required, nullable = false, value_type = String, format = Date, example = "1987-03-09")]
    date_of_birth: Option<Redacted<String>>,
    /// Ten digits; spaces may stand between them.
    #[schema(required = false, nullable = false, value_type = String, max_length = 32, example = "999 000 0018")]
    nhs_number: Option<Redacted<String>>,
    /// As registered with the practice.
    #[schema(required = false, nullable = false, value_type = String, example = "SW1A 1AA")]
    postcode: Option<Redacted<String>>,
    /// Where the outcome is sent.
    #[schema(required, nullable = false, value_type = String, format = Email, example = "mary@example.org")]
    email: Option<Redacted<String>>,
}

/// What "today" and "old enough" mean here.
#[derive(Debug, Clone, Copy)]
pub struct AgeRule {
    /// The date where the service is.
    pub today: NaiveDate,
    pub age_years_min: u32,
}

impl ClaimBody {
    /// # Errors
    /// Every problem of every field.
    pub fn parse(&self, rule: AgeRule) -> Result<NewSubmission, Vec<Problem>> {
        let mut problems = Vec::new();
        let verification = self.verification(&mut problems);
        let document = self.document(&mut problems);
        let name = self.name(&mut problems);
        let born = DateOfBirth::parse(text(&self.date_of_birth), rule.today, rule.age_years_min);
        let date_of_birth = kept(born, &mut problems);
        let nhs_number = self.nhs_number.as_ref().map(|text| NhsNumber::parse(text.expose()));
        let nhs_number = nhs_number.and_then(|parsed| kept(parsed, &mut problems));
        let postcode = self.postcode.as_ref().map(|text| Postcode::parse(text.expose()));
        let postcode = postcode.and_then(|parsed| kept(parsed, &mut problems));
        let named = self.given_name.as_ref().or(self.family_name.as_ref());
        let missing = ClaimedIdentity::missing(named, self.nhs_number.as_ref(), self.postcode.as_ref());
        problems.extend(missing.into_iter().flat_map(told));
        let email = kept(EmailAddress::parse(text(&self.email)), &mut problems);
        match (date_of_birth, document, email) {
            (Some(date_of_birth), Some(document), Some(email)) if problems.is_empty() => {
                let claimed = ClaimedIdentity::new(name, date_of_birth, nhs_number, postcode).map_err(told)?;
                Ok(NewSubmission { verification, claimed, document, email })
            }
            _ => Err(problems),
        }
    }

    fn verification(&self, problems: &mut Vec<Problem>) -> Option<VerificationId> {
        let parsed = self.verification.as_deref()?.parse();
        if parsed.is_err() {
            let message = "Send the id of an earlier verification, which starts with ver_, or leave it out.".to_owned();
            problems.push(Problem { field: "verification".to_owned(), code: "wrong_format", message });
        }
        parsed.ok()
    }

    fn document(&self, problems: &mut Vec<Problem>) -> Option<DocumentKind> {
        let problem = |code, message: String| Problem { field: "document".to_owned(), code, message };
        match self.document.as_deref().map(str::parse::<DocumentKind>) {
            Some(Ok(document)) => return Some(document),
            Some(Err(unknown)) => problems.push(problem("not_accepted", format!("The kind of document {unknown}."))),
            None => problems.push(problem("missing", "Say which document is photographed.".to_owned())),
        }
        None
    }

    /// Both parts are judged, also when the first is wrong already.
    fn name(&self, problems: &mut Vec<Problem>) -> Option<PersonName> {
        if self.given_name.is_none() && self.family_name.is_none() {
            return None;
        }
        let (given, family) = (text(&self.given_name), text(&self.family_name));
        let parsed = kept(PersonName::parse(given, family), problems);
        if parsed.is_none() && problems.last().is_some_and(|problem| problem.field == "given_name") {
            kept(PersonName::parse("A", family), problems);
        }
        parsed
    }
}

fn text(field: &Option<Redacted<String>>) -> &str {
    field.as_ref().map_or("", |text| text.expose())
}

fn kept<T>(parsed: Result<T, IdentityError>, problems: &mut Vec<Problem>) -> Option<T> {
    parsed.map_err(|error| problems.extend(told(error))).ok()
}

/// The name is one thing in the domain and two fields here.
fn told(error: IdentityError) -> Vec<Problem> {
    let fields: &[&str] = if error.field == "name" { &["given_name", "family_name"] } else { &[error.field] };
    let problem =
        |field: &&str| Problem { field: (*field).to_owned(), code: error.code, message: error.message.clone() };
    fields.iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn parse(body: Value) -> Result<NewSubmission, Vec<(String, &'static str)>> {
        let body: ClaimBody = serde_json::from_value(body).unwrap();
        let rule = AgeRule { today: "2026-11-22".parse().unwrap(), age_years_min: 13 };
        body.parse(rule).map_err(|problems| problems.into_iter().map(|p| (p.field, p.code)).collect())
    }

    fn problems(body: Value) -> Vec<(String, &'static str)> {
        parse(body).unwrap_err()
    }

    #[test]
    fn the_nhs_number_alone_is_enough_and_so_are_name_and_postcode() {
        let by_number = json!({"document": "passport", "date_of_birth": "1987-03-09",
            "nhs_number": "991 200 3888", "email": "mary@example.org"});
        assert!(parse(by_number).unwrap().claimed.name.is_none());
        let by_name = json!({"document": "uk_driving_licence", "date_of_birth": "1987-03-09", "given_name": "Mary Ann",
            "family_name": "O'Neill", "postcode": "sw1a1aa", "email": "mary@example.org"});
        let new = parse(by_name).unwrap();
        assert_eq!(new.document, DocumentKind::UkDrivingLicence);
        assert_eq!(new.claimed.postcode.unwrap().expose(), "SW1A 1AA");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let all_wrong = json!({"verification": "sub_1", "document": "library_card", "given_name": "R2D2",
            "family_name": "", "date_of_birth": "2020-01-01", "nhs_number": "8527685222", "postcode": "12345",
            "email": "mary"});
        let expected = [
            ("verification", "wrong_format"),
            ("document", "not_accepted"),
            ("given_name", "wrong_format"),
            ("family_name", "missing"),
            ("date_of_birth", "too_young"),
            ("nhs_number", "not_valid"),
            ("postcode", "wrong_format"),
            ("email", "wrong_format"),
        ];
        assert_eq!(problems(all_wrong), expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let missing = |fields: &[&str]| fields.iter().map(|field| ((*field).to_owned(), "missing")).collect::<Vec<_>>();
        assert_eq!(problems(json!({})), missing(&["document", "date_of_birth", "nhs_number", "email"]));
        let rest = json!({"document": "passport", "date_of_birth": "1987-03-09", "email": "mary@example.org",
            "postcode": "SW1A 1AA"});
        assert_eq!(problems(rest), missing(&["given_name", "family_name"]));
    }

    #[test]
    fn no_problem_repeats_a_value() {
        let body = json!({"document": "secret1", "given_name": "secret2", "family_name": "secret3!", "postcode": "secret4",
            "date_of_birth": "secret5", "nhs_number": "secret6", "email": "secret7", "verification": "secret8"});
        let body: ClaimBody = serde_json::from_value(body).unwrap();
        let rule = AgeRule { today: "2026-11-22".parse().unwrap(), age_years_min: 13 };
        let told = format!("{:?}", body.parse(rule).unwrap_err());
        assert!(!told.contains("secret"), "{told}");
    }
}
