//! The machine-readable zone of travel documents (ICAO 9303 parts 4, 5 and 6): formats, check digits, fields. Pure.

use std::ops::Range;

use chrono::NaiveDate;

use crate::redacted::Redacted;

/// A layout of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Passport: two lines of 44.
    Td3,
    /// Larger card: two lines of 36.
    Td2,
    /// Card: three lines of 30.
    Td1,
}

/// What may stand in a cell; a reader that knows it mistakes fewer characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// A to Z or the filler.
    Letter,
    /// 0 to 9 or the filler, where a part of a date is not known.
    Digit,
    /// All 37.
    Any,
}

/// A date of two-digit parts as it stands in the lines. The century is not in there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShortDate {
    pub year: u32,
    pub month: u32,
    pub day: u32,
}

/// Which parts agree with their check digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checks {
    pub number: bool,
    pub birth: bool,
    pub expiry: bool,
    pub all_together: bool,
}

/// What the lines say. Fields may be read wrongly where their check failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mrz {
    pub format: Format,
    /// One or two letters: `P` passport, `I`, `A` or `C` card.
    pub code: String,
    pub state: String,
    pub number: Redacted<String>,
    pub family: Redacted<String>,
    pub given: Redacted<String>,
    /// The names fill their field to its end, so that something may be missing.
    pub names_cut: bool,
    pub nationality: String,
    pub birth: Option<Redacted<ShortDate>>,
    pub expiry: Option<ShortDate>,
    pub checks: Checks,
}

const FILLER: u8 = b'<';

impl Format {
    pub const ALL: [Format; 3] = [Format::Td3, Format::Td1, Format::Td2];

    pub fn lines(self) -> usize {
        if self == Format::Td1 { 3 } else { 2 }
    }

    pub fn columns(self) -> usize {
        match self {
            Format::Td3 => 44,
            Format::Td2 => 36,
            Format::Td1 => 30,
        }
    }

    /// What may stand at a place, counted from 0.
    pub fn cell(self, line: usize, column: usize) -> Cell {
        match (self, line, column) {
            (Format::Td1, 0, 0..5) | (Format::Td3 | Format::Td2, 0, _) | (Format::Td1, 2, _) => Cell::Letter,
            (Format::Td1, 1, 0..7 | 8..15 | 29) => Cell::Digit,
            (Format::Td1, 1, 7 | 15..18) => Cell::Letter,
            (Format::Td3 | Format::Td2, 1, 10..13 | 20) => Cell::Letter,
            (Format::Td3 | Format::Td2, 1, 9 | 13..20 | 21..28) => Cell::Digit,
            (Format::Td3, 1, 42 | 43) | (Format::Td2, 1, 35) => Cell::Digit,
            _ => Cell::Any,
        }
    }
}

impl ShortDate {
    /// Whether a full date is written so.
    pub fn is(self, date: NaiveDate) -> bool {
        use chrono::Datelike;
        (self.year, self.month, self.day) == (date.year().rem_euclid(100).unsigned_abs(), date.month(), date.day())
    }

    /// As an expiry date: documents expire within the century in which they are looked at.
    pub fn in_this_century(self, today: NaiveDate) -> Option<NaiveDate> {
        use chrono::Datelike;
        let century = today.year() - today.year().rem_euclid(100);
        NaiveDate::from_ymd_opt(century + i32::try_from(self.year).ok()?, self.month, self.day)
    }
}

impl std::fmt::Debug for ShortDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Checks {
    pub fn hold(self) -> bool {
        self.number && self.birth && self.expiry && self.all_together
    }

    /// How many hold, for choosing between readings.
    pub fn count(self) -> usize {
        [self.number, self.birth, self.expiry, self.all_together].into_iter().filter(|holds| *holds).count()
    }
}

/// The check digit of a text: values times 7, 3, 1 in turn, modulo 10. `None` for a character that has no value.
pub fn check_digit(text: &str) -> Option<u8> {
    let mut sum = 0_u32;
    for (byte, weight) in text.bytes().zip([7_u32, 3, 1].into_iter().cycle()) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            FILLER => 0,
            _ => return None,
        };
        sum += u32::from(value) * weight;
    }
    u8::try_from(sum % 10).ok().map(|digit| b'0' + digit)
}

/// Reads lines of one of the formats; `None` when they have not its length or other characters than A to Z, 0 to 9 and the filler.
pub fn read(lines: &[&str]) -> Option<Mrz> {
    let known = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | FILLER);
    if !lines.iter().all(|line| line.bytes().all(known)) {
        return None;
    }
    let format = Format::ALL
        .into_iter()
        .find(|format| lines.len() == format.lines() && lines.iter().all(|line| line.len() == format.columns()))?;
    match (format, lines) {
        (Format::Td1, [first, second, third]) => card(first, second, third),
        (_, [first, second]) => book(format, first, second),
        _ => None,
    }
}

fn book(format: Format, first: &str, second: &str) -> Option<Mrz> {
    let last = format.columns() - 1;
    let optional_holds = format == Format::Td2 || {
        // Nothing in it may be checked by 0 or by a filler.
        let optional = second.get(28..42)?;
        holds(second, 28..42, 42)
            || (optional.bytes().all(|byte| byte == FILLER) && second.as_bytes().get(42) == Some(&FILLER))
    };
    let composed = [second.get(0..10)?, second.get(13..20)?, second.get(21..last)?].concat();
    let checks = Checks {
        number: holds(second, 0..9, 9),
        birth: holds(second, 13..19, 19),
        expiry: holds(second, 21..27, 27),
        all_together: optional_holds && check_digit(&composed) == second.as_bytes().get(last).copied(),
    };
    let names = first.get(5..)?;
    let (family, given) = split(names);
    Some(Mrz {
        format,
        code: plain(first.get(0..2)?),
        state: plain(first.get(2..5)?),
        number: Redacted::new(plain(second.get(0..9)?)),
        family: Redacted::new(family),
        given: Redacted::new(given),
        names_cut: !names.ends_with('<'),
        nationality: plain(second.get(10..13)?),
        birth: date(second.get(13..19)?).map(Redacted::new),
        expiry: date(second.get(21..27)?),
        checks,
    })
}

fn card(first: &str, second: &str, third: &str) -> Option<Mrz> {
    let composed = [first.get(5..30)?, second.get(0..7)?, second.get(8..15)?, second.get(18..29)?].concat();
    let (number, number_holds) = card_number(first)?;
    let checks = Checks {
        number: number_holds,
        birth: holds(second, 0..6, 6),
        expiry: holds(second, 8..14, 14),
        all_together: check_digit(&composed) == second.as_bytes().get(29).copied(),
    };
    let (family, given) = split(third);
    Some(Mrz {
        format: Format::Td1,
        code: plain(first.get(0..2)?),
        state: plain(first.get(2..5)?),
        number: Redacted::new(number),
        family: Redacted::new(family),
        given: Redacted::new(given),
        names_cut: !third.ends_with('<'),
        nationality: plain(second.get(15..18)?),
        birth: date(second.get(0..6)?).map(Redacted::new),
        expiry: date(second.get(8..14)?),
        checks,
    })
}

/// A number longer than nine has a filler for its check digit and goes on in the optional field, its check digit last.
fn card_number(first: &str) -> Option<(String, bool)> {
    if first.as_bytes().get(14) != Some(&FILLER) {
        return Some((plain(first.get(5..14)?), holds(first, 5..14, 14)));
    }
    let rest = first.get(15..30)?;
    let rest = rest.get(..rest.find('<').unwrap_or(rest.len()))?;
    let Some((more, check)) = rest.len().checked_sub(1).and_then(|last| rest.split_at_checked(last)) else {
        return Some((plain(first.get(5..14)?), false));
    };
    let number = format!("{}{more}", first.get(5..14)?);
    let is_right = check_digit(&number) == check.bytes().next();
    Some((plain(&number), is_right))
}

fn holds(line: &str, field: Range<usize>, check: usize) -> bool {
    let (Some(field), Some(check)) = (line.get(field), line.as_bytes().get(check)) else {
        return false;
    };
    check_digit(field) == Some(*check)
}

fn split(names: &str) -> (String, String) {
    let (family, given) = names.split_once("<<").unwrap_or((names, ""));
    (plain(family), plain(given))
}

/// Fillers at the end removed, those between made spaces.
fn plain(text: &str) -> String {
    text.split('<').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn date(six: &str) -> Option<ShortDate> {
    let part = |range: Range<usize>| six.get(range)?.parse::<u32>().ok();
    let date = ShortDate { year: part(0..2)?, month: part(2..4)?, day: part(4..6)? };
    ((1..=12).contains(&date.month) && (1..=31).contains(&date.day)).then_some(date)
}
