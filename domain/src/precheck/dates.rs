//! Dates as documents print them: day first with dots, slashes or spaces, or with the month's name.

use chrono::NaiveDate;

use super::names::folded;

/// The first letters of the months in the languages that documents here are printed in, January first.
const MONTHS: [&[&str]; 12] = [
    &["JAN", "GEN", "ENE", "STY"],
    &["FEB", "FEV", "LUT"],
    &["MAR", "MAE", "MRZ"],
    &["APR", "AVR", "ABR", "KWI"],
    &["MAY", "MAI", "MEI", "MAG", "MAJ"],
    &["JUN", "JUIN", "GIU", "CZE"],
    &["JUL", "JUIL", "LUG", "LIP"],
    &["AUG", "AOU", "AGO", "SIE"],
    &["SEP", "SET", "WRZ"],
    &["OCT", "OKT", "OTT", "OUT", "PAZ"],
    &["NOV", "LIS"],
    &["DEC", "DEZ", "DIC", "GRU"],
];

/// The first full date in a printed text; two-digit years are not guessed at.
pub fn printed(text: &str) -> Option<NaiveDate> {
    let folded = folded(text);
    let parts: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    parts
        .windows(3)
        .find_map(|three| match three {
            [year, month, day] if year.len() == 4 => date(year, number(month)?, day),
            [day, month, year] => date(year, number(month).or_else(|| named(month))?, day),
            _ => None,
        })
        // The month in two languages: 12 AUG / AOUT 1976.
        .or_else(|| {
            parts.windows(4).find_map(|four| match four {
                [day, month, other, year] if named(other).is_some() => date(year, named(month)?, day),
                _ => None,
            })
        })
}

fn date(year: &str, month: u32, day: &str) -> Option<NaiveDate> {
    let year = (year.len() == 4).then(|| number(year))??;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok().filter(|year| (1850..2150).contains(year))?, month, number(day)?)
}

fn number(text: &str) -> Option<u32> {
    (text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn named(text: &str) -> Option<u32> {
    let found = MONTHS.iter().position(|names| text.len() >= 3 && names.iter().any(|name| text.starts_with(name)))?;
    // June and July share their first two letters in French and their third nowhere.
    u32::try_from(found + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_documents_print_them() {
        for (text, expected) in [
            ("27.03.1988", Some("1988-03-27")),
            ("27.03.1988  FICTION UNDER LYME", Some("1988-03-27")),
            ("12 AUG 1976", Some("1976-08-12")),
            ("12 AUG / AOÛT 1976", Some("1976-08-12")),
            ("01/05/2033", Some("2033-05-01")),
            ("07 FÉV 2034", Some("2034-02-07")),
            ("09 JUIL 2031", Some("2031-07-09")),
            ("1976-08-12", Some("1976-08-12")),
            ("15 AUG 76", None),
            ("31.02.1988", None),
            ("27.03.0088", None),
            ("2703.1988", None),
            ("", None),
        ] {
            assert_eq!(printed(text), expected.map(|date| date.parse().unwrap()), "{text}");
        }
    }
}
