//! Why a checker sets a submission aside. These words are for staff only; no patient is told them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::evidence::coded;

coded!(
    /// One reason to hold. The clock keeps running while a submission is held.
    HoldReason {
        NameDiscrepancy = "name_discrepancy",
        PossibleConfusion = "possible_confusion",
        PossibleDuplicate = "possible_duplicate",
        UnsupportedPostcode = "unsupported_postcode",
        DocumentIssue = "document_issue",
        PossibleFraud = "possible_fraud",
        PossibleSafeguarding = "possible_safeguarding",
        System = "system",
        Other = "other",
    }
);

impl HoldReason {
    /// Whether only a senior takes it off hold, and only with a named next step.
    pub fn needs_senior(self) -> bool {
        self == Self::PossibleSafeguarding
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::NameDiscrepancy => "Names do not agree",
            Self::PossibleConfusion => "May be mixed up with another person",
            Self::PossibleDuplicate => "May be a second login of the same person",
            Self::UnsupportedPostcode => "Postcode is not supported",
            Self::DocumentIssue => "Question about the document",
            Self::PossibleFraud => "Possible fraud",
            Self::PossibleSafeguarding => "Possible safeguarding concern",
            Self::System => "System problem",
            Self::Other => "Something else",
        }
    }
}
