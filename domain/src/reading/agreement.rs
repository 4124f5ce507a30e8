//! Where a machine's finding can be held against a checker's own earlier answer, and whether the two agree.

use super::{Answers, DocumentQuestion, NumbersMatch, Seen};
use crate::evidence::coded;
use crate::precheck::{Check, Finding, FindingResult};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

coded!(/// A finding beside the answer that was given before it was seen.
Agreement {
    Agrees = "agrees",
    Disagrees = "disagrees",
});

/// `None` where the finding is about something nobody was asked, or says nothing, or the checker was unsure.
pub fn agreement(finding: &Finding, answers: &Answers) -> Option<Agreement> {
    let machine_is_content = match finding.result {
        FindingResult::Ok => true,
        FindingResult::Attention | FindingResult::Unusable => false,
        FindingResult::NotAssessed => return None,
    };
    let checker_is_content = content(finding.check, answers)?;
    Some(if machine_is_content == checker_is_content { Agreement::Agrees } else { Agreement::Disagrees })
}

/// Whether the checker's answer to what this check looks at was the good one.
fn content(check: Check, answers: &Answers) -> Option<bool> {
    if check == Check::VideoNumbers {
        return match answers.numbers.as_ref()?.matched {
            NumbersMatch::Equal => Some(true),
            NumbersMatch::Different | NumbersMatch::NotGiven => Some(false),
            NumbersMatch::Unclear => None,
        };
    }
    match answers.document.as_ref()?.seen.get(&question(check)?)? {
        Seen::Yes => Some(true),
        Seen::No => Some(false),
        Seen::Unsure => None,
    }
}

fn question(check: Check) -> Option<DocumentQuestion> {
    match check {
        Check::PhotoResolution
        | Check::PhotoSharpness
        | Check::PhotoExposure
        | Check::PhotoGlare
        | Check::PhotoDocument => Some(DocumentQuestion::Readable),
        Check::PhotoMrz | Check::PhotoColour | Check::PhotoScreen | Check::LicenceNumber => {
            Some(DocumentQuestion::Genuine)
        }
        Check::DocumentExpiry => Some(DocumentQuestion::InDate),
        Check::ClaimedName => Some(DocumentQuestion::NamesMatch),
        Check::ClaimedBirth => Some(DocumentQuestion::BirthMatches),
        _ => None,
    }
}

impl Agreement {
    pub fn label(self) -> &'static str {
        match self {
            Agreement::Agrees => "Agrees with you",
            Agreement::Disagrees => "Disagrees with you",
        }
    }
}
