//! A checker's own judgement, given before any machine answer is seen, and what it permits.

use crate::decision::Outcome;
use serde::{Deserialize, Serialize};

crate::evidence::coded!(/// "Are these the same person?", on a five-step scale or honestly unanswerable.
FaceRating {
    SureDifferent = "sure_different",
    ProbablyDifferent = "probably_different",
    Unsure = "unsure",
    ProbablySame = "probably_same",
    SureSame = "sure_same",
    CannotTell = "cannot_tell",
});

use std::fmt;
use std::str::FromStr;

impl FaceRating {
    pub fn label(self) -> &'static str {
        match self {
            FaceRating::SureDifferent => "1: sure they are different people",
            FaceRating::ProbablyDifferent => "2: probably different people",
            FaceRating::Unsure => "3: unsure",
            FaceRating::ProbablySame => "4: probably the same person",
            FaceRating::SureSame => "5: sure they are the same person",
            FaceRating::CannotTell => "Cannot tell: the pictures are not good enough",
        }
    }
}

/// The decision contradicts the checker's own reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadingRefused {
    #[error("Answer the face question before you decide.")]
    NotRated,
    #[error(
        "You can approve only after answering that the faces are probably or surely the same. Change your answer first if you now see it differently."
    )]
    ApprovalNeedsAMatch,
}

/// Approval needs a rating that says "same"; every other outcome needs only that a rating exists.
///
/// # Errors
/// [`ReadingRefused`], with the sentence for the checker.
pub fn permits(rating: Option<FaceRating>, outcome: &Outcome) -> Result<(), ReadingRefused> {
    let rating = rating.ok_or(ReadingRefused::NotRated)?;
    let says_same = matches!(rating, FaceRating::ProbablySame | FaceRating::SureSame);
    if matches!(outcome, Outcome::Approved) && !says_same {
        return Err(ReadingRefused::ApprovalNeedsAMatch);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reading_that_says_same_permits_approval() {
        assert_eq!(permits(None, &Outcome::Approved), Err(ReadingRefused::NotRated));
        for rating in FaceRating::ALL {
            let permitted = permits(Some(*rating), &Outcome::Approved).is_ok();
            let says_same = matches!(rating, FaceRating::ProbablySame | FaceRating::SureSame);
            assert_eq!(permitted, says_same, "{rating}");
        }
    }
}
