//! The four numbers of one submission: every allowed sequence is equally likely, and no guessable one is ever given.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Four numbers from 0 to 9, not all equal and no run such as 1234 or 4321. Written as `3719`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Challenge([u8; 4]);

/// Why a text is no challenge. Trying again with the same text never helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    #[error("a challenge is four digits")]
    NotFourDigits,
    #[error("a challenge may not be four equal numbers or a run such as 1234")]
    Guessable,
}

/// The sequences never given, in rising order: 0123 to 6789, 3210 to 9876, and four equal numbers.
const GUESSABLE: [u32; 24] = [
    0, 123, 1111, 1234, 2222, 2345, 3210, 3333, 3456, 4321, 4444, 4567, 5432, 5555, 5678, 6543, 6666, 6789, 7654, 7777,
    8765, 8888, 9876, 9999,
];
const ALLOWED: u32 = 10_000 - 24;
/// The largest multiple of `ALLOWED` a 32-bit draw can reach; a draw from here on would favour low sequences.
const DRAW_LIMIT: u32 = u32::MAX - u32::MAX % ALLOWED;

impl Challenge {
    /// Makes a challenge from 32 random bytes: eight draws, of which the first fair one counts.
    ///
    /// A draw is unfair about twice in a million, so all eight are about once in 10^45; then the last draw is
    /// used all the same, since a submission must always get its numbers.
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        let mut draw = 0;
        for word in bytes.chunks_exact(4) {
            draw = word.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte));
            if draw < DRAW_LIMIT {
                break;
            }
        }
        Self::allowed(draw % ALLOWED)
    }

    /// Reads `3719`; refuses what would never be given.
    pub fn parse(text: &str) -> Result<Self, ChallengeError> {
        let &[a, b, c, d] = text.as_bytes() else {
            return Err(ChallengeError::NotFourDigits);
        };
        let digits = [a, b, c, d];
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(ChallengeError::NotFourDigits);
        }
        let challenge = Self(digits.map(|digit| digit - b'0'));
        if GUESSABLE.contains(&challenge.number()) {
            return Err(ChallengeError::Guessable);
        }
        Ok(challenge)
    }

    pub fn digits(self) -> [u8; 4] {
        self.0
    }

    /// `3 7 1 9`, so that a screen reader and a person say four numbers and not one.
    pub fn spoken(self) -> String {
        let [a, b, c, d] = self.0;
        format!("{a} {b} {c} {d}")
    }

    /// The sequence with this place among the allowed ones: step over each guessable one at or below it.
    fn allowed(place: u32) -> Self {
        let number =
            GUESSABLE.iter().fold(place, |number, guessable| if number >= *guessable { number + 1 } else { number });
        let digit = |unit: u32| u8::try_from(number / unit % 10).unwrap_or(0);
        Self([digit(1000), digit(100), digit(10), digit(1)])
    }

    fn number(self) -> u32 {
        self.0.iter().fold(0, |sum, digit| sum * 10 + u32::from(*digit))
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

impl FromStr for Challenge {
    type Err = ChallengeError;

    fn from_str(text: &str) -> Result<Self, ChallengeError> {
        Self::parse(text)
    }
}

impl Serialize for Challenge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Challenge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Says what is guessable from the digits alone, without the list above.
    fn looks_guessable([a, b, c, d]: [u8; 4]) -> bool {
        let steps = [i16::from(b) - i16::from(a), i16::from(c) - i16::from(b), i16::from(d) - i16::from(c)];
        [[0; 3], [1; 3], [-1; 3]].contains(&steps)
    }

    #[test]
    fn the_places_give_every_sequence_but_the_guessable_exactly_once() {
        let given: BTreeSet<_> = (0..ALLOWED).map(|place| Challenge::allowed(place).0).collect();
        assert_eq!(given.len(), 9_976);
        assert!(!given.iter().any(|digits| looks_guessable(*digits)));
    }

    #[test]
    fn parsing_accepts_exactly_what_may_be_given() {
        for number in 0..10_000_u32 {
            let text = format!("{number:04}");
            let digits: Vec<u8> = text.bytes().map(|digit| digit - b'0').collect();
            let guessable = looks_guessable(digits.try_into().unwrap());
            assert_eq!(Challenge::parse(&text).is_err(), guessable, "{text}");
        }
        for text in ["", "371", "37190", "37l9", "3 719", "٣٧١٩", "-371"] {
            assert_eq!(Challenge::parse(text), Err(ChallengeError::NotFourDigits), "{text}");
        }
    }

    #[test]
    fn an_unfair_draw_is_passed_over_and_the_last_fair_one_counts() {
        assert_eq!(DRAW_LIMIT % ALLOWED, 0);
        let first_draw = |draw: u32| {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&draw.to_be_bytes());
            Challenge::from_random(&bytes)
        };
        assert_eq!(first_draw(DRAW_LIMIT - 1), Challenge::allowed(ALLOWED - 1));
        // The draws after it are 0, the first place of all.
        assert_eq!(first_draw(DRAW_LIMIT), Challenge::allowed(0));
        assert_eq!(first_draw(u32::MAX), Challenge::allowed(0));
    }

    #[test]
    fn bytes_that_are_never_fair_still_give_an_allowed_challenge() {
        let challenge = Challenge::from_random(&[0xff; 32]);
        assert_eq!(Challenge::parse(&challenge.to_string()), Ok(challenge));
    }

    #[test]
    fn a_challenge_is_written_with_its_leading_zero_and_spoken_number_by_number() {
        let challenge = Challenge::parse("0719").unwrap();
        assert_eq!(challenge.spoken(), "0 7 1 9");
        assert_eq!(serde_json::to_string(&challenge).unwrap(), "\"0719\"");
        assert_eq!(serde_json::from_str::<Challenge>("\"0719\"").unwrap(), challenge);
        assert!(serde_json::from_str::<Challenge>("\"1234\"").is_err());
    }
}
