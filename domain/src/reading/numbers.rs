//! The four numbers as a checker made them out, and how they stand to those that were asked for.

use crate::challenge::Challenge;
use crate::evidence::coded;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Numbers made out below which nothing can be said about the rest.
const MADE_OUT_MIN: usize = 2;

/// Four places; `None` where nothing could be made out, typed as `?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypedNumbers([Option<u8>; 4]);

/// What was typed is not four numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Type the four numbers, with ? for one you could not make out.")]
pub struct NumbersError;

coded!(/// How the numbers made out stand to those that were asked for.
NumbersMatch {
    Equal = "equal",
    /// Nothing is wrong, but not every number could be made out.
    Unclear = "unclear",
    Different = "different",
    /// None, or too few to say anything.
    NotGiven = "not_given",
});

impl TypedNumbers {
    /// Reads `3719`, `3 7 1 9` or `37?9`.
    ///
    /// # Errors
    /// [`NumbersError`], with the sentence for the checker.
    pub fn parse(text: &str) -> Result<TypedNumbers, NumbersError> {
        let mut places = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '-'));
        let mut next = || match places.next() {
            Some('?') => Ok(None),
            Some(c) => c.to_digit(10).and_then(|digit| u8::try_from(digit).ok()).map(Some).ok_or(NumbersError),
            None => Err(NumbersError),
        };
        let typed = TypedNumbers([next()?, next()?, next()?, next()?]);
        if places.next().is_some() { Err(NumbersError) } else { Ok(typed) }
    }

    pub fn against(self, challenge: Challenge) -> NumbersMatch {
        let pairs = || self.0.into_iter().zip(challenge.digits());
        if pairs().any(|(typed, asked)| typed.is_some_and(|digit| digit != asked)) {
            return NumbersMatch::Different;
        }
        match self.0.iter().flatten().count() {
            4 => NumbersMatch::Equal,
            made_out if made_out >= MADE_OUT_MIN => NumbersMatch::Unclear,
            _ => NumbersMatch::NotGiven,
        }
    }
}

impl fmt::Display for TypedNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, digit) in self.0.iter().enumerate() {
            let gap = if place == 0 { "" } else { " " };
            match digit {
                Some(digit) => write!(f, "{gap}{digit}")?,
                None => write!(f, "{gap}?")?,
            }
        }
        Ok(())
    }
}

impl NumbersMatch {
    pub fn label(self) -> &'static str {
        match self {
            NumbersMatch::Equal => "All four are the numbers that were asked for.",
            NumbersMatch::Unclear => "What you made out is right, but not every number was clear.",
            NumbersMatch::Different => "At least one number is not the one that was asked for.",
            NumbersMatch::NotGiven => "The numbers were not given, or too few could be made out.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_numbers_are_held_against_the_challenge_place_by_place() {
        let challenge = Challenge::parse("0719").unwrap();
        let cases = [
            ("0719", Some(NumbersMatch::Equal)),
            (" 0 7 1 9 ", Some(NumbersMatch::Equal)),
            ("0,7,1,9", Some(NumbersMatch::Equal)),
            ("07?9", Some(NumbersMatch::Unclear)),
            ("0??9", Some(NumbersMatch::Unclear)),
            ("0???", Some(NumbersMatch::NotGiven)),
            ("????", Some(NumbersMatch::NotGiven)),
            ("0710", Some(NumbersMatch::Different)),
            ("???1", Some(NumbersMatch::Different)),
            ("719", None),
            ("07190", None),
            ("07l9", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(TypedNumbers::parse(text).ok().map(|typed| typed.against(challenge)), expected, "{text}");
        }
    }

    #[test]
    fn what_was_typed_reads_number_by_number() {
        assert_eq!(TypedNumbers::parse("37?9").map(|typed| typed.to_string()), Ok("3 7 ? 9".to_owned()));
    }
}
