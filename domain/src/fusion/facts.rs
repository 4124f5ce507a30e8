//! What a rule may look at: one reading in codes, without a name, a number or a picture, so that it can be kept for replay.

use crate::decision::OutcomeKind;
use crate::evidence::coded;
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
            asked: false,
            earlier: Vec::new(),
        })
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
    use crate::evidence::EvidenceKind;
    use std::collections::BTreeMap;

    fn finding(check: Check, result: FindingResult) -> Finding {
        let evidence = EvidenceKind::IdPhotoFront;
        Finding { evidence, check, result, reason: None, measures: BTreeMap::new(), note: None }
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
