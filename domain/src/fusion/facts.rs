//! What a rule may look at: one reading in codes, without a name, a number or a picture, so that it can be kept for replay.

use crate::decision::OutcomeKind;
use crate::demographics::{Particular, RecordedFact, Trace, beside, doubt};
use crate::evidence::coded;
use crate::identity::ClaimedIdentity;
use crate::precheck::names::Agreement;
use crate::precheck::{Check, Finding, FindingResult};
use crate::reading::{Answers, FaceRating, NumbersMatch, Seen};
use crate::submission::Stage;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

coded!(/// How the findings as a whole stand to an outcome.
Opinion {
    Agrees = "agrees",
    Disagrees = "disagrees",
    /// Nothing was assessed, or the outcome is none that a finding could speak about.
    Silent = "silent",
});

/// One reading, as a rule sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub stage: Stage,
    pub outcome: OutcomeKind,
    pub face: FaceRating,
    pub numbers: NumbersMatch,
    /// The answer about the document that weighs most.
    pub document: Seen,
    pub concerns: usize,
    pub machine: Opinion,
    /// How the demographic record stands to the outcome; `None` where no record service was set.
    #[serde(default)]
    pub record: Option<Opinion>,
    /// Whether the reader asked for another reader.
    #[serde(default)]
    pub asked: bool,
    /// Outcomes of the readings before, in their order.
    pub earlier: Vec<OutcomeKind>,
}

impl Facts {
    /// `None` before every step is answered.
    pub fn of(answers: &Answers, outcome: OutcomeKind, findings: &[Finding]) -> Option<Facts> {
        let (face, numbers, document) = (answers.face.as_ref()?, answers.numbers.as_ref()?, answers.document.as_ref()?);
        Some(Facts {
            stage: Stage::First,
            outcome,
            face: face.rating,
            numbers: numbers.matched,
            document: document.worst(),
            concerns: numbers.concerns.len(),
            machine: opinion(findings, outcome),
            record: None,
            asked: false,
            earlier: Vec::new(),
        })
    }
}

/// An approval is contradicted by anything but the one record of a living person in which nothing differs from the claim; a
/// number that was superseded is no difference. A record speaks for nobody while it is not there or leaves out the name or
/// the birth, and says nothing of a rejection or a retake.
pub fn opinion_of_record(claimed: &ClaimedIdentity, trace: Option<&Trace>, outcome: OutcomeKind) -> Opinion {
    let (OutcomeKind::Approved, Some(trace)) = (outcome, trace) else { return Opinion::Silent };
    let Trace::Found(record) = trace else { return Opinion::Disagrees };
    let facts = beside(claimed, Some(record));
    let differs = |fact: &RecordedFact| fact.agreement == Agreement::Differs && fact.name != Particular::NhsNumber;
    let left_out = |fact: &RecordedFact| {
        let who = matches!(fact.name, Particular::Given | Particular::Family | Particular::Birth);
        who && fact.claimed.is_some() && fact.agreement == Agreement::Unknown
    };
    if doubt(trace).is_some() || facts.iter().any(differs) {
        Opinion::Disagrees
    } else if facts.iter().any(left_out) {
        Opinion::Silent
    } else {
        Opinion::Agrees
    }
}

/// An approval is contradicted by any check of identity that found something; a rejection by none that did.
pub fn opinion(findings: &[Finding], outcome: OutcomeKind) -> Opinion {
    let assessed = |finding: &&Finding| finding.result != FindingResult::NotAssessed;
    let found = |finding: &Finding| matches!(finding.result, FindingResult::Attention | FindingResult::Unusable);
    if !findings.iter().any(|finding| assessed(&finding)) {
        return Opinion::Silent;
    }
    let about_identity = findings.iter().any(|finding| found(finding) && weighs_on_identity(finding.check));
    match outcome {
        OutcomeKind::Approved if about_identity => Opinion::Disagrees,
        OutcomeKind::Rejected if !findings.iter().any(found) => Opinion::Disagrees,
        OutcomeKind::AskAgain => Opinion::Silent,
        OutcomeKind::Approved | OutcomeKind::Rejected => Opinion::Agrees,
    }
}

/// Checks about who it is, not about how good the picture is.
fn weighs_on_identity(check: Check) -> bool {
    matches!(
        check,
        Check::PhotoMrz
            | Check::PhotoPrint
            | Check::PhotoScreen
            | Check::PhotoColour
            | Check::DocumentExpiry
            | Check::LicenceNumber
            | Check::ClaimedName
            | Check::ClaimedBirth
            | Check::VideoContinuity
            | Check::VideoFaces
            | Check::VideoNumbers
            | Check::VideoSeenBefore
            | Check::FileIntact
            | Check::FileSafe
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demographics::Record;
    use crate::evidence::EvidenceKind;
    use chrono::NaiveDate;
    use std::collections::BTreeMap;

    fn finding(check: Check, result: FindingResult) -> Finding {
        let evidence = EvidenceKind::IdPhotoFront;
        Finding { evidence, check, result, reason: None, measures: BTreeMap::new(), note: None }
    }

    #[test]
    fn a_record_contradicts_an_approval_unless_it_is_the_one_of_a_living_person_who_was_claimed() {
        let claimed = r#"{"date_of_birth":"1976-08-12","nhs_number":"9990000018","postcode":"ZA1 1AA"}"#;
        let claimed = ClaimedIdentity::from_sealed_json(claimed).unwrap();
        let record = Record {
            given: "Astra".to_owned().into(),
            family: "Testersen".to_owned().into(),
            date_of_birth: NaiveDate::from_ymd_opt(1976, 8, 12).into(),
            nhs_number: "9990000026".to_owned().into(),
            postcode: None.into(),
            is_deceased: false,
        };
        let dead = Record { is_deceased: true, ..record.clone() };
        let moved = Record { postcode: Some("ZA2 2AA".to_owned()).into(), ..record.clone() };
        let unborn = Record { date_of_birth: None.into(), ..record.clone() };
        let of = |trace: Option<Trace>, outcome| opinion_of_record(&claimed, trace.as_ref(), outcome);
        for (trace, expected) in [
            (Some(Trace::Found(record)), Opinion::Agrees),
            (Some(Trace::Found(dead)), Opinion::Disagrees),
            (Some(Trace::Found(moved)), Opinion::Disagrees),
            (Some(Trace::Found(unborn)), Opinion::Silent),
            (Some(Trace::NoRecord), Opinion::Disagrees),
            (Some(Trace::SeveralRecords), Opinion::Disagrees),
            (None, Opinion::Silent),
        ] {
            assert_eq!(of(trace.clone(), OutcomeKind::Approved), expected, "{trace:?}");
            assert_eq!(of(trace, OutcomeKind::Rejected), Opinion::Silent);
        }
    }

    #[test]
    fn the_findings_agree_contradict_or_say_nothing() {
        use FindingResult::{Attention, NotAssessed, Ok};
        let expired = [finding(Check::DocumentExpiry, Attention)];
        let soft = [finding(Check::PhotoSharpness, Attention)];
        let fine = [finding(Check::DocumentExpiry, Ok)];
        let unseen = [finding(Check::DocumentExpiry, NotAssessed)];
        let cases = [
            (&expired[..], OutcomeKind::Approved, Opinion::Disagrees),
            (&expired, OutcomeKind::Rejected, Opinion::Agrees),
            (&soft, OutcomeKind::Approved, Opinion::Agrees),
            (&soft, OutcomeKind::Rejected, Opinion::Agrees),
            (&fine, OutcomeKind::Approved, Opinion::Agrees),
            (&fine, OutcomeKind::Rejected, Opinion::Disagrees),
            (&unseen, OutcomeKind::Rejected, Opinion::Silent),
            (&[], OutcomeKind::Approved, Opinion::Silent),
            (&fine, OutcomeKind::AskAgain, Opinion::Silent),
        ];
        for (findings, outcome, expected) in cases {
            assert_eq!(opinion(findings, outcome), expected, "{findings:?} {outcome}");
        }
    }
}
