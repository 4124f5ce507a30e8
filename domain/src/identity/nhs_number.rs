//! The NHS number: ten digits of which the last proves the others (NHS Data Dictionary, Modulus 11).

use super::{IdentityError, guarded_text};

/// A well-formed NHS number, stored as ten digits without spaces.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NhsNumber(String);

guarded_text!(NhsNumber);

const FIELD: &str = "nhs_number";
const DIGITS: usize = 10;
/// Ten digits with a space after each would be the widest sensible way to write one.
const INPUT_CHARS_MAX: usize = 32;

impl NhsNumber {
    /// Reads ten digits; spaces may stand anywhere. The check digit must agree.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let digits: String = text.chars().take(INPUT_CHARS_MAX + 1).filter(|c| !matches!(c, ' ' | '\u{a0}')).collect();
        if digits.is_empty() {
            return Err(IdentityError::new(FIELD, "missing", "Enter the 10 digits of the NHS number."));
        }
        if text.chars().count() > INPUT_CHARS_MAX
            || digits.len() != DIGITS
            || !digits.bytes().all(|digit| digit.is_ascii_digit())
        {
            return Err(IdentityError::new(
                FIELD,
                "wrong_format",
                "Enter an NHS number of exactly 10 digits, such as 999 123 4567 would be.",
            ));
        }
        if !check_digit_agrees(&digits) {
            return Err(IdentityError::new(
                FIELD,
                "not_valid",
                "This is not an NHS number: one or more digits are wrong. Check it against a letter from the NHS.",
            ));
        }
        Ok(Self(digits))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `999 123 4567`, as the NHS prints it and people read it out.
    pub fn expose_spaced(&self) -> String {
        let mut spaced = self.0.clone();
        spaced.insert(6, ' ');
        spaced.insert(3, ' ');
        spaced
    }
}

/// Weights 10 to 2 on the first nine digits; 11 less the remainder is the tenth, where 11 stands for 0 and
/// 10 means that no such number is issued.
fn check_digit_agrees(digits: &str) -> bool {
    let mut values = digits.bytes().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = values.clone().take(9).zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    let expected = match 11 - sum % 11 {
        11 => 0,
        other => other,
    };
    values.next_back() == Some(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_whose_check_digit_agrees_are_accepted_with_or_without_spaces() {
        for (text, digits) in [
            ("9686368973", "9686368973"),
            ("9686367403", "9686367403"),
            ("9912003888", "9912003888"),
            ("991 200 3888", "9912003888"),
            (" 99 12\u{a0}00 38 88 ", "9912003888"),
            // The remainder is 0 here, so the check digit is 11, which is written 0.
            ("9990000050", "9990000050"),
        ] {
            assert_eq!(NhsNumber::parse(text).unwrap().expose(), digits);
        }
        assert_eq!(NhsNumber::parse("9912003888").unwrap().expose_spaced(), "991 200 3888");
    }

    #[test]
    fn other_texts_are_refused_with_what_to_do_and_without_the_value() {
        for (text, code) in [
            ("8527685222", "not_valid"),
            ("4447685222", "not_valid"),
            ("9686368974", "not_valid"),
            ("", "missing"),
            ("   ", "missing"),
            ("968636897", "wrong_format"),
            ("96863689733", "wrong_format"),
            ("968636897X", "wrong_format"),
            ("968-636-8973", "wrong_format"),
            ("9686368973\n", "wrong_format"),
            ("٩٦٨٦٣٦٨٩٧٣", "wrong_format"),
        ] {
            let refused = NhsNumber::parse(text).unwrap_err();
            assert_eq!((refused.field, refused.code), ("nhs_number", code), "{text}");
            assert!(text.trim().is_empty() || !refused.to_string().contains(text.trim()));
        }
        let endless = format!("9686368973{}", " ".repeat(100_000));
        assert_eq!(NhsNumber::parse(&endless).unwrap_err().code, "wrong_format");
    }

    #[test]
    fn no_tenth_digit_makes_a_number_valid_whose_check_value_is_ten() {
        let accepted = |nine: &str| (0..10).filter(|last| NhsNumber::parse(&format!("{nine}{last}")).is_ok()).count();
        // 9, 9, 9 weigh 243, which is 1 over a multiple of 11: the check value is 10.
        assert_eq!(accepted("999000000"), 0);
        // With a 5 at the end 253, a multiple of 11: the check value is 11, written 0.
        assert_eq!(accepted("999000005"), 1);
        // With a 9 at the end 261, which is 8 over: the check value is 3.
        assert_eq!(accepted("999000009"), 1);
    }
}
