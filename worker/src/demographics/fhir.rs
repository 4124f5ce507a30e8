//! The search and its answer in FHIR R4 (hl7.org/fhir/R4: Patient, Bundle, OperationOutcome), with the NHS's identifiers.

use chrono::NaiveDate;
use domain::demographics::{Record, Trace};
use domain::identity::ClaimedIdentity;
use serde::Deserialize;

use super::TraceError;

pub(super) const MEDIA_TYPE: &str = "application/fhir+json";
/// The NHS number as a FHIR identifier system.
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// The parameters of the search. They are personal.
pub(super) fn search(claimed: &ClaimedIdentity) -> Vec<(&'static str, String)> {
    if let Some(number) = &claimed.nhs_number {
        return vec![("identifier", format!("{NHS_NUMBER}|{}", number.expose()))];
    }
    let mut search = vec![("birthdate", format!("eq{}", claimed.date_of_birth.expose()))];
    if let Some(name) = &claimed.name {
        search.push(("family", name.expose_family().to_owned()));
        // Records often hold fewer given names than people have.
        search.extend(name.expose_given().split(' ').next().map(|first| ("given", first.to_owned())));
    }
    search.extend(claimed.postcode.as_ref().map(|postcode| ("address-postalcode", postcode.expose().to_owned())));
    search
}

/// What an answer says.
pub(super) fn trace(body: &[u8]) -> Result<Trace, TraceError> {
    let answer: Answer =
        serde_json::from_slice(body).map_err(|_| TraceError::NotUnderstood("it is no FHIR resource"))?;
    match answer {
        Answer::Bundle { entry } => {
            let mut patients = entry.into_iter().filter_map(|entry| match entry.resource {
                Answer::Patient(patient) => Some(patient),
                _ => None,
            });
            match (patients.next(), patients.next()) {
                (None, _) => Ok(Trace::NoRecord),
                (Some(patient), None) => record(*patient).map(Trace::Found),
                (Some(_), Some(_)) => Ok(Trace::SeveralRecords),
            }
        }
        Answer::OperationOutcome { issue } => {
            issue.iter().find_map(Issue::trace).ok_or(TraceError::NotUnderstood("it is an outcome of another kind"))
        }
        Answer::Patient(_) | Answer::Other => Err(TraceError::NotUnderstood("it is no Bundle")),
    }
}

fn record(patient: Patient) -> Result<Record, TraceError> {
    let unnamed = TraceError::NotUnderstood("a Patient without a name");
    // The usual name, or else the one that stands first.
    let usual = patient.name.iter().position(|name| name.used_as.as_deref() == Some("usual")).unwrap_or(0);
    let name = patient.name.into_iter().nth(usual).ok_or(unnamed)?;
    let number = patient.identifier.into_iter().find(|identifier| identifier.system == NHS_NUMBER);
    let number = number.map(|identifier| identifier.value).or(patient.id);
    let home = patient.address.into_iter().find(|address| address.used_as.as_deref().is_none_or(|used| used == "home"));
    Ok(Record {
        given: name.given.join(" ").into(),
        family: name.family.into(),
        date_of_birth: patient.birth_date.and_then(|date| date.parse::<NaiveDate>().ok()).into(),
        nhs_number: number.ok_or(TraceError::NotUnderstood("a Patient without a number"))?.into(),
        postcode: home.and_then(|address| address.postal_code).into(),
        is_deceased: patient.deceased_boolean.unwrap_or(false) || patient.deceased_date_time.is_some(),
    })
}

#[derive(Deserialize)]
#[serde(tag = "resourceType")]
enum Answer {
    Bundle {
        #[serde(default)]
        entry: Vec<Entry>,
    },
    Patient(Box<Patient>),
    OperationOutcome {
        #[serde(default)]
        issue: Vec<Issue>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Entry {
    resource: Answer,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Patient {
    id: Option<String>,
    #[serde(default)]
    identifier: Vec<Identifier>,
    #[serde(default)]
    name: Vec<Name>,
    /// A day, or only a month or year where no more is known.
    birth_date: Option<String>,
    #[serde(default)]
    address: Vec<Address>,
    deceased_boolean: Option<bool>,
    deceased_date_time: Option<String>,
}

#[derive(Deserialize)]
struct Identifier {
    system: String,
    value: String,
}

#[derive(Deserialize)]
struct Name {
    #[serde(rename = "use")]
    used_as: Option<String>,
    #[serde(default)]
    family: String,
    #[serde(default)]
    given: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    #[serde(rename = "use")]
    used_as: Option<String>,
    postal_code: Option<String>,
}

#[derive(Deserialize)]
struct Issue {
    #[serde(default)]
    code: String,
    #[serde(default)]
    details: Details,
}

#[derive(Default, Deserialize)]
struct Details {
    #[serde(default)]
    coding: Vec<Coding>,
}

#[derive(Deserialize)]
struct Coding {
    #[serde(default)]
    code: String,
}

impl Issue {
    /// The outcomes that are answers: by the code of the NHS, or else by that of FHIR.
    fn trace(&self) -> Option<Trace> {
        let codes = self.details.coding.iter().map(|coding| coding.code.as_str()).chain([self.code.as_str()]);
        codes.into_iter().find_map(|code| match code {
            "TOO_MANY_MATCHES" | "multiple-matches" => Some(Trace::SeveralRecords),
            "RESOURCE_NOT_FOUND" | "not-found" => Some(Trace::NoRecord),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::identity::ClaimedIdentity;
    use serde_json::{Value, json};

    fn patient() -> Value {
        json!({
            "resourceType": "Patient", "id": "9990000018",
            "identifier": [{"system": NHS_NUMBER, "value": "9990000018"}],
            "name": [
                {"use": "old", "family": "Before", "given": ["Astra"]},
                {"use": "usual", "family": "Testersen", "given": ["Astra", "Nova"]}
            ],
            "birthDate": "1976-08-12",
            "address": [{"use": "temp", "postalCode": "ZA9 9ZZ"}, {"use": "home", "postalCode": "ZA1 1AA"}]
        })
    }

    fn bundle(patients: &[Value]) -> Value {
        let entry: Vec<_> = patients.iter().map(|patient| json!({"resource": patient})).collect();
        json!({"resourceType": "Bundle", "type": "searchset", "total": entry.len(), "entry": entry})
    }

    fn told(answer: &Value) -> Result<Trace, TraceError> {
        trace(answer.to_string().as_bytes())
    }

    fn claimed(json: &str) -> Vec<(&'static str, String)> {
        search(&ClaimedIdentity::from_sealed_json(json).unwrap())
    }

    #[test]
    fn a_search_goes_by_the_number_or_else_by_name_birth_and_postcode() {
        let by_number = claimed(r#"{"date_of_birth":"1976-08-12","nhs_number":"9990000018"}"#);
        assert_eq!(by_number, [("identifier", format!("{NHS_NUMBER}|9990000018"))]);
        let by_name =
            claimed(r#"{"given":"Astra Nova","family":"Testersen","date_of_birth":"1976-08-12","postcode":"ZA1 1AA"}"#);
        let values: Vec<_> = by_name.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(values, ["birthdate=eq1976-08-12", "family=Testersen", "given=Astra", "address-postalcode=ZA1 1AA"]);
    }

    #[test]
    fn one_patient_is_the_record_by_its_usual_name_and_home() {
        let Ok(Trace::Found(record)) = told(&bundle(&[patient()])) else { panic!("not found") };
        assert_eq!((record.given.expose().as_str(), record.family.expose().as_str()), ("Astra Nova", "Testersen"));
        assert_eq!(record.postcode.expose().as_deref(), Some("ZA1 1AA"));
        assert_eq!(record.date_of_birth.expose().unwrap().to_string(), "1976-08-12");
        assert!(!record.is_deceased);
    }

    #[test]
    fn none_and_several_are_answers_however_they_are_told() {
        let outcome = |code: &str| {
            json!({"resourceType": "OperationOutcome",
                   "issue": [{"code": "processing", "details": {"coding": [{"code": code}]}}]})
        };
        for (answer, expected) in [
            (bundle(&[]), Trace::NoRecord),
            (outcome("RESOURCE_NOT_FOUND"), Trace::NoRecord),
            (outcome("TOO_MANY_MATCHES"), Trace::SeveralRecords),
            (bundle(&[patient(), patient()]), Trace::SeveralRecords),
        ] {
            assert_eq!(told(&answer), Ok(expected), "{answer}");
        }
        assert!(told(&outcome("INVALID_SEARCH_DATA")).is_err());
    }

    #[test]
    fn the_dead_are_found_in_both_ways_of_saying_it() {
        for (name, value) in
            [("deceasedBoolean", json!(true)), ("deceasedDateTime", json!("2020-01-01T00:00:00+00:00"))]
        {
            let mut dead = patient();
            dead[name] = value;
            assert!(matches!(told(&bundle(&[dead])), Ok(Trace::Found(record)) if record.is_deceased), "{name}");
        }
    }

    #[test]
    fn what_is_no_answer_is_an_error_and_never_a_missing_record() {
        for text in ["", "[]", "<html>", r#"{"resourceType":"Basic"}"#, r#"{"resourceType":"Patient"}"#] {
            assert!(matches!(trace(text.as_bytes()), Err(TraceError::NotUnderstood(_))), "{text}");
        }
        let mut unnamed = patient();
        unnamed["name"] = json!([]);
        assert!(told(&bundle(&[unnamed])).is_err());
    }
}
