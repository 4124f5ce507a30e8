//! The British driver number: sixteen characters made of the name and date of birth, so a claim can be held against it. Pure.
//!
//! Five letters of the family name padded with 9, the decade's digit, the month (plus 50 for women), the day, the year's digit,
//! two initials padded with 9, a digit that parts namesakes, and two check letters whose rule is not published.

use chrono::{Datelike, NaiveDate};

use crate::identity::PersonName;
use crate::redacted::Redacted;

use super::names::{Agreement, folded};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceNumber {
    text: Redacted<String>,
}

const LENGTH: usize = 16;

impl LicenceNumber {
    /// Finds a driver number in printed text; look-alikes are put right where only a digit or only a letter may stand.
    pub fn parse(text: &str) -> Option<LicenceNumber> {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
        // An issue number of two digits may follow.
        let sixteen = compact.get(..LENGTH).filter(|_| (LENGTH..=LENGTH + 2).contains(&compact.len()))?;
        let mut repaired = String::with_capacity(LENGTH);
        for (index, c) in sixteen.chars().enumerate() {
            repaired.push(match index {
                0..=4 if c == '9' => c,
                5..=10 | 13 => as_digit(c)?,
                11 | 12 if c == '9' => c,
                _ => as_letter(c)?,
            });
        }
        let number = LicenceNumber { text: Redacted::new(repaired) };
        let surname = number.part(0, 5);
        let is_padded_right = !surname.starts_with('9') && !surname.trim_end_matches('9').contains('9');
        (is_padded_right && number.month_and_day().is_some()).then_some(number)
    }

    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Whether the number was made for somebody born that day.
    pub fn born(&self, date: NaiveDate) -> bool {
        let year = date.year().rem_euclid(100);
        let digits = (year / 10, year % 10);
        let own = (i32::try_from(self.digit(5)).unwrap_or(-1), i32::try_from(self.digit(10)).unwrap_or(-1));
        own == digits && self.month_and_day() == Some((date.month(), date.day()))
    }

    /// Whether the number was made for that name. An initial may come from any given name: numbers outlive name changes.
    pub fn named(&self, name: &PersonName) -> Agreement {
        let family = surname_part(name.expose_family());
        let Some(family) = family else { return Agreement::Unknown };
        let given = folded(name.expose_given());
        let initials: String = given.split_whitespace().filter_map(|part| part.chars().next()).collect();
        let first_fits = self.part(11, 12).chars().next().is_some_and(|first| initials.contains(first));
        match (self.part(0, 5) == family, first_fits) {
            (true, true) => Agreement::Agrees,
            (true, false) | (false, true) => Agreement::Unknown,
            (false, false) => Agreement::Differs,
        }
    }

    fn month_and_day(&self) -> Option<(u32, u32)> {
        let month = (self.digit(6) % 5) * 10 + self.digit(7);
        let day = self.digit(8) * 10 + self.digit(9);
        let is_month = self.digit(6) % 5 <= 1 && (1..=12).contains(&month);
        (is_month && (1..=31).contains(&day)).then_some((month, day))
    }

    fn digit(&self, at: usize) -> u32 {
        self.text.expose().chars().nth(at).and_then(|c| c.to_digit(10)).unwrap_or(0)
    }

    fn part(&self, from: usize, to: usize) -> &str {
        self.text.expose().get(from..to).unwrap_or("")
    }
}

/// `MacDonald` counts as `McDonald` in driver numbers.
fn surname_part(family: &str) -> Option<String> {
    let letters: String = folded(family).chars().filter(char::is_ascii_uppercase).collect();
    let letters = letters.strip_prefix("MAC").map_or(letters.clone(), |rest| format!("MC{rest}"));
    let first: String = letters.chars().take(5).collect();
    (!first.is_empty()).then(|| format!("{first:9<5}"))
}

fn as_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        'O' | 'D' | 'Q' => Some('0'),
        'I' | 'L' => Some('1'),
        'Z' => Some('2'),
        'S' => Some('5'),
        'B' => Some('8'),
        _ => None,
    }
}

fn as_letter(c: char) -> Option<char> {
    match c {
        'A'..='Z' => Some(c),
        '0' => Some('O'),
        '1' => Some('I'),
        '2' => Some('Z'),
        '5' => Some('S'),
        '8' => Some('B'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(given: &str, family: &str) -> PersonName {
        PersonName::parse(given, family).unwrap()
    }

    #[test]
    fn a_number_is_held_against_name_and_birth() {
        let number = LicenceNumber::parse("PLACE803278OM0ZZ").unwrap();
        assert!(number.born("1988-03-27".parse().unwrap()));
        assert!(!number.born("1988-03-28".parse().unwrap()) && !number.born("1978-03-27".parse().unwrap()));
        assert_eq!(number.named(&name("Obi Mock", "Placeholder")), Agreement::Agrees);
        assert_eq!(number.named(&name("Astra", "Testersen")), Agreement::Differs);
        assert_eq!(number.named(&name("Astra", "Placeholder")), Agreement::Unknown);
    }

    #[test]
    fn a_womans_month_is_fifty_more_and_short_names_are_padded() {
        let number = LicenceNumber::parse("FICTI056195P90ZZ").unwrap();
        assert!(number.born("2005-06-19".parse().unwrap()));
        let short = LicenceNumber::parse("NG999 512319 X9 0ZZ 12").unwrap();
        assert_eq!(short.named(&name("Xu", "Ng")), Agreement::Agrees);
        let scottish = LicenceNumber::parse("MCDON803278OM0ZZ").unwrap();
        assert_eq!(scottish.named(&name("Olive", "MacDonald")), Agreement::Agrees);
    }

    #[test]
    fn look_alikes_are_put_right_and_other_texts_refused() {
        assert_eq!(LicenceNumber::parse("PLACEB0327B0M0ZZ").unwrap().expose(), "PLACE803278OM0ZZ");
        for text in [
            "",
            "PLACE803278OM0Z",
            "PLACE803278OM0ZZ123",
            "PLACE813278OM0ZZ",
            "PLACE803328OM0ZZ",
            "9LACE803278OM0ZZ",
            "P9ACE803278OM0ZZ",
            "27.03.1988 FICTI",
            "ÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉ",
        ] {
            assert_eq!(LicenceNumber::parse(text), None, "{text}");
        }
    }
}
