//! The promise to the patient: when a submission's clock starts, when it is due, and how it stands now.
//!
//! Opening hours are wall-clock times of one place, so every rule here goes through that place's time zone;
//! the target is elapsed time, so it is added to an instant and never to a wall-clock time.

mod estimate;
mod policy_words;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use estimate::{Estimate, estimate};
pub use policy_words::SlaPolicyError;

use crate::evidence::coded;
use policy_words::PolicyWords;

/// When people check, how soon they promise to, and how close to the end the warning comes.
///
/// Written in configuration as `zone`, `staffed_from`, `staffed_until`, `target_minutes` and `at_risk_minutes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PolicyWords", into = "PolicyWords")]
pub struct SlaPolicy {
    pub zone: Tz,
    /// The first wall-clock moment of the staffed day; an arrival at this very moment is in hours.
    pub staffed_from: NaiveTime,
    /// The first wall-clock moment after the staffed day; an arrival at this very moment is overnight.
    pub staffed_until: NaiveTime,
    /// Elapsed time from the clock's start to the due time.
    pub target: TimeDelta,
    /// How much time may be left for a submission to be shown as at risk.
    pub at_risk: TimeDelta,
}

/// What the policy says about one arrival. Stored with the submission, so a later policy never moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaClock {
    pub received_at: DateTime<Utc>,
    pub start_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// True when the arrival was outside staffed hours and the clock waits for the next opening.
    pub overnight: bool,
}

coded!(
    /// How a due time stands against now, from good to bad.
    SlaStanding {
        OnTrack = "on_track",
        AtRisk = "at_risk",
        Breached = "breached",
    }
);

const NINE_IN_THE_MORNING: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
const NINE_IN_THE_EVENING: NaiveTime = match NaiveTime::from_hms_opt(21, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// No clock change on record skips more than a day of wall-clock time.
const SKIPPED_MINUTES_MAX: i64 = 24 * 60;

impl Default for SlaPolicy {
    /// Europe/London, staffed 09:00–21:00, two hours, at risk in the last fifteen minutes.
    fn default() -> Self {
        Self {
            zone: Tz::Europe__London,
            staffed_from: NINE_IN_THE_MORNING,
            staffed_until: NINE_IN_THE_EVENING,
            target: TimeDelta::hours(2),
            at_risk: TimeDelta::minutes(15),
        }
    }
}

impl SlaPolicy {
    /// Starts the clock of an arrival: at once in staffed hours, otherwise at the next opening.
    pub fn start(&self, received_at: DateTime<Utc>) -> SlaClock {
        let start_at = self.next_staffed(received_at);
        SlaClock { received_at, start_at, due_at: start_at + self.target, overnight: !self.is_staffed(received_at) }
    }

    /// The due time itself is already too late: the promise was to decide before it.
    pub fn standing(&self, due_at: DateTime<Utc>, now: DateTime<Utc>) -> SlaStanding {
        let left = due_at - now;
        if left <= TimeDelta::zero() {
            SlaStanding::Breached
        } else if left <= self.at_risk {
            SlaStanding::AtRisk
        } else {
            SlaStanding::OnTrack
        }
    }

    pub fn is_staffed(&self, at: DateTime<Utc>) -> bool {
        let time = at.with_timezone(&self.zone).time();
        self.staffed_from <= time && time < self.staffed_until
    }

    /// `at` itself in staffed hours, otherwise the next opening.
    fn next_staffed(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        if self.is_staffed(at) {
            return at;
        }
        let local = at.with_timezone(&self.zone);
        let today = local.date_naive();
        let opens_on = if local.time() < self.staffed_from { today } else { today.succ_opt().unwrap_or(today) };
        self.instant(opens_on, self.staffed_from)
    }

    /// The first instant at which the wall clock of `date` shows `time`, or, where a clock change skips it, the
    /// first minute that exists after it.
    fn instant(&self, date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let wanted = date.and_time(time);
        for skipped in 0..=SKIPPED_MINUTES_MAX {
            match self.zone.from_local_datetime(&(wanted + TimeDelta::minutes(skipped))) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
                    return at.with_timezone(&Utc);
                }
                LocalResult::None => {}
            }
        }
        wanted.and_utc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Received, start, due. Winter is UTC, summer is UTC + 1.
    const IN_HOURS: &str = "
        2026-01-05T20:30:00Z      2026-01-05T20:30:00Z      2026-01-05T22:30:00Z
        2026-07-06T19:30:00Z      2026-07-06T19:30:00Z      2026-07-06T21:30:00Z
        2026-01-05T09:00:00.000Z  2026-01-05T09:00:00Z      2026-01-05T11:00:00Z
        2026-07-06T08:00:00.000Z  2026-07-06T08:00:00Z      2026-07-06T10:00:00Z
        2026-01-05T20:59:59.999Z  2026-01-05T20:59:59.999Z  2026-01-05T22:59:59.999Z
        2028-02-29T20:59:59.999Z  2028-02-29T20:59:59.999Z  2028-02-29T22:59:59.999Z";

    /// The edges of the staffed day; both nights of the clock change; the leap day; New Year.
    const OVERNIGHT: &str = "
        2026-01-05T08:59:59.999Z  2026-01-05T09:00:00Z  2026-01-05T11:00:00Z
        2026-01-05T21:00:00.000Z  2026-01-06T09:00:00Z  2026-01-06T11:00:00Z
        2026-01-05T23:59:59.999Z  2026-01-06T09:00:00Z  2026-01-06T11:00:00Z
        2026-01-06T00:00:00.000Z  2026-01-06T09:00:00Z  2026-01-06T11:00:00Z
        2026-03-28T21:00:00Z      2026-03-29T08:00:00Z  2026-03-29T10:00:00Z
        2026-03-29T00:59:59Z      2026-03-29T08:00:00Z  2026-03-29T10:00:00Z
        2026-10-24T20:00:00Z      2026-10-25T09:00:00Z  2026-10-25T11:00:00Z
        2026-10-25T00:30:00Z      2026-10-25T09:00:00Z  2026-10-25T11:00:00Z
        2026-10-25T01:30:00Z      2026-10-25T09:00:00Z  2026-10-25T11:00:00Z
        2028-02-28T22:00:00Z      2028-02-29T09:00:00Z  2028-02-29T11:00:00Z
        2028-02-29T21:00:00Z      2028-03-01T09:00:00Z  2028-03-01T11:00:00Z
        2026-12-31T23:00:00Z      2027-01-01T09:00:00Z  2027-01-01T11:00:00Z";

    #[test]
    fn arrivals_start_and_fall_due_as_the_policy_page_says() {
        let policy = SlaPolicy::default();
        for (cases, overnight) in [(IN_HOURS, false), (OVERNIGHT, true)] {
            for case in cases.lines().skip(1) {
                let times: Vec<_> = case.split_whitespace().map(at).collect();
                let [received_at, start_at, due_at] = times.try_into().unwrap();
                let expected = SlaClock { received_at, start_at, due_at, overnight };
                assert_eq!(policy.start(received_at), expected);
            }
        }
    }

    #[test]
    fn standing_changes_at_exactly_fifteen_minutes_left_and_at_the_due_time() {
        let policy = SlaPolicy::default();
        let due = at("2026-01-05T12:00:00Z");
        for (now, expected) in [
            ("2026-01-05T09:00:00Z", SlaStanding::OnTrack),
            ("2026-01-05T11:44:59.999Z", SlaStanding::OnTrack),
            ("2026-01-05T11:45:00Z", SlaStanding::AtRisk),
            ("2026-01-05T11:59:59.999Z", SlaStanding::AtRisk),
            ("2026-01-05T12:00:00Z", SlaStanding::Breached),
            ("2026-01-09T12:00:00Z", SlaStanding::Breached),
        ] {
            assert_eq!(policy.standing(due, at(now)), expected, "at {now}");
        }
    }

    #[test]
    fn an_opening_that_a_clock_change_skips_moves_to_the_first_minute_that_exists() {
        let policy = SlaPolicy { staffed_from: NaiveTime::from_hms_opt(1, 30, 0).unwrap(), ..SlaPolicy::default() };
        // 29 March 2026: the wall clock jumps from 01:00 to 02:00, which is 01:00 UTC.
        let clock = policy.start(at("2026-03-29T00:10:00Z"));
        assert_eq!(clock.start_at, at("2026-03-29T01:00:00Z"));
    }
}
