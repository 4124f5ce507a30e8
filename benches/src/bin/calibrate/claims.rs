//! Whose documents the specimens are, so that the checks against a claim can be calibrated with right and wrong claims.

use anyhow::{Context, Result};
use chrono::NaiveDate;
use domain::identity::{ClaimedIdentity, DateOfBirth, PersonName, Postcode};
use serde::Deserialize;
use std::path::Path;

/// The day for which figures are made: the specimens are valid then.
pub const TODAY: &str = "2026-11-22";
/// A day on which all of them have expired.
pub const EXPIRED: &str = "2036-01-01";
/// Of people who may ask, at least.
const AGE_MIN_YEARS: u32 = 13;

#[derive(Deserialize)]
struct People {
    person: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    given_name: String,
    family_name: String,
    date_of_birth: String,
    postcode: String,
}

pub fn day(text: &str) -> Result<NaiveDate> {
    text.parse().with_context(|| format!("{text} is no day"))
}

/// The claims of all people in `fixtures/people.toml`, in its order.
pub fn claims(people: &Path) -> Result<Vec<ClaimedIdentity>> {
    let text = std::fs::read_to_string(people).with_context(|| people.display().to_string())?;
    let people: People = toml::from_str(&text)?;
    people.person.iter().map(claim).collect()
}

fn claim(person: &Person) -> Result<ClaimedIdentity> {
    let name = PersonName::parse(&person.given_name, &person.family_name)?;
    let birth = DateOfBirth::parse(&person.date_of_birth, day(TODAY)?, AGE_MIN_YEARS)?;
    let postcode = Postcode::parse(&person.postcode)?;
    Ok(ClaimedIdentity::new(Some(name), birth, None, Some(postcode))?)
}
