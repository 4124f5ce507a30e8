//! The whole claim: date of birth, and the NHS number or else name and postcode; written out only to be sealed.

use serde::Deserialize;

use super::{DateOfBirth, IdentityError, NhsNumber, PersonName, Postcode};

/// What a patient says about themselves, enough to find one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedIdentity {
    pub name: Option<PersonName>,
    pub date_of_birth: DateOfBirth,
    pub nhs_number: Option<NhsNumber>,
    pub postcode: Option<Postcode>,
}

impl ClaimedIdentity {
    /// Refuses a claim by which no record could be found: without an NHS number, name and postcode are both needed.
    pub fn new(
        name: Option<PersonName>,
        date_of_birth: DateOfBirth,
        nhs_number: Option<NhsNumber>,
        postcode: Option<Postcode>,
    ) -> Result<Self, IdentityError> {
        match Self::missing(name.as_ref(), nhs_number.as_ref(), postcode.as_ref()) {
            Some(missing) => Err(missing),
            None => Ok(Self { name, date_of_birth, nhs_number, postcode }),
        }
    }

    /// What is missing for a record to be found, told by what was given, whether or not it was well formed: so that it
    /// can be reported together with everything else that is wrong.
    pub fn missing<N, H, P>(name: Option<N>, nhs_number: Option<H>, postcode: Option<P>) -> Option<IdentityError> {
        let (field, message) = match (nhs_number, name, postcode) {
            (Some(_), _, _) | (None, Some(_), Some(_)) => return None,
            (None, None, None) => ("nhs_number", "Enter the NHS number, or the name and the postcode."),
            (None, None, Some(_)) => ("name", "Enter the name too, or else the NHS number."),
            (None, Some(_), None) => ("postcode", "Enter the postcode too, or else the NHS number."),
        };
        Some(IdentityError::new(field, "missing", message))
    }

    /// The claim in the clear, to be encrypted at once. There is no other way to write it out.
    pub fn to_sealed_json(&self) -> String {
        serde_json::json!({
            "given": self.name.as_ref().map(PersonName::expose_given),
            "family": self.name.as_ref().map(PersonName::expose_family),
            "date_of_birth": self.date_of_birth.iso(),
            "nhs_number": self.nhs_number.as_ref().map(NhsNumber::expose),
            "postcode": self.postcode.as_ref().map(Postcode::expose),
        })
        .to_string()
    }

    /// Reads what `to_sealed_json` wrote. The age rule is not applied again: it was policy on the day of the claim.
    pub fn from_sealed_json(json: &str) -> Result<Self, IdentityError> {
        let unreadable = || IdentityError::new("claimed_identity", "unreadable", "The stored claim cannot be read.");
        let stored: Stored = serde_json::from_str(json).map_err(|_| unreadable())?;
        let name = match (stored.given, stored.family) {
            (Some(given), Some(family)) => Some(PersonName::parse(&given, &family)?),
            (None, None) => None,
            _ => return Err(unreadable()),
        };
        Self::new(
            name,
            DateOfBirth::stored(&stored.date_of_birth).ok_or_else(unreadable)?,
            stored.nhs_number.as_deref().map(NhsNumber::parse).transpose()?,
            stored.postcode.as_deref().map(Postcode::parse).transpose()?,
        )
    }
}

#[derive(Deserialize)]
struct Stored {
    given: Option<String>,
    family: Option<String>,
    date_of_birth: String,
    nhs_number: Option<String>,
    postcode: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds a claim of the parts named by the letters n (name), h (health service number), p (postcode).
    fn claim(parts: &str) -> Result<ClaimedIdentity, IdentityError> {
        let given = |letter: char| parts.contains(letter);
        ClaimedIdentity::new(
            given('n').then(|| PersonName::parse("Mary Ann", "O'Neill").unwrap()),
            DateOfBirth::stored("1987-03-09").unwrap(),
            given('h').then(|| NhsNumber::parse("9912003888").unwrap()),
            given('p').then(|| Postcode::parse("SW1A 1AA").unwrap()),
        )
    }

    #[test]
    fn a_claim_needs_the_nhs_number_or_else_name_and_postcode() {
        for parts in ["h", "hn", "hp", "hnp", "np"] {
            assert!(claim(parts).is_ok(), "{parts}");
        }
        for (parts, field) in [("", "nhs_number"), ("n", "postcode"), ("p", "name")] {
            let refused = claim(parts).unwrap_err();
            assert_eq!((refused.field, refused.code), (field, "missing"));
        }
    }

    #[test]
    fn a_sealed_claim_is_read_back_as_it_was() {
        for parts in ["h", "hn", "hp", "hnp", "np"] {
            let claimed = claim(parts).unwrap();
            assert_eq!(ClaimedIdentity::from_sealed_json(&claimed.to_sealed_json()), Ok(claimed));
        }
        for json in [
            "",
            "{}",
            "[]",
            r#"{"date_of_birth":"1987-03-09"}"#,
            r#"{"date_of_birth":"1987-03-09","given":"Mary","postcode":"SW1A 1AA"}"#,
            r#"{"date_of_birth":"1987-02-30","nhs_number":"9912003888"}"#,
            r#"{"date_of_birth":"1987-03-09","nhs_number":"9912003889"}"#,
        ] {
            assert!(ClaimedIdentity::from_sealed_json(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_claim_never_prints_what_it_holds() {
        let printed = format!("{:?}", claim("hnp").unwrap());
        for secret in ["Mary", "Neill", "1987", "9912003888", "SW1A"] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert!(printed.contains("[redacted]"));
    }
}
