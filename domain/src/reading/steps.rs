//! The order of a reading, and what each step may show. A change of an earlier answer is a new answer; none is lost.

use super::ReadingRefused;
use super::answers::{DocumentAnswer, FaceAnswer, NumbersAnswer};
use crate::evidence::{ArtefactKind, coded};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

coded!(/// Where a reading stands; a later step compares greater.
Step {
    Face = "face",
    Numbers = "numbers",
    Document = "document",
    Decision = "decision",
});

coded!(/// Something a checker may be shown, and could lean on too early.
Item {
    /// The portrait and the video of the face.
    Faces = "faces",
    ExpectedNumbers = "expected_numbers",
    /// The document beyond its portrait.
    Card = "card",
    ClaimedIdentity = "claimed_identity",
    Findings = "findings",
});

/// What one checker has answered about one submission so far; the newest answer to each step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    pub face: Option<FaceAnswer>,
    pub numbers: Option<NumbersAnswer>,
    pub document: Option<DocumentAnswer>,
}

impl Answers {
    /// The first step without an answer.
    pub fn step(&self) -> Step {
        if self.face.is_none() {
            Step::Face
        } else if self.numbers.is_none() {
            Step::Numbers
        } else if self.document.is_none() {
            Step::Document
        } else {
            Step::Decision
        }
    }

    /// Whether an answer to `step` may be stored now: the step reached, or an earlier one seen differently.
    ///
    /// # Errors
    /// [`ReadingRefused::AnswerFirst`] with the step that comes before.
    pub fn accepts(&self, step: Step) -> Result<(), ReadingRefused> {
        let reached = self.step();
        if step <= reached { Ok(()) } else { Err(ReadingRefused::AnswerFirst(reached)) }
    }
}

impl Step {
    /// Whether what leaves the server at this step may contain `item`.
    pub fn shows(self, item: Item) -> bool {
        item.shown_from() <= self
    }

    /// Whether an artefact may leave the server at this step.
    pub fn shows_artefact(self, kind: ArtefactKind) -> bool {
        self.shows(if kind.shows_document() { Item::Card } else { Item::Faces })
    }

    /// As people count the steps.
    pub fn number(self) -> usize {
        Step::ALL.iter().position(|step| *step == self).map_or(1, |place| place + 1)
    }

    pub fn label(self) -> &'static str {
        match self {
            Step::Face => "the faces",
            Step::Numbers => "the numbers",
            Step::Document => "the document",
            Step::Decision => "findings and decision",
        }
    }
}

impl Item {
    pub fn shown_from(self) -> Step {
        match self {
            Item::Faces => Step::Face,
            Item::ExpectedNumbers | Item::Card | Item::ClaimedIdentity => Step::Document,
            Item::Findings => Step::Decision,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DocumentAnswer, FaceAnswer, FaceRating, HowGiven, NumbersAnswer, NumbersMatch, Seen};
    use super::*;

    fn answers(upto: Step) -> Answers {
        let numbers =
            NumbersAnswer { given: HowGiven::Said, typed: None, matched: NumbersMatch::Equal, concerns: vec![] };
        Answers {
            face: (upto > Step::Face).then(|| FaceAnswer::of(FaceRating::SureSame)),
            numbers: (upto > Step::Numbers).then_some(numbers),
            document: (upto > Step::Document).then(|| DocumentAnswer::all(Seen::Yes)),
        }
    }

    #[test]
    fn no_step_is_skipped_and_an_earlier_answer_may_be_changed() {
        for reached in Step::ALL {
            let answers = answers(*reached);
            assert_eq!(answers.step(), *reached);
            for step in Step::ALL {
                assert_eq!(answers.accepts(*step).is_ok(), step <= reached, "{step} at {reached}");
            }
        }
    }

    #[test]
    fn each_item_is_shown_from_its_own_step_on() {
        let shown: Vec<Vec<bool>> =
            Step::ALL.iter().map(|step| Item::ALL.iter().map(|item| step.shows(*item)).collect()).collect();
        let expected = [
            vec![true, false, false, false, false],
            vec![true, false, false, false, false],
            vec![true, true, true, true, false],
            vec![true, true, true, true, true],
        ];
        assert_eq!(shown, expected);
        assert!(!Step::Numbers.shows_artefact(ArtefactKind::PhotoLarge));
        assert!(Step::Document.shows_artefact(ArtefactKind::DocumentLarge));
        assert!(Step::Face.shows_artefact(ArtefactKind::Portrait));
    }
}
