//! The fusion rule: which readings end a submission, and which go on to another reader. The rule is data, so that it
//! can be shown, changed without code, and replayed over the readings of the past.
//!
//! Neither a finding nor a record ever decides: they only send a decision that contradicts them to another person.

mod facts;

pub use facts::{Facts, Opinion, opinion, opinion_of_record};

use crate::decision::OutcomeKind;
use crate::evidence::coded;
use crate::reading::{FaceRating, NumbersMatch, Seen};
use crate::submission::Stage;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

coded!(/// What follows from a concluded reading.
Next {
    /// Its outcome is the decision.
    Ends = "ends",
    SecondReading = "second_reading",
    Arbitration = "arbitration",
});

/// Rows that hold for first readings, the first that fits counts; then what follows from two readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stored with every reading it was applied to.
    pub name: String,
    pub first: Vec<Row>,
    /// Two readings that came to the same kind of outcome.
    pub agreed: Next,
    pub differed: Next,
}

/// One combination and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub name: String,
    #[serde(default)]
    pub when: When,
    pub then: Next,
}

/// Everything named has to hold; an empty list asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    pub outcome: Vec<OutcomeKind>,
    pub face: Vec<FaceRating>,
    pub numbers: Vec<NumbersMatch>,
    pub document: Vec<Seen>,
    pub machine: Vec<Opinion>,
    pub record: Vec<Opinion>,
    /// At least so many concerns about the video.
    pub concerns_min: usize,
    /// Whether the reader asked for another reader.
    pub asked: Option<bool>,
}

/// What a rule made of one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fused {
    pub row: String,
    pub then: Next,
}

impl Rule {
    /// The rule in force. Rejections by the face rest on one person's eye, and approvals with any doubt or against the
    /// machine's findings are where two independent readers help most (White 2014; Jeckeln 2018; Taylor-Phillips). An
    /// approval without the record may open a stranger's.
    pub fn standard() -> Rule {
        use OutcomeKind::{Approved, AskAgain, Rejected};
        let row = |name: &str, when: When, then: Next| Row { name: name.to_owned(), when, then };
        let when = |outcome: OutcomeKind| When { outcome: vec![outcome], ..When::default() };
        let unsure_faces = vec![FaceRating::SureDifferent, FaceRating::ProbablyDifferent, FaceRating::Unsure];
        Rule {
            name: "B".to_owned(),
            first: vec![
                row("another reader was asked for", When { asked: Some(true), ..When::default() }, Next::SecondReading),
                row("asked for a retake", when(AskAgain), Next::Ends),
                row("rejected on the face", When { face: unsure_faces, ..when(Rejected) }, Next::SecondReading),
                row(
                    "rejected though the machine found nothing",
                    When { machine: vec![Opinion::Disagrees], ..when(Rejected) },
                    Next::SecondReading,
                ),
                row("rejected", when(Rejected), Next::Ends),
                row(
                    "approved with a doubt about the face",
                    When { face: vec![FaceRating::ProbablySame], ..when(Approved) },
                    Next::SecondReading,
                ),
                row(
                    "approved with unclear numbers",
                    When { numbers: vec![NumbersMatch::Unclear], ..when(Approved) },
                    Next::SecondReading,
                ),
                row(
                    "approved with a doubt about the document",
                    When { document: vec![Seen::Unsure], ..when(Approved) },
                    Next::SecondReading,
                ),
                row(
                    "approved with a concern about the video",
                    When { concerns_min: 1, ..when(Approved) },
                    Next::SecondReading,
                ),
                row(
                    "approved though the machine found something",
                    When { machine: vec![Opinion::Disagrees], ..when(Approved) },
                    Next::SecondReading,
                ),
                row(
                    "approved without a record that says the same",
                    When { record: vec![Opinion::Disagrees, Opinion::Silent], ..when(Approved) },
                    Next::SecondReading,
                ),
                row("approved", when(Approved), Next::Ends),
            ],
            agreed: Next::Ends,
            differed: Next::Arbitration,
        }
    }

    /// What follows from this reading. A reading that no row fits is read again; an arbitration always ends.
    pub fn fuse(&self, facts: &Facts) -> Fused {
        match (facts.stage, facts.earlier.last()) {
            (Stage::Arbitration, _) => Fused { row: "arbitrated".to_owned(), then: Next::Ends },
            (Stage::Second, Some(earlier)) if *earlier == facts.outcome => {
                Fused { row: "two readings agree".to_owned(), then: self.agreed }
            }
            (Stage::Second, _) => Fused { row: "two readings differ".to_owned(), then: self.differed },
            (Stage::First, _) => match self.first.iter().find(|row| row.when.holds(facts)) {
                Some(row) => Fused { row: row.name.clone(), then: row.then },
                None => Fused { row: "no row fits".to_owned(), then: Next::SecondReading },
            },
        }
    }
}

impl When {
    fn holds(&self, facts: &Facts) -> bool {
        fn among<T: PartialEq>(list: &[T], value: &T) -> bool {
            list.is_empty() || list.contains(value)
        }
        among(&self.outcome, &facts.outcome)
            && among(&self.face, &facts.face)
            && among(&self.numbers, &facts.numbers)
            && among(&self.document, &facts.document)
            && among(&self.machine, &facts.machine)
            && (self.record.is_empty() || facts.record.is_some_and(|record| self.record.contains(&record)))
            && facts.concerns >= self.concerns_min
            && self.asked.is_none_or(|asked| asked == facts.asked)
    }
}

impl Next {
    /// The stage that follows, where the submission goes on.
    pub fn stage(self) -> Option<Stage> {
        match self {
            Next::Ends => None,
            Next::SecondReading => Some(Stage::Second),
            Next::Arbitration => Some(Stage::Arbitration),
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Next::Ends => "ends the submission",
            Next::SecondReading => "goes to a second reader",
            Next::Arbitration => "goes to a senior",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(outcome: OutcomeKind) -> Facts {
        Facts {
            stage: Stage::First,
            outcome,
            face: FaceRating::SureSame,
            numbers: NumbersMatch::Equal,
            document: Seen::Yes,
            concerns: 0,
            machine: Opinion::Agrees,
            record: Some(Opinion::Agrees),
            asked: false,
            earlier: vec![],
        }
    }

    #[test]
    fn each_combination_leads_where_the_table_says() {
        use OutcomeKind::{Approved, AskAgain, Rejected};
        let (approved, rejected) = (facts(Approved), facts(Rejected));
        let cases = [
            (approved.clone(), Next::Ends),
            (Facts { machine: Opinion::Silent, ..approved.clone() }, Next::Ends),
            (Facts { machine: Opinion::Disagrees, ..approved.clone() }, Next::SecondReading),
            (Facts { record: Some(Opinion::Disagrees), ..approved.clone() }, Next::SecondReading),
            (Facts { record: Some(Opinion::Silent), ..approved.clone() }, Next::SecondReading),
            (Facts { record: None, ..approved.clone() }, Next::Ends),
            (Facts { face: FaceRating::ProbablySame, ..approved.clone() }, Next::SecondReading),
            (Facts { numbers: NumbersMatch::Unclear, ..approved.clone() }, Next::SecondReading),
            (Facts { document: Seen::Unsure, ..approved.clone() }, Next::SecondReading),
            (Facts { asked: true, ..approved.clone() }, Next::SecondReading),
            (Facts { concerns: 1, ..approved }, Next::SecondReading),
            (rejected.clone(), Next::Ends),
            (Facts { record: Some(Opinion::Silent), ..rejected.clone() }, Next::Ends),
            (Facts { face: FaceRating::SureDifferent, ..rejected.clone() }, Next::SecondReading),
            (Facts { face: FaceRating::CannotTell, ..rejected.clone() }, Next::Ends),
            (Facts { machine: Opinion::Disagrees, ..rejected }, Next::SecondReading),
            (Facts { face: FaceRating::Unsure, machine: Opinion::Disagrees, ..facts(AskAgain) }, Next::Ends),
        ];
        for (facts, expected) in cases {
            assert_eq!(Rule::standard().fuse(&facts).then, expected, "{facts:?}");
        }
    }

    #[test]
    fn two_that_agree_end_it_two_that_differ_go_to_a_senior_and_the_senior_ends_it() {
        use OutcomeKind::{Approved, Rejected};
        let second = |earlier| Facts { stage: Stage::Second, earlier: vec![earlier], ..facts(Approved) };
        let rule = Rule::standard();
        assert_eq!(rule.fuse(&second(Approved)).then, Next::Ends);
        assert_eq!(rule.fuse(&second(Rejected)).then, Next::Arbitration);
        let third = Facts { stage: Stage::Arbitration, earlier: vec![Approved, Rejected], ..facts(Rejected) };
        assert_eq!(rule.fuse(&third).then, Next::Ends);
    }

    #[test]
    fn a_rule_is_data_and_what_it_does_not_know_is_refused() {
        let rule = Rule::standard();
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule);
        let misspelt = text.replacen("concerns_min", "concern_min", 1);
        assert!(serde_json::from_str::<Rule>(&misspelt).is_err());
    }

    #[test]
    fn a_reading_that_no_row_fits_is_read_again() {
        let empty = Rule { first: vec![], ..Rule::standard() };
        assert_eq!(empty.fuse(&facts(OutcomeKind::Approved)).then, Next::SecondReading);
    }
}
