//! What stands on the specimens, and how much of it a reader got right: the same strings, spelt alike.

use anyhow::{Context, Result};
use domain::precheck::dates;
use domain::precheck::fields::{FieldName, Fields};
use domain::precheck::names::folded;
use domain::precheck::{Measured, mrz};
use std::path::{Path, PathBuf};

/// The lines of the large passport photo; `fixtures/people.toml` holds what was claimed, which is less.
const PASSPORT_LINES: [&str; 2] =
    ["P<UTOTESTERSEN<<ASTRA<NOVA<<<<<<<<<<<<<<<<<<", "X000000078UTO7608128F3305016<<<<<<<<<<<<<<02"];
const PASSPORT_NUMBER: &str = "X00000007";
const PASSPORT_EXPIRY: &str = "2033-05-01";

/// One value of one document.
pub enum Value {
    Text(FieldName, String),
    Date(FieldName, chrono::NaiveDate),
    Line(&'static str),
}

pub struct Specimen {
    pub photo: PathBuf,
    pub values: Vec<Value>,
}

/// The fronts of all good specimens, with the names and the date of birth that stand on them.
///
/// # Errors
/// When the list of people is not as it was.
pub fn specimens(fixtures: &Path) -> Result<Vec<Specimen>> {
    let people: toml::Table = std::fs::read_to_string(fixtures.join("people.toml"))?.parse()?;
    let people = people.get("person").and_then(toml::Value::as_array).context("no people")?;
    people
        .iter()
        .map(|person| {
            let text = |key: &str| person.get(key).and_then(toml::Value::as_str).context("a person without it");
            Ok(Specimen {
                photo: fixtures.join("media").join(text("front")?),
                values: vec![
                    Value::Text(FieldName::Family, text("family_name")?.to_owned()),
                    Value::Text(FieldName::Given, text("given_name")?.to_owned()),
                    Value::Date(FieldName::Birth, text("date_of_birth")?.parse()?),
                ],
            })
        })
        .collect()
}

/// The photo of twelve million pixels, with everything that stands on it.
///
/// # Errors
/// As [`specimens`].
pub fn large(fixtures: &Path) -> Result<Specimen> {
    let mut first = specimens(fixtures)?.into_iter().next().context("no people")?;
    first.photo = fixtures.join("media/passport-good-12mp.jpg");
    first.values.push(Value::Text(FieldName::Number, PASSPORT_NUMBER.to_owned()));
    first.values.push(Value::Date(FieldName::Expiry, PASSPORT_EXPIRY.parse()?));
    first.values.extend(PASSPORT_LINES.map(Value::Line));
    Ok(first)
}

/// Ours must say which value is which.
pub fn right_in_measures(values: &[Value], measured: &Measured) -> usize {
    let Measured::Photo(measures) = measured else { return 0 };
    let Some(seen) = &measures.seen else { return 0 };
    let fields = Fields::of(seen);
    let lines: Vec<&str> = seen.mrz.iter().flat_map(|found| found.lines.expose()).map(String::as_str).collect();
    let read = mrz::read(&lines).filter(|read| read.checks.hold());
    let is_right = |value: &&Value| match value {
        Value::Text(name, text) => fields.get(*name).is_some_and(|field| is_same(field.text.expose(), text)),
        Value::Date(name, date) => {
            let printed = fields.get(*name).and_then(|field| dates::printed(field.text.expose()));
            let short = read.as_ref().and_then(|read| match name {
                FieldName::Birth => read.birth.as_ref().map(|birth| *birth.expose()),
                _ => read.expiry,
            });
            printed == Some(*date) || (printed.is_none() && short.is_some_and(|short| short.is(*date)))
        }
        Value::Line(line) => lines.contains(line),
    };
    values.iter().filter(is_right).count()
}

/// Of theirs it is enough that it stands anywhere in the text.
pub fn right_in_text(values: &[Value], text: &str) -> usize {
    let all = joined(&folded(text));
    let lines: Vec<String> = text.lines().map(|line| line.chars().filter(|c| !c.is_whitespace()).collect()).collect();
    let is_right = |value: &&Value| match value {
        Value::Text(_, wanted) => all.contains(&joined(&folded(wanted))),
        Value::Date(_, date) => text.lines().any(|line| holds_date(line, *date)),
        Value::Line(wanted) => lines.iter().any(|line| line == wanted),
    };
    values.iter().filter(is_right).count()
}

/// Whether a date stands anywhere in a line, behind others too.
fn holds_date(line: &str, date: chrono::NaiveDate) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    (0..words.len())
        .any(|from| dates::printed(&words.iter().skip(from).copied().collect::<Vec<_>>().join(" ")) == Some(date))
}

/// Accents, case, signs and spaces set aside.
fn is_same(a: &str, b: &str) -> bool {
    joined(&folded(a)) == joined(&folded(b))
}

fn joined(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
