//! What a checker answers at each step. Typed numbers are kept apart from the rest: they may be the challenge itself.

use super::numbers::{NumbersMatch, TypedNumbers};
use crate::challenge::Challenge;
use crate::evidence::coded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

coded!(/// "Are these the same person?", on a five-step scale or honestly unanswerable.
FaceRating {
    SureDifferent = "sure_different",
    ProbablyDifferent = "probably_different",
    Unsure = "unsure",
    ProbablySame = "probably_same",
    SureSame = "sure_same",
    CannotTell = "cannot_tell",
});

coded!(/// One part of a face, compared by itself. No grid and no overlay: lines across faces raise false matches (McNeill 2015).
Feature {
    Ears = "ears",
    Eyes = "eyes",
    Nose = "nose",
    MouthAndChin = "mouth_and_chin",
    Marks = "marks",
});

coded!(/// What one feature shows.
Look {
    Alike = "alike",
    Differs = "differs",
    NotSeen = "not_seen",
});

coded!(/// How the patient gave the four numbers; the first three count alike.
HowGiven {
    Said = "said",
    Signed = "signed",
    Shown = "shown",
    NotGiven = "not_given",
});

coded!(/// What can be seen or heard to be wrong with a video. Nobody is asked whether it is a forgery: people cannot tell (Diel 2024).
Concern {
    SomeoneElseSpeaks = "someone_else_speaks",
    LipsOutOfTime = "lips_out_of_time",
    Cut = "cut",
    NotAlone = "not_alone",
});

coded!(/// One question about the document.
DocumentQuestion {
    Readable = "readable",
    Genuine = "genuine",
    InDate = "in_date",
    NamesMatch = "names_match",
    BirthMatches = "birth_matches",
});

coded!(/// The answer to one question; `Unsure` is an honest one and goes to another reader.
Seen {
    Yes = "yes",
    Unsure = "unsure",
    No = "no",
});

/// Step 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaceAnswer {
    pub rating: FaceRating,
    #[serde(default)]
    pub features: BTreeMap<Feature, Look>,
}

/// Step 2, already held against the challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumbersAnswer {
    pub given: HowGiven,
    /// What the checker typed; stored sealed, never beside the rest.
    #[serde(skip)]
    pub typed: Option<TypedNumbers>,
    pub matched: NumbersMatch,
    #[serde(default)]
    pub concerns: Vec<Concern>,
}

/// Step 3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentAnswer {
    pub seen: BTreeMap<DocumentQuestion, Seen>,
}

impl FaceAnswer {
    /// A rating without features.
    pub fn of(rating: FaceRating) -> FaceAnswer {
        FaceAnswer { rating, features: BTreeMap::new() }
    }
}

impl NumbersAnswer {
    pub fn compared(
        given: HowGiven,
        typed: Option<TypedNumbers>,
        concerns: Vec<Concern>,
        challenge: Challenge,
    ) -> NumbersAnswer {
        let typed = typed.filter(|_| given != HowGiven::NotGiven);
        let matched = typed.map_or(NumbersMatch::NotGiven, |typed| typed.against(challenge));
        NumbersAnswer { given, typed, matched, concerns }
    }
}

impl DocumentAnswer {
    /// The same answer to every question.
    pub fn all(seen: Seen) -> DocumentAnswer {
        DocumentAnswer { seen: DocumentQuestion::ALL.iter().map(|question| (*question, seen)).collect() }
    }

    pub fn is_complete(&self) -> bool {
        DocumentQuestion::ALL.iter().all(|question| self.seen.contains_key(question))
    }

    /// The answer that weighs most: one "no" outweighs all else, then doubt.
    pub fn worst(&self) -> Seen {
        self.seen.values().copied().max().unwrap_or(Seen::Unsure)
    }
}

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

    pub fn says_same(self) -> bool {
        matches!(self, FaceRating::ProbablySame | FaceRating::SureSame)
    }
}

impl Feature {
    pub fn label(self) -> &'static str {
        match self {
            Feature::Ears => "Ears",
            Feature::Eyes => "Eyes and brows",
            Feature::Nose => "Nose",
            Feature::MouthAndChin => "Mouth and chin",
            Feature::Marks => "Marks and scars",
        }
    }
}

impl Look {
    pub fn label(self) -> &'static str {
        match self {
            Look::Alike => "Alike",
            Look::Differs => "Differs",
            Look::NotSeen => "Not seen",
        }
    }
}

impl HowGiven {
    pub fn label(self) -> &'static str {
        match self {
            HowGiven::Said => "Said",
            HowGiven::Signed => "Signed in British Sign Language",
            HowGiven::Shown => "Written and shown",
            HowGiven::NotGiven => "No numbers are given",
        }
    }
}

impl Concern {
    pub fn label(self) -> &'static str {
        match self {
            Concern::SomeoneElseSpeaks => "Someone else speaks",
            Concern::LipsOutOfTime => "Lips and voice are not in time",
            Concern::Cut => "The picture jumps or is cut",
            Concern::NotAlone => "The person is not alone",
        }
    }
}

impl DocumentQuestion {
    pub fn label(self) -> &'static str {
        match self {
            DocumentQuestion::Readable => "Is everything needed readable?",
            DocumentQuestion::Genuine => "Does it look genuine?",
            DocumentQuestion::InDate => "Is it in date?",
            DocumentQuestion::NamesMatch => "Are the names those the patient gave?",
            DocumentQuestion::BirthMatches => "Is the date of birth the one the patient gave?",
        }
    }
}

impl Seen {
    pub fn label(self) -> &'static str {
        match self {
            Seen::Yes => "Yes",
            Seen::No => "No",
            Seen::Unsure => "Unsure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_no_outweighs_doubt_and_doubt_outweighs_yes() {
        let mut answer = DocumentAnswer::all(Seen::Yes);
        assert_eq!((answer.worst(), answer.is_complete()), (Seen::Yes, true));
        answer.seen.insert(DocumentQuestion::Genuine, Seen::Unsure);
        assert_eq!(answer.worst(), Seen::Unsure);
        answer.seen.insert(DocumentQuestion::InDate, Seen::No);
        assert_eq!(answer.worst(), Seen::No);
        assert!(!DocumentAnswer::default().is_complete());
    }

    #[test]
    fn what_was_typed_never_stands_in_the_stored_answer() {
        let challenge = Challenge::parse("3719").unwrap();
        let typed = TypedNumbers::parse("3719").ok();
        let answer = NumbersAnswer::compared(HowGiven::Shown, typed, vec![Concern::Cut], challenge);
        let stored = serde_json::to_string(&answer).unwrap();
        assert_eq!(stored, r#"{"given":"shown","matched":"equal","concerns":["cut"]}"#);
    }

    #[test]
    fn numbers_that_were_not_given_match_nothing_whatever_was_typed() {
        let challenge = Challenge::parse("3719").unwrap();
        let answer = NumbersAnswer::compared(HowGiven::NotGiven, TypedNumbers::parse("3719").ok(), vec![], challenge);
        assert_eq!((answer.matched, answer.typed), (NumbersMatch::NotGiven, None));
    }
}
