//! The demographic record: what the health service holds about a person, and how a claim stands beside it.
//!
//! A trace decides nothing. It is a fact that the checker compares, as they compare the document.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::evidence::coded;
use crate::identity::{ClaimedIdentity, NhsNumber};
use crate::precheck::names::{Agreement, Shown, compared};
use crate::reasons::Reason;
use crate::redacted::{Redacted, exposed};

coded!(
    /// What asking for a record came to.
    TraceResult {
        Found = "found",
        NoRecord = "no_record",
        SeveralRecords = "several_records",
        NotAnswered = "not_answered",
    }
);

coded!(
    /// One fact that a claim and a record may share.
    Particular {
        Given = "given_names",
        Family = "family_name",
        Birth = "date_of_birth",
        NhsNumber = "nhs_number",
        Postcode = "postcode",
    }
);

/// One record, as far as it says who somebody is. Written out only to be sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// All given names, with a space between.
    #[serde(serialize_with = "exposed")]
    pub given: Redacted<String>,
    #[serde(serialize_with = "exposed")]
    pub family: Redacted<String>,
    #[serde(serialize_with = "exposed")]
    pub date_of_birth: Redacted<Option<NaiveDate>>,
    /// The number in force: another than the one that was asked for, when that was superseded.
    #[serde(serialize_with = "exposed")]
    pub nhs_number: Redacted<String>,
    /// Withheld in a restricted record.
    #[serde(serialize_with = "exposed")]
    pub postcode: Redacted<Option<String>>,
    pub is_deceased: bool,
}

/// What the record service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    Found(Record),
    NoRecord,
    SeveralRecords,
}

impl Trace {
    pub fn result(&self) -> TraceResult {
        match self {
            Self::Found(_) => TraceResult::Found,
            Self::NoRecord => TraceResult::NoRecord,
            Self::SeveralRecords => TraceResult::SeveralRecords,
        }
    }
}

/// One fact as claimed and as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedFact {
    pub name: Particular,
    pub claimed: Option<Redacted<String>>,
    pub recorded: Option<Redacted<String>>,
    pub agreement: Agreement,
}

/// Every fact of which either side says something, in the order in which people read them.
pub fn beside(claimed: &ClaimedIdentity, record: Option<&Record>) -> Vec<RecordedFact> {
    let name = claimed.name.as_ref();
    let names = name.zip(record).map_or(Agreement::Unknown, |(name, record)| {
        let shown = Shown { family: record.family.expose(), given: record.given.expose(), is_cut: false };
        compared(name, shown)
    });
    let told = |name| match name {
        Particular::Given => claimed.name.as_ref().map(|name| name.expose_given().to_owned()),
        Particular::Family => claimed.name.as_ref().map(|name| name.expose_family().to_owned()),
        Particular::Birth => Some(in_words(claimed.date_of_birth.expose())),
        Particular::NhsNumber => claimed.nhs_number.as_ref().map(NhsNumber::expose_spaced),
        Particular::Postcode => claimed.postcode.as_ref().map(|postcode| postcode.expose().to_owned()),
    };
    let facts = Particular::ALL.iter().map(|name| {
        let (told, recorded) = (told(*name), record.and_then(|record| record.says(*name)));
        let agreement = match name {
            Particular::Given | Particular::Family => names,
            _ => same(told.as_deref(), recorded.as_deref()),
        };
        RecordedFact { name: *name, claimed: told.map(Redacted::new), recorded: recorded.map(Redacted::new), agreement }
    });
    facts.filter(|fact| fact.claimed.is_some() || fact.recorded.is_some()).collect()
}

impl Record {
    fn says(&self, name: Particular) -> Option<String> {
        let text = match name {
            Particular::Given => Some(self.given.expose().clone()),
            Particular::Family => Some(self.family.expose().clone()),
            Particular::Birth => self.date_of_birth.expose().map(in_words),
            Particular::NhsNumber => {
                let number = self.nhs_number.expose();
                Some(NhsNumber::parse(number).map_or_else(|_| number.clone(), |number| number.expose_spaced()))
            }
            Particular::Postcode => self.postcode.expose().clone(),
        };
        text.filter(|text| !text.is_empty())
    }
}

/// What a checker should look at, by the reasons that an outcome may carry.
pub fn concerns(claimed: &ClaimedIdentity, trace: &Trace) -> Vec<Reason> {
    let record = match trace {
        Trace::NoRecord => return vec![Reason::NoRecord],
        Trace::SeveralRecords => return vec![Reason::SeveralRecords],
        Trace::Found(record) => record,
    };
    let mut found: Vec<Reason> = record.is_deceased.then_some(Reason::RecordDeceased).into_iter().collect();
    for fact in beside(claimed, Some(record)).iter().filter(|fact| fact.agreement == Agreement::Differs) {
        let reason = match fact.name {
            Particular::Given | Particular::Family => Reason::NameDiffers,
            Particular::Birth => Reason::DateOfBirthDiffers,
            Particular::Postcode => Reason::PostcodeDiffers,
            // The number was superseded: the record itself was found by it.
            Particular::NhsNumber => continue,
        };
        if !found.contains(&reason) {
            found.push(reason);
        }
    }
    found
}

/// Whether the number that was claimed is no longer the one in force.
pub fn is_superseded(claimed: &ClaimedIdentity, record: &Record) -> bool {
    claimed.nhs_number.as_ref().is_some_and(|number| number.expose() != record.nhs_number.expose())
}

/// Spaces and capitals set aside.
fn same(claimed: Option<&str>, recorded: Option<&str>) -> Agreement {
    let folded =
        |text: &str| text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect::<String>();
    match claimed.map(folded).zip(recorded.map(folded)) {
        Some((claimed, recorded)) if claimed == recorded => Agreement::Agrees,
        Some(_) => Agreement::Differs,
        None => Agreement::Unknown,
    }
}

fn in_words(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{DateOfBirth, PersonName, Postcode};

    fn claimed(with_name: bool) -> ClaimedIdentity {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default();
        ClaimedIdentity {
            name: with_name.then(|| PersonName::parse("Mary Ann", "O'Neill").unwrap()),
            date_of_birth: DateOfBirth::parse("1987-03-09", today, 13).unwrap(),
            nhs_number: NhsNumber::parse("9912003888").ok(),
            postcode: Postcode::parse("SW1A 1AA").ok(),
        }
    }

    fn record() -> Record {
        Record {
            given: "Mary".to_owned().into(),
            family: "ONEILL".to_owned().into(),
            date_of_birth: NaiveDate::from_ymd_opt(1987, 3, 9).into(),
            nhs_number: "9912003888".to_owned().into(),
            postcode: Some("sw1a1aa".to_owned()).into(),
            is_deceased: false,
        }
    }

    fn told(record: Record) -> Vec<&'static str> {
        concerns(&claimed(true), &Trace::Found(record)).into_iter().map(Reason::code).collect()
    }

    #[test]
    fn spelling_and_spaces_set_aside_a_record_agrees() {
        let facts = beside(&claimed(true), Some(&record()));
        assert_eq!(facts.len(), 5);
        assert!(facts.iter().all(|fact| fact.agreement == Agreement::Agrees), "{facts:?}");
        assert!(told(record()).is_empty());
    }

    #[test]
    fn each_difference_is_named_once_by_its_reason() {
        let day = NaiveDate::from_ymd_opt(1978, 3, 9);
        for (other, reason) in [
            (
                Record { given: "Peter".to_owned().into(), family: "Jones".to_owned().into(), ..record() },
                "name_differs",
            ),
            (Record { date_of_birth: day.into(), ..record() }, "date_of_birth_differs"),
            (Record { postcode: Some("LS1 4AP".to_owned()).into(), ..record() }, "postcode_differs"),
            (Record { is_deceased: true, ..record() }, "record_deceased"),
        ] {
            assert_eq!(told(other), [reason]);
        }
        let of = |trace| concerns(&claimed(true), &trace);
        assert_eq!(of(Trace::NoRecord), [Reason::NoRecord]);
        assert_eq!(of(Trace::SeveralRecords), [Reason::SeveralRecords]);
    }

    #[test]
    fn what_one_side_leaves_out_is_not_called_a_difference() {
        let withheld = Record { postcode: None.into(), date_of_birth: None.into(), ..record() };
        assert!(told(withheld).is_empty());
        let facts = beside(&claimed(false), Some(&record()));
        let family = facts.iter().find(|fact| fact.name == Particular::Family);
        assert!(family.is_some_and(|fact| fact.claimed.is_none() && fact.agreement == Agreement::Unknown));
    }

    #[test]
    fn a_superseded_number_is_told_and_is_no_difference_of_persons() {
        let other = Record { nhs_number: "9686368973".to_owned().into(), ..record() };
        assert!(is_superseded(&claimed(true), &other) && !is_superseded(&claimed(true), &record()));
        assert!(told(other).is_empty());
    }

    #[test]
    fn a_record_is_sealed_and_read_back_and_prints_nothing() {
        let json = serde_json::to_string(&record()).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record());
        let printed = format!("{:?}", Trace::Found(record()));
        for secret in ["Mary", "ONEILL", "1987", "9912003888", "sw1a"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
