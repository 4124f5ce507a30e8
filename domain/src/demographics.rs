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

/// What is doubtful about the answer as a whole, by the reason that an outcome may carry.
pub fn doubt(trace: &Trace) -> Option<Reason> {
    match trace {
        Trace::NoRecord => Some(Reason::NoRecord),
        Trace::SeveralRecords => Some(Reason::SeveralRecords),
        Trace::Found(record) => record.is_deceased.then_some(Reason::RecordDeceased),
    }
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

    fn differing(record: Record) -> Vec<&'static str> {
        let facts = beside(&claimed(true), Some(&record));
        facts.iter().filter(|fact| fact.agreement == Agreement::Differs).map(|fact| fact.name.code()).collect()
    }

    #[test]
    fn spelling_and_spaces_set_aside_a_record_agrees() {
        let facts = beside(&claimed(true), Some(&record()));
        assert_eq!(facts.len(), 5);
        assert!(facts.iter().all(|fact| fact.agreement == Agreement::Agrees), "{facts:?}");
    }

    #[test]
    fn what_differs_is_told_fact_by_fact() {
        let peter = Record { given: "Peter".to_owned().into(), family: "Jones".to_owned().into(), ..record() };
        let born = Record { date_of_birth: NaiveDate::from_ymd_opt(1978, 3, 9).into(), ..record() };
        let moved = Record { postcode: Some("LS1 4AP".to_owned()).into(), ..record() };
        assert_eq!(differing(peter), ["given_names", "family_name"]);
        assert_eq!(differing(born), ["date_of_birth"]);
        assert_eq!(differing(moved), ["postcode"]);
    }

    #[test]
    fn an_answer_is_doubtful_without_one_living_person() {
        let dead = Record { is_deceased: true, ..record() };
        let of = |trace| doubt(&trace).map(Reason::code);
        assert_eq!(of(Trace::NoRecord), Some("no_record"));
        assert_eq!(of(Trace::SeveralRecords), Some("several_records"));
        assert_eq!(of(Trace::Found(dead)), Some("record_deceased"));
        assert_eq!(of(Trace::Found(record())), None);
    }

    #[test]
    fn what_one_side_leaves_out_is_not_called_a_difference() {
        let withheld = Record { postcode: None.into(), date_of_birth: None.into(), ..record() };
        assert!(differing(withheld).is_empty());
        let facts = beside(&claimed(false), Some(&record()));
        let family = facts.iter().find(|fact| fact.name == Particular::Family);
        assert!(family.is_some_and(|fact| fact.claimed.is_none() && fact.agreement == Agreement::Unknown));
    }

    #[test]
    fn a_superseded_number_is_told_as_such() {
        let other = Record { nhs_number: "9686368973".to_owned().into(), ..record() };
        assert!(is_superseded(&claimed(true), &other) && !is_superseded(&claimed(true), &record()));
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
