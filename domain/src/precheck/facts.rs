//! The facts of an identity side by side: as they were claimed, and as they were read on the document.

use chrono::NaiveDate;

use super::Check;
use super::dates;
use super::fields::{Field, FieldName, Fields};
use super::mrz::ShortDate;
use crate::identity::ClaimedIdentity;
use crate::redacted::Redacted;

/// One fact. Whether both sides are the same thing is not said here: that is what its check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    pub name: FieldName,
    /// `None` where nothing is claimed, as of the date on which a document ends.
    pub claimed: Option<Redacted<String>>,
    /// `None` where it could not be read on any side of the document.
    pub read: Option<Redacted<String>>,
    /// The check that held the two against each other, or the fact against today.
    pub check: Option<Check>,
}

/// Every fact that documents carry, in the order in which people read them. `read` holds one entry for each photo; `today` is the date
/// where the service is.
pub fn facts(claimed: &ClaimedIdentity, read: &[Fields], today: NaiveDate) -> Vec<Fact> {
    let name = claimed.name.as_ref();
    let birth = claimed.date_of_birth.expose();
    [
        (FieldName::Given, name.map(|name| name.expose_given().to_owned()), Some(Check::ClaimedName)),
        (FieldName::Family, name.map(|name| name.expose_family().to_owned()), Some(Check::ClaimedName)),
        (FieldName::Birth, Some(in_words(birth)), Some(Check::ClaimedBirth)),
        (FieldName::Expiry, None, Some(Check::DocumentExpiry)),
        (FieldName::Number, None, None),
    ]
    .into_iter()
    .map(|(name, claimed, check)| Fact {
        name,
        claimed: claimed.map(Redacted::new),
        read: surest(read, name).map(|(fields, field)| Redacted::new(spelt(fields, field, today))),
        check,
    })
    .collect()
}

fn surest(read: &[Fields], name: FieldName) -> Option<(&Fields, &Field)> {
    read.iter()
        .filter_map(|fields| fields.get(name).map(|field| (fields, field)))
        .max_by(|a, b| a.1.confidence.total_cmp(&b.1.confidence))
}

/// Dates in words; everything else as the document has it.
fn spelt(fields: &Fields, field: &Field, today: NaiveDate) -> String {
    let text = field.text.expose();
    let short = fields.mrz.as_ref().and_then(|mrz| mrz.birth.as_ref()).map(|birth| *birth.expose());
    match field.name {
        FieldName::Expiry => fields.expiry(today).map_or_else(|| text.clone(), in_words),
        FieldName::Birth => match (dates::printed(text), short) {
            (Some(date), _) => in_words(date),
            (None, Some(short)) => without_century(short).unwrap_or_else(|| text.clone()),
            (None, None) => text.clone(),
        },
        FieldName::Family | FieldName::Given | FieldName::Number => text.clone(),
    }
}

/// Machine-readable lines leave the century out, and so do we.
fn without_century(date: ShortDate) -> Option<String> {
    const ANY_LEAP_YEAR: i32 = 2000;
    let day = NaiveDate::from_ymd_opt(ANY_LEAP_YEAR, date.month, date.day)?;
    Some(format!("{} ’{:02}", day.format("%-d %B"), date.year))
}

fn in_words(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{DateOfBirth, PersonName};
    use crate::precheck::fields::Source;
    use crate::precheck::seen::Place;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
    }

    fn field(name: FieldName, text: &str, confidence: f64) -> Field {
        let place = Place { left: 0, top: 0, right: 9, bottom: 9 };
        Field { name, text: Redacted::new(text.to_owned()), confidence, place, source: Source::Print }
    }

    #[test]
    fn a_date_of_birth_in_six_digits_is_not_guessed_at() {
        let told = without_century(ShortDate { year: 76, month: 8, day: 12 });
        assert_eq!(told.as_deref(), Some("12 August ’76"));
    }

    #[test]
    fn each_fact_is_told_as_claimed_and_as_read_best() {
        let claimed = ClaimedIdentity {
            name: PersonName::parse("Mary Ann", "Specimen").ok(),
            date_of_birth: DateOfBirth::parse("1987-03-09", day(2026, 11, 23), 13).unwrap(),
            nhs_number: None,
            postcode: None,
        };
        let of = |all| Fields { all, ..Fields::default() };
        let front = of(vec![field(FieldName::Family, "SPEC1MEN", 0.4), field(FieldName::Birth, "1987-03-09", 0.9)]);
        let back = of(vec![field(FieldName::Family, "SPECIMEN", 0.8)]);
        let told: Vec<_> = facts(&claimed, &[front, back], day(2026, 11, 23))
            .into_iter()
            .map(|fact| {
                let open = |text: Option<Redacted<String>>| text.map_or_else(|| "-".to_owned(), Redacted::into_inner);
                format!("{}: {} / {}", fact.name, open(fact.claimed), open(fact.read))
            })
            .collect();
        assert_eq!(
            told,
            [
                "given_names: Mary Ann / -",
                "family_name: Specimen / SPECIMEN",
                "date_of_birth: 9 March 1987 / 9 March 1987",
                "expiry: - / -",
                "number: - / -"
            ]
        );
    }
}
