//! The UK postcode: the grammar of BS 7666 as the Government publishes it, stored as `SW1A 1AA`.

use super::{IdentityError, guarded_text};

/// A postcode that follows the grammar, in capitals with one space. It need not exist.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Postcode(String);

guarded_text!(Postcode);

const FIELD: &str = "postcode";
const INPUT_CHARS_MAX: usize = 16;
const INWARD_CHARS: usize = 3;

/// Codes outside the grammar that are really used: Girobank, the overseas territories, and the one by which the
/// NHS registers a patient of no fixed abode, who must be able to prove who they are like anybody else.
const SPECIAL: [&str; 11] = [
    "GIR 0AA", "ASCN 1ZZ", "BBND 1ZZ", "BIQQ 1ZZ", "FIQQ 1ZZ", "PCRN 1ZZ", "SIQQ 1ZZ", "STHL 1ZZ", "TDCU 1ZZ",
    "TKCA 1ZZ", "ZZ99 3VZ",
];

impl Postcode {
    /// Reads a postcode in any case, with or without spaces.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let packed: String = text
            .chars()
            .take(INPUT_CHARS_MAX + 1)
            .filter(|c| !matches!(c, ' ' | '\u{a0}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if packed.is_empty() {
            return Err(IdentityError::new(FIELD, "missing", "Enter the postcode."));
        }
        let short_enough = text.chars().count() <= INPUT_CHARS_MAX;
        normalised(&packed)
            .filter(|_| short_enough)
            .map(Self)
            .ok_or_else(|| IdentityError::new(FIELD, "wrong_format", "Enter a full UK postcode, such as SW1A 1AA."))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn normalised(packed: &str) -> Option<String> {
    let split = packed.len().checked_sub(INWARD_CHARS)?;
    let (outward, inward) = packed.split_at_checked(split)?;
    let spaced = format!("{outward} {inward}");
    let fits = outward_fits(outward.as_bytes()) && inward_fits(inward.as_bytes());
    (fits || SPECIAL.contains(&spaced.as_str())).then_some(spaced)
}

/// A9, A99, AA9, AA99, A9A and AA9A, each place with the letters that are used there.
fn outward_fits(outward: &[u8]) -> bool {
    match *outward {
        [a, d] => first(a) && d.is_ascii_digit(),
        [a, d, e] if d.is_ascii_digit() => first(a) && (e.is_ascii_digit() || b"ABCDEFGHJKPSTUW".contains(&e)),
        [a, b, d] => first(a) && second(b) && d.is_ascii_digit(),
        [a, b, d, e] => {
            first(a) && second(b) && d.is_ascii_digit() && (e.is_ascii_digit() || b"ABEHMNPRVWXY".contains(&e))
        }
        _ => false,
    }
}

/// 9AA, without the letters that look like digits or each other: C I K M O V.
fn inward_fits(inward: &[u8]) -> bool {
    let unit = |c: &u8| c.is_ascii_uppercase() && !b"CIKMOV".contains(c);
    matches!(inward, [d, a, b] if d.is_ascii_digit() && unit(a) && unit(b))
}

fn first(c: u8) -> bool {
    c.is_ascii_uppercase() && !b"QVX".contains(&c)
}

fn second(c: u8) -> bool {
    c.is_ascii_uppercase() && !b"IJZ".contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_grammar_is_stored_in_capitals_with_one_space() {
        for (text, stored) in [
            ("SW1A 1AA", "SW1A 1AA"),
            ("sw1a1aa", "SW1A 1AA"),
            (" s W1A 1\u{a0}aa ", "SW1A 1AA"),
            ("M1 1AE", "M1 1AE"),
            ("B33 8TH", "B33 8TH"),
            ("CR2 6XH", "CR2 6XH"),
            ("DN55 1PT", "DN55 1PT"),
            ("W1A 0AX", "W1A 0AX"),
            ("EC1A 1BB", "EC1A 1BB"),
            ("BF1 3AA", "BF1 3AA"),
            ("GX11 1AA", "GX11 1AA"),
            ("gir0aa", "GIR 0AA"),
            ("FIQQ1ZZ", "FIQQ 1ZZ"),
            ("zz99 3vz", "ZZ99 3VZ"),
        ] {
            assert_eq!(Postcode::parse(text).unwrap().expose(), stored);
        }
    }

    #[test]
    fn texts_outside_the_grammar_are_refused() {
        for text in [
            "SW1A",
            "1AA",
            "SW1A 1A",
            "SW1A 1AAA",
            "QW1 1AA",
            "VA1 1AA",
            "XA1 1AA",
            "AI1 1AA",
            "AJ1 1AA",
            "AZ1 1AA",
            "W1I 1AA",
            "SW1C 1AA",
            "SW1A 1CA",
            "SW1A 1AI",
            "SW1A 1KA",
            "SW1A 1AM",
            "SW1A 1OA",
            "SW1A 1AV",
            "A 1AA",
            "AAA 1AA",
            "AAA1 1AA",
            "SW100 1AA",
            "GIR 0AB",
            "ZZ99 4AA",
            "SW1A\n1AA",
            "SW1Á 1AA",
            "ＳＷ1A 1AA",
            "é1AA",
            "12345",
        ] {
            let refused = Postcode::parse(text).unwrap_err();
            assert_eq!((refused.field, refused.code), ("postcode", "wrong_format"), "{text}");
        }
        assert_eq!(Postcode::parse("  ").unwrap_err().code, "missing");
    }
}
