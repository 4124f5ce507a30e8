//! A checker's own judgement, step by step: each answer is given before anything that it could lean on is shown.

mod agreement;
mod answers;
mod numbers;
mod steps;

pub use agreement::{Agreement, agreement};
pub use answers::{
    Concern, DocumentAnswer, DocumentQuestion, FaceAnswer, FaceRating, Feature, HowGiven, Look, NumbersAnswer, Seen,
};
pub use numbers::{NumbersError, NumbersMatch, TypedNumbers};
pub use steps::{Answers, Item, Step};

use crate::decision::Outcome;
use crate::submission::Stage;

/// The decision, or the answer, does not fit what this checker has answered so far.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadingRefused {
    #[error("Answer step {} first: {}.", .0.number(), .0.label())]
    AnswerFirst(Step),
    #[error("Compare the five features one by one: it is needed when you are unsure, and in every later reading.")]
    FeaturesMissing,
    #[error("Answer every question about the document.")]
    DocumentIncomplete,
    #[error(
        "You can approve only after answering that the faces are probably or surely the same. Change your answer first if you now see it differently."
    )]
    ApprovalNeedsAMatch,
    #[error("You can approve only when the numbers in the video are those that were asked for.")]
    ApprovalNeedsTheNumbers,
    #[error(
        "You answered “no” to a question about the document, so you cannot approve. Change that answer first if it was wrong."
    )]
    ApprovalNeedsTheDocument,
}

/// Whether the answers so far permit this outcome: all three steps are answered, and an approval contradicts none.
///
/// # Errors
/// [`ReadingRefused`], with the sentence for the checker.
pub fn permits(answers: &Answers, outcome: &Outcome) -> Result<(), ReadingRefused> {
    let (Some(face), Some(numbers), Some(document)) = (&answers.face, &answers.numbers, &answers.document) else {
        return Err(ReadingRefused::AnswerFirst(answers.step()));
    };
    if !matches!(outcome, Outcome::Approved) {
        return Ok(());
    }
    if !face.rating.says_same() {
        return Err(ReadingRefused::ApprovalNeedsAMatch);
    }
    if !matches!(numbers.matched, NumbersMatch::Equal | NumbersMatch::Unclear) {
        return Err(ReadingRefused::ApprovalNeedsTheNumbers);
    }
    if document.worst() == Seen::No {
        return Err(ReadingRefused::ApprovalNeedsTheDocument);
    }
    Ok(())
}

/// Whether a face answer is complete: the five features are compared where the first look leaves doubt (Towler 2017;
/// Davis 2021), and by everyone who reads after another.
///
/// # Errors
/// [`ReadingRefused::FeaturesMissing`].
pub fn face_is_complete(face: &FaceAnswer, stage: Stage) -> Result<(), ReadingRefused> {
    let needed = face.rating == FaceRating::Unsure || stage != Stage::First;
    let compared = Feature::ALL.iter().all(|feature| face.features.contains_key(feature));
    if needed && !compared { Err(ReadingRefused::FeaturesMissing) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::Challenge;

    fn answers(face: FaceRating, typed: &str, document: Seen) -> Answers {
        let challenge = Challenge::parse("3719").unwrap();
        let typed = TypedNumbers::parse(typed).ok();
        Answers {
            face: Some(FaceAnswer::of(face)),
            numbers: Some(NumbersAnswer::compared(HowGiven::Said, typed, vec![], challenge)),
            document: Some(DocumentAnswer::all(document)),
        }
    }

    #[test]
    fn only_answers_that_say_yes_permit_approval() {
        let approve = |answers: &Answers| permits(answers, &Outcome::Approved);
        for rating in FaceRating::ALL {
            let permitted = approve(&answers(*rating, "3719", Seen::Yes)).is_ok();
            assert_eq!(permitted, matches!(rating, FaceRating::ProbablySame | FaceRating::SureSame), "{rating}");
        }
        let same = FaceRating::SureSame;
        assert_eq!(approve(&answers(same, "3718", Seen::Yes)), Err(ReadingRefused::ApprovalNeedsTheNumbers));
        assert_eq!(approve(&answers(same, "3?19", Seen::Unsure)), Ok(()));
        assert_eq!(approve(&answers(same, "", Seen::Yes)), Err(ReadingRefused::ApprovalNeedsTheNumbers));
        assert_eq!(approve(&answers(same, "3719", Seen::No)), Err(ReadingRefused::ApprovalNeedsTheDocument));
    }

    #[test]
    fn no_outcome_at_all_before_every_step_is_answered() {
        let whole = answers(FaceRating::SureSame, "3719", Seen::Yes);
        let asked = Outcome::Rejected { reasons: vec![crate::reasons::Reason::FaceDiffers] };
        let missing = [
            (Answers::default(), Step::Face),
            (Answers { face: whole.face.clone(), ..Answers::default() }, Step::Numbers),
            (Answers { document: None, ..whole.clone() }, Step::Document),
        ];
        for (answers, step) in missing {
            assert_eq!(permits(&answers, &asked), Err(ReadingRefused::AnswerFirst(step)));
        }
        assert_eq!(permits(&whole, &asked), Ok(()));
    }

    #[test]
    fn doubt_and_later_readings_need_the_features_one_by_one() {
        let quick = FaceAnswer::of(FaceRating::SureSame);
        let whole = FaceAnswer {
            rating: FaceRating::Unsure,
            features: Feature::ALL.iter().map(|feature| (*feature, Look::Alike)).collect(),
        };
        assert_eq!(face_is_complete(&quick, Stage::First), Ok(()));
        assert_eq!(face_is_complete(&quick, Stage::Second), Err(ReadingRefused::FeaturesMissing));
        let doubt = FaceAnswer::of(FaceRating::Unsure);
        assert_eq!(face_is_complete(&doubt, Stage::First), Err(ReadingRefused::FeaturesMissing));
        assert_eq!(face_is_complete(&whole, Stage::Arbitration), Ok(()));
    }
}
