//! What a checker can decide, and what makes a decision complete.

use crate::evidence::EvidenceKind;
use crate::reasons::{Ending, Reason};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Reasons one decision may carry; more would not be read by anyone.
pub const REASONS_MAX: usize = 5;
/// Characters of the note the patient reads.
pub const PATIENT_NOTE_CHARS_MAX: usize = 200;
/// Characters of the note only staff read.
pub const INTERNAL_NOTE_CHARS_MAX: usize = 2_000;

/// A decision about one submission, made once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Approved,
    Rejected {
        reasons: Vec<Reason>,
    },
    /// The patient sends `what` again; the good half is kept.
    AskAgain {
        what: Vec<EvidenceKind>,
        reasons: Vec<Reason>,
    },
}

crate::evidence::coded!(/// The outcome without its facts.
OutcomeKind {
    Approved = "approved",
    Rejected = "rejected",
    AskAgain = "ask_again",
});

/// The decision is incomplete or contradicts itself; the text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    #[error("Choose at least one reason.")]
    NoReason,
    #[error("Choose at most {REASONS_MAX} reasons.")]
    TooManyReasons,
    #[error("Choose what the patient should send again.")]
    NothingToSendAgain,
    #[error("“{0}” cannot be put right by sending something again. Reject instead, or remove it.")]
    FinalReasonInRetake(&'static str),
    #[error("The note to the patient must be {PATIENT_NOTE_CHARS_MAX} characters or fewer.")]
    PatientNoteTooLong,
    #[error("The internal note must be {INTERNAL_NOTE_CHARS_MAX} characters or fewer.")]
    InternalNoteTooLong,
}

impl Outcome {
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Outcome::Approved => OutcomeKind::Approved,
            Outcome::Rejected { .. } => OutcomeKind::Rejected,
            Outcome::AskAgain { .. } => OutcomeKind::AskAgain,
        }
    }

    pub fn reasons(&self) -> &[Reason] {
        match self {
            Outcome::Approved => &[],
            Outcome::Rejected { reasons } | Outcome::AskAgain { reasons, .. } => reasons,
        }
    }

    /// What the patient is asked to send again; empty unless the outcome asks for it.
    pub fn what(&self) -> &[EvidenceKind] {
        match self {
            Outcome::AskAgain { what, .. } => what,
            Outcome::Approved | Outcome::Rejected { .. } => &[],
        }
    }

    /// Whether the decision is complete and in itself consistent.
    ///
    /// # Errors
    /// [`DecisionError`], with the sentence for the checker.
    pub fn check(&self) -> Result<(), DecisionError> {
        if matches!(self, Outcome::Approved) {
            return Ok(());
        }
        if self.reasons().is_empty() {
            return Err(DecisionError::NoReason);
        }
        if self.reasons().len() > REASONS_MAX {
            return Err(DecisionError::TooManyReasons);
        }
        let Outcome::AskAgain { what, reasons } = self else { return Ok(()) };
        if what.is_empty() {
            return Err(DecisionError::NothingToSendAgain);
        }
        match reasons.iter().find(|reason| reason.ending() == Ending::Final) {
            Some(reason) => Err(DecisionError::FinalReasonInRetake(reason.code())),
            None => Ok(()),
        }
    }
}

/// Whether the two notes fit; counted in characters, as the page counts them.
///
/// # Errors
/// [`DecisionError`], with the sentence for the checker.
pub fn check_notes(patient: Option<&str>, internal: Option<&str>) -> Result<(), DecisionError> {
    let longer = |note: Option<&str>, max: usize| note.is_some_and(|text| text.chars().count() > max);
    if longer(patient, PATIENT_NOTE_CHARS_MAX) {
        return Err(DecisionError::PatientNoteTooLong);
    }
    if longer(internal, INTERNAL_NOTE_CHARS_MAX) {
        return Err(DecisionError::InternalNoteTooLong);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_needs_its_reasons_and_a_retake_only_what_can_be_put_right() {
        let blurred = vec![Reason::Blurred];
        let differs = vec![Reason::FaceDiffers];
        let photo = vec![EvidenceKind::IdPhotoFront];
        let cases = [
            (Outcome::Approved, Ok(())),
            (Outcome::Rejected { reasons: vec![] }, Err(DecisionError::NoReason)),
            (Outcome::Rejected { reasons: differs.clone() }, Ok(())),
            (Outcome::AskAgain { what: photo.clone(), reasons: blurred.clone() }, Ok(())),
            (Outcome::AskAgain { what: vec![], reasons: blurred }, Err(DecisionError::NothingToSendAgain)),
            (
                Outcome::AskAgain { what: photo, reasons: differs },
                Err(DecisionError::FinalReasonInRetake("face_differs")),
            ),
            (Outcome::Rejected { reasons: vec![Reason::Blurred; REASONS_MAX + 1] }, Err(DecisionError::TooManyReasons)),
        ];
        for (outcome, expected) in cases {
            assert_eq!(outcome.check(), expected, "{outcome:?}");
        }
    }

    #[test]
    fn notes_are_counted_in_characters() {
        let long = "é".repeat(PATIENT_NOTE_CHARS_MAX);
        assert_eq!(check_notes(Some(&long), None), Ok(()));
        assert_eq!(check_notes(Some(&format!("{long}e")), None), Err(DecisionError::PatientNoteTooLong));
    }
}
