//! Times and waits as words, in the service's time zone; made on the server so that pages never differ from the browser.

use crate::view::Moment;
use chrono::{DateTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use std::fmt::Display;

/// "10:42"
pub fn time_of_day<Tz: TimeZone<Offset: Display>>(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M").to_string()
}

/// "22 November at 10:42"
pub fn day_and_time<Tz: TimeZone<Offset: Display>>(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %B at %H:%M").to_string()
}

pub fn moment<Tz: TimeZone<Offset: Display>>(at: DateTime<Utc>, zone: Tz) -> Moment {
    Moment { words: day_and_time(at, zone), iso: at.to_rfc3339_opts(SecondsFormat::Secs, true) }
}

pub fn clock_moment<Tz: TimeZone<Offset: Display>>(at: DateTime<Utc>, zone: Tz) -> Moment {
    Moment { words: time_of_day(at, zone), iso: at.to_rfc3339_opts(SecondsFormat::Secs, true) }
}

/// "none", "less than a minute", "12 minutes", "3 hours 5 minutes", "2 days 4 hours"
pub fn wait(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    let Some(since) = since else {
        return "none".to_owned();
    };
    let minutes = (now - since).max(TimeDelta::zero()).num_minutes();
    let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) if minutes == 0 => "less than a minute".to_owned(),
        (0, 0) => counted(minutes, "minute"),
        (0, hours) => format!("{} {}", counted(hours, "hour"), counted(rest, "minute")),
        (days, hours) => format!("{} {}", counted(days, "day"), counted(hours, "hour")),
    }
}

/// A count from the database, which has no unsigned numbers.
pub fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn counted(number: i64, unit: &str) -> String {
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_told_in_the_units_people_use() {
        let now = Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap();
        let cases = [
            (0, "less than a minute"),
            (1, "1 minute"),
            (59, "59 minutes"),
            (61, "1 hour 1 minute"),
            (3_000, "2 days 2 hours"),
            (-5, "less than a minute"),
        ];
        for (minutes, expected) in cases {
            assert_eq!(wait(Some(now - TimeDelta::minutes(minutes)), now), expected);
        }
        assert_eq!(wait(None, now), "none");
    }

    #[test]
    fn times_are_local_to_the_service() {
        let zone = domain::sla::SlaPolicy::default().zone;
        let summer = Utc.with_ymd_and_hms(2026, 7, 1, 9, 42, 0).unwrap();
        assert_eq!(
            moment(summer, zone),
            Moment { words: "1 July at 10:42".to_owned(), iso: "2026-07-01T09:42:00Z".to_owned() }
        );
    }
}
