//! What a document says, put together from its machine-readable lines and its print; each value knows where it stands.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::dates;
use super::licence_number::LicenceNumber;
use super::mrz::{self, Mrz};
use super::names::{self, folded};
use super::seen::{Place, Seen, SeenLine};
use crate::evidence::coded;
use crate::redacted::{Redacted, exposed};
use std::fmt;
use std::str::FromStr;

coded!(
    /// A value that documents carry.
    FieldName {
        Family = "family_name",
        Given = "given_names",
        Birth = "date_of_birth",
        Expiry = "expiry",
        Number = "number",
    }
);

coded!(
    /// Where a value was read.
    Source {
        Mrz = "mrz",
        Print = "print",
        /// In both, and the same.
        Both = "both",
    }
);

/// One value as read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    pub name: FieldName,
    #[serde(serialize_with = "exposed")]
    pub text: Redacted<String>,
    /// 0 to 1. Of machine-readable lines whose check digits hold: 1.
    pub confidence: f64,
    /// Of the print where there is one, else of the machine-readable lines.
    pub place: Place,
    pub source: Source,
}

/// Everything read on one photo.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields {
    pub all: Vec<Field>,
    /// Only where its check digits hold.
    pub mrz: Option<Mrz>,
    pub licence_number: Option<LicenceNumber>,
    /// By the numbers of its fields.
    pub is_driving_licence: bool,
}

/// The numbers that driving licences give their fields (Directive 2006/126/EC, annex I; UK licences alike).
const LICENCE_ANCHORS: [(&str, Option<FieldName>); 9] = [
    ("1", Some(FieldName::Family)),
    ("2", Some(FieldName::Given)),
    ("3", Some(FieldName::Birth)),
    ("4A", None),
    ("4B", Some(FieldName::Expiry)),
    ("4C", None),
    ("4D", None),
    ("5", Some(FieldName::Number)),
    ("9", None),
];
/// So many different anchors make a driving licence.
const ANCHORS_MIN: usize = 4;

/// A value begins at most this far from its number, in shares of the document's width: further away its start is hidden.
const GAP_MAX: f64 = 0.08;

/// Words of the captions over or beside values, more particular ones first: "surname" holds "name".
const CAPTIONS: [(&str, FieldName); 14] = [
    ("SURNAME", FieldName::Family),
    ("FAMILY NAME", FieldName::Family),
    ("GIVEN NAME", FieldName::Given),
    ("PRENOM", FieldName::Given),
    ("VORNAME", FieldName::Given),
    ("DATE OF BIRTH", FieldName::Birth),
    ("DATE DE NAISSANCE", FieldName::Birth),
    ("GEBURTS", FieldName::Birth),
    ("DATE OF EXPIRY", FieldName::Expiry),
    ("EXPIRY DATE", FieldName::Expiry),
    ("DATE D EXPIRATION", FieldName::Expiry),
    ("DOCUMENT NO", FieldName::Number),
    ("PASSPORT NO", FieldName::Number),
    ("CARD NO", FieldName::Number),
];

impl Fields {
    /// Everything that can be said about one photo.
    pub fn of(seen: &Seen) -> Fields {
        let lines: Vec<&SeenLine> = seen.lines().collect();
        let mut all = licence_fields(&lines);
        let is_driving_licence = !all.is_empty();
        if all.is_empty() {
            all = captioned_fields(&lines);
        }
        let licence_number = all
            .iter()
            .filter(|field| field.name == FieldName::Number)
            .find_map(|field| LicenceNumber::parse(field.text.expose()));
        let mrz = seen.mrz.as_ref().and_then(|found| {
            let lines: Vec<&str> = found.lines.expose().iter().map(String::as_str).collect();
            mrz::read(&lines).filter(|read| read.checks.hold()).map(|read| (read, found.place))
        });
        if let Some((mrz, place)) = &mrz {
            join(&mut all, mrz, *place, &lines);
        }
        Fields { all, mrz: mrz.map(|(mrz, _)| mrz), licence_number, is_driving_licence }
    }

    pub fn get(&self, name: FieldName) -> Option<&Field> {
        self.all.iter().find(|field| field.name == name)
    }

    /// The day the document ends.
    pub fn expiry(&self, today: NaiveDate) -> Option<NaiveDate> {
        let by_machine = self.mrz.as_ref().and_then(|mrz| mrz.expiry).and_then(|date| date.in_this_century(today));
        by_machine.or_else(|| self.get(FieldName::Expiry).and_then(|field| dates::printed(field.text.expose())))
    }
}

/// Values beside the numbers of a driving licence.
fn licence_fields(lines: &[&SeenLine]) -> Vec<Field> {
    let anchors: Vec<(usize, &SeenLine)> =
        lines.iter().filter_map(|line| anchor(line.text.expose()).map(|(index, _)| (index, *line))).collect();
    let mut kinds: Vec<usize> = anchors.iter().map(|(index, _)| *index).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < ANCHORS_MIN {
        return Vec::new();
    }
    let mut fields: Vec<Field> = Vec::new();
    for (index, line) in anchors {
        let Some((_, Some(name))) = LICENCE_ANCHORS.get(index) else { continue };
        if fields.iter().any(|field| field.name == *name) {
            continue;
        }
        let rest = anchor(line.text.expose()).map(|(_, rest)| rest).unwrap_or_default();
        if rest.is_empty() {
            fields.extend(right_of(line, lines).and_then(|value| field(*name, value.text.expose(), value)));
        } else {
            fields.extend(field(*name, rest, line));
        }
    }
    fields
}

/// Which numbered field a line begins, and what follows its number.
fn anchor(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (mark, rest) = text.split_at_checked(end)?;
    let mark = mark.to_ascii_uppercase();
    let index = LICENCE_ANCHORS.iter().position(|(anchor, _)| *anchor == mark)?;
    let is_marked = rest.is_empty() || rest.starts_with(['.', ',']);
    let rest = rest.trim_start_matches(['.', ',', ' ']);
    is_marked.then_some((index, rest))
}

/// The key on the back of a licence: "1. Name 2. Given names", no value.
fn is_legend(text: &str) -> bool {
    let mark = |word: &str| word.strip_suffix('.').map(str::to_ascii_uppercase);
    text.split_whitespace()
        .filter_map(mark)
        .any(|mark| LICENCE_ANCHORS.iter().any(|(anchor, _)| *anchor == mark) || mark.parse::<u8>().is_ok())
}

/// The nearest line to the right, on the same row.
fn right_of<'a>(from: &SeenLine, lines: &[&'a SeenLine]) -> Option<&'a SeenLine> {
    let [_, top, right, bottom] = from.within;
    let middle = (top + bottom) / 2.0;
    lines
        .iter()
        .filter(|line| {
            let [left, above, _, below] = line.within;
            (right - 0.02..right + GAP_MAX).contains(&left)
                && (above..below).contains(&middle)
                && anchor(line.text.expose()).is_none()
        })
        .min_by(|a, b| a.within.first().partial_cmp(&b.within.first()).unwrap_or(std::cmp::Ordering::Equal))
        .copied()
}

/// Values under their captions.
fn captioned_fields(lines: &[&SeenLine]) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for caption in lines {
        let Some(name) = captioned(caption) else { continue };
        if fields.iter().any(|field| field.name == name) {
            continue;
        }
        fields.extend(below(caption, lines).and_then(|value| field(name, value.text.expose(), value)));
    }
    fields
}

fn captioned(line: &SeenLine) -> Option<FieldName> {
    let text = folded(line.text.expose());
    CAPTIONS.iter().find(|(words, _)| text.contains(words)).map(|(_, name)| *name)
}

/// The nearest line below that begins at about the same place and is no caption itself.
fn below<'a>(caption: &SeenLine, lines: &[&'a SeenLine]) -> Option<&'a SeenLine> {
    let [left, top, _, bottom] = caption.within;
    let height = bottom - top;
    lines
        .iter()
        .filter(|line| {
            let [other_left, other_top, _, other_bottom] = line.within;
            let lower = (other_top + other_bottom - top - bottom) / 2.0;
            (other_left - left).abs() < 0.03
                && (0.5 * height..2.5 * height).contains(&lower)
                && captioned(line).is_none()
        })
        .min_by(|a, b| a.within.get(1).partial_cmp(&b.within.get(1)).unwrap_or(std::cmp::Ordering::Equal))
        .copied()
}

/// A printed field; a date field must hold a date, whatever stands beside it.
fn field(name: FieldName, text: &str, line: &SeenLine) -> Option<Field> {
    let is_date = matches!(name, FieldName::Birth | FieldName::Expiry);
    let text = if is_date { dates::printed(text)?.to_string() } else { text.trim().to_owned() };
    (!text.is_empty() && !is_legend(&text)).then(|| Field {
        name,
        text: Redacted::new(text),
        confidence: line.confidence,
        place: line.place,
        source: Source::Print,
    })
}

/// Adds what the machine-readable lines say: it goes before print, and says where both agree.
fn join(fields: &mut Vec<Field>, mrz: &Mrz, place: Place, lines: &[&SeenLine]) {
    let birth = mrz.birth.as_ref().map(|birth| *birth.expose());
    for (name, text) in [
        (FieldName::Family, mrz.family.expose().clone()),
        (FieldName::Given, mrz.given.expose().clone()),
        (FieldName::Number, mrz.number.expose().clone()),
        (FieldName::Birth, birth.map_or_else(String::new, short)),
        (FieldName::Expiry, mrz.expiry.map_or_else(String::new, short)),
    ] {
        if text.is_empty() {
            continue;
        }
        let short_date = if name == FieldName::Birth { birth } else { mrz.expiry };
        let is_date = matches!(name, FieldName::Birth | FieldName::Expiry);
        let same = |printed: &str| match dates::printed(printed) {
            Some(date) if is_date => short_date.is_some_and(|short| short.is(date)),
            _ => !is_date && alike(printed, &text),
        };
        let printed = fields.iter().position(|field| field.name == name).map(|at| fields.swap_remove(at));
        let beside =
            lines.iter().find(|line| same(line.text.expose())).and_then(|line| field(name, line.text.expose(), line));
        let both = printed.filter(|printed| same(printed.text.expose())).or(beside);
        fields.push(match both {
            Some(printed) => Field { confidence: 1.0, source: Source::Both, ..printed },
            None => Field { name, text: Redacted::new(text), confidence: 1.0, place, source: Source::Mrz },
        });
    }
}

/// The same as machine-readable lines would write it.
fn alike(printed: &str, read: &str) -> bool {
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let read = squeezed(read);
    [folded(printed), names::transliterated_text(printed)].iter().any(|text| squeezed(text) == read)
}

/// As the lines write it: year, month and day of two digits.
fn short(date: mrz::ShortDate) -> String {
    format!("{:02}{:02}{:02}", date.year, date.month, date.day)
}
