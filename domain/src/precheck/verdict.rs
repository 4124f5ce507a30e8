//! What happens after the pre-checks: people look, unless the media leave nothing to look at and the patient can fix it.

use serde::{Deserialize, Serialize};

use super::{Finding, FindingResult, Table};
use crate::evidence::EvidenceKind;
use crate::reasons::Reason;

/// Where a submission goes from `checking`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// To people, with whatever was found. This is the answer in every doubtful case.
    Review,
    /// Back to the patient for `what`; each reason stands once.
    Bounce { reasons: Vec<Reason>, what: Vec<EvidenceKind> },
}

/// Decides by the findings of all evidence and by the reasons this verification was bounced for before.
///
/// Any unusable finding whose reason was bounced before sends everything to people, even beside a new one: a patient
/// who did not get it right the first time needs a person, not another round. Only an item that people may not open
/// either goes back every time.
pub fn verdict(table: &Table, findings: &[Finding], bounced_before: &[Reason]) -> Verdict {
    let mut reasons = Vec::new();
    let mut what = Vec::new();
    let keeps_from_people = |finding: &Finding| {
        finding.result == FindingResult::Unusable && finding.reason.is_some_and(Reason::keeps_from_people)
    };
    let must_bounce = findings.iter().any(keeps_from_people);
    for finding in findings {
        let FindingResult::Unusable = finding.result else {
            continue;
        };
        let Some(reason) = finding.reason else {
            continue;
        };
        let bounces = reason.may_bounce() && table.bouncing.contains(&finding.check);
        if reason.keeps_from_people() {
            reasons.push(reason);
            what.push(finding.evidence);
        } else if bounced_before.contains(&reason) && !must_bounce {
            return Verdict::Review;
        } else if bounces && !bounced_before.contains(&reason) {
            reasons.push(reason);
            what.push(finding.evidence);
        }
    }
    if reasons.is_empty() {
        return Verdict::Review;
    }
    reasons.sort_unstable();
    reasons.dedup();
    what.sort_unstable();
    what.dedup();
    Verdict::Bounce { reasons, what }
}
