//! A date of birth: a real day, not in the future, of somebody old enough to hold a login.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use super::IdentityError;

/// A date of birth that was plausible and old enough on the day it was given.
///
/// There is no `Deserialize`: whether a date is acceptable depends on today, which only the caller knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateOfBirth(NaiveDate);

const FIELD: &str = "date_of_birth";
/// Nobody has lived longer; an older date is a typing mistake in the year.
const AGE_YEARS_MAX: u32 = 130;

impl DateOfBirth {
    /// Reads `1987-03-09`. `today` is the date where the service is; the minimum age in whole years is policy.
    ///
    /// Somebody born on 29 February completes a year on 1 March when there is no 29th, as in English law.
    pub fn parse(text: &str, today: NaiveDate, min_age_years: u32) -> Result<Self, IdentityError> {
        if text.trim().is_empty() {
            return Err(IdentityError::new(FIELD, "missing", "Enter the date of birth."));
        }
        let Some(date) = iso_date(text) else {
            return Err(IdentityError::new(
                FIELD,
                "wrong_format",
                "Enter a real date as year-month-day, such as 1987-03-09.",
            ));
        };
        let Some(age) = today.years_since(date) else {
            return Err(IdentityError::new(FIELD, "in_future", "The date of birth is in the future. Check the year."));
        };
        if age > AGE_YEARS_MAX {
            return Err(IdentityError::new(
                FIELD,
                "too_long_ago",
                "The date of birth is too long ago. Check the year.",
            ));
        }
        if age < min_age_years {
            return Err(IdentityError::new(
                FIELD,
                "too_young",
                format!("You must be at least {min_age_years} years old to use this service."),
            ));
        }
        Ok(Self(date))
    }

    pub fn expose(&self) -> NaiveDate {
        self.0
    }

    /// Reads back what was accepted before; the age rule was applied on the day of the claim.
    pub(super) fn stored(text: &str) -> Option<Self> {
        iso_date(text).map(Self)
    }

    /// `1987-03-09`.
    pub(super) fn iso(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

/// Exactly `YYYY-MM-DD` in ASCII digits, where chrono alone would also take signs, spaces and single digits.
fn iso_date(text: &str) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

impl fmt::Debug for DateOfBirth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, today: &str) -> Result<DateOfBirth, &'static str> {
        DateOfBirth::parse(text, today.parse().unwrap(), 13).map_err(|error| error.code)
    }

    #[test]
    fn the_day_of_the_thirteenth_birthday_is_the_first_that_is_old_enough() {
        for (born, today, expected) in [
            ("2013-11-22", "2026-11-22", None),
            ("2013-11-23", "2026-11-22", Some("too_young")),
            ("2012-02-29", "2025-02-28", Some("too_young")),
            ("2012-02-29", "2025-03-01", None),
            ("2026-11-22", "2026-11-22", Some("too_young")),
            ("2026-11-23", "2026-11-22", Some("in_future")),
            ("1896-11-22", "2026-11-22", None),
            ("1895-11-22", "2026-11-22", Some("too_long_ago")),
        ] {
            assert_eq!(parse(born, today).err(), expected, "{born} on {today}");
        }
    }

    #[test]
    fn only_real_dates_in_the_one_form_are_read() {
        for text in [
            "2001-02-29",
            "2001-13-01",
            "2001-00-10",
            "2001-04-31",
            "01-02-2001",
            "2001-2-3",
            "20010203",
            "2001/02/03",
            "2001-02-03T00:00",
            " 2001-02-03",
            "+001-02-03",
            "２001-02-03",
        ] {
            assert_eq!(parse(text, "2026-11-22").err(), Some("wrong_format"), "{text}");
        }
        assert_eq!(parse("  ", "2026-11-22").err(), Some("missing"));
        let leap = parse("2000-02-29", "2026-11-22").unwrap();
        assert_eq!(leap.expose(), "2000-02-29".parse::<NaiveDate>().unwrap());
        assert_eq!(DateOfBirth::stored(&leap.iso()), Some(leap));
    }
}
