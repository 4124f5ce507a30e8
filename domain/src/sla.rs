//! The promise to the patient: when a submission's clock starts, when it is due, and how it stands now.
//!
//! Opening hours are wall-clock times of one place, so every rule here goes through that place's time zone;
//! the target is elapsed time, so it is added to an instant and never to a wall-clock time.

mod alert;
mod erlang;
mod estimate;
mod forecast;
mod policy_words;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use alert::{AlertLeads, AlertLevel};
pub use erlang::{Demand, checkers_for, erlang_b, erlang_c};
pub use estimate::{Estimate, estimate};
pub use forecast::{Forecast, QueueSeen, forecast};
pub use policy_words::SlaPolicyError;

use crate::evidence::coded;
use policy_words::PolicyWords;

/// When people check, how soon they promise to, and how close to the end the warnings come.
///
/// Written as `zone`, `staffed_from`, `staffed_until`, `target_minutes`, `watch_minutes`, `page_minutes`,
/// `at_risk_minutes` and `closed_days`.
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
    /// How much time may be left for the board to show a warning.
    pub watch: TimeDelta,
    /// How much time may be left for the shift to be called.
    pub page: TimeDelta,
    /// Local days on which nobody checks, such as bank holidays.
    pub closed_days: BTreeSet<NaiveDate>,
    /// Which version of the policy this is: 0 for the settings, then counted up with every change.
    pub version: i32,
}

/// What the policy says about one arrival. Stored with the submission: a later policy moves it only where it is applied
/// to what waits (`Event::PolicyChanged`).
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
/// Closed days in a row after which the next day counts as staffed: a policy that never opens is a typing mistake.
const CLOSED_DAYS_MAX: u32 = 31;

impl Default for SlaPolicy {
    /// Europe/London, staffed 09:00–21:00, two hours, at risk in the last fifteen minutes.
    fn default() -> Self {
        Self {
            zone: Tz::Europe__London,
            staffed_from: NINE_IN_THE_MORNING,
            staffed_until: NINE_IN_THE_EVENING,
            target: TimeDelta::hours(2),
            at_risk: TimeDelta::minutes(15),
            watch: TimeDelta::minutes(60),
            page: TimeDelta::minutes(30),
            closed_days: BTreeSet::new(),
            version: 0,
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
        let local = at.with_timezone(&self.zone);
        let is_open = self.staffed_from <= local.time() && local.time() < self.staffed_until;
        is_open && !self.closed_days.contains(&local.date_naive())
    }

    /// Staffed time between two moments; nothing when the second is not later. Beyond a month it is not counted.
    pub fn staffed_between(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> TimeDelta {
        let mut staffed = TimeDelta::zero();
        let mut at = from;
        for _ in 0..=CLOSED_DAYS_MAX {
            at = self.next_staffed(at);
            if at >= until {
                break;
            }
            let closes = self.closes(at).min(until);
            staffed += closes - at;
            at = closes;
        }
        staffed
    }

    /// The moment by which `work` of staffed time has passed; `None` when that is more than `days_max` staffed days away.
    fn after_staffed(&self, from: DateTime<Utc>, work: TimeDelta, days_max: u32) -> Option<DateTime<Utc>> {
        let mut left = work;
        let mut at = from;
        for _ in 0..=days_max {
            at = self.next_staffed(at);
            let closes = self.closes(at);
            if left <= closes - at {
                return Some(at + left);
            }
            left -= closes - at;
            at = closes;
        }
        None
    }

    /// The end of the staffed day that `at` is in.
    fn closes(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.instant(at.with_timezone(&self.zone).date_naive(), self.staffed_until)
    }

    /// `at` itself in staffed hours, otherwise the next opening.
    fn next_staffed(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        if self.is_staffed(at) {
            return at;
        }
        let local = at.with_timezone(&self.zone);
        let today = local.date_naive();
        let mut opens_on = if local.time() < self.staffed_from { today } else { today.succ_opt().unwrap_or(today) };
        for _ in 0..CLOSED_DAYS_MAX {
            if !self.closed_days.contains(&opens_on) {
                break;
            }
            opens_on = opens_on.succ_opt().unwrap_or(opens_on);
        }
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
    fn a_closed_day_moves_arrivals_to_the_next_day_that_opens() {
        let closed_days = ["2026-12-25", "2026-12-26"].map(|day| day.parse().unwrap()).into();
        let policy = SlaPolicy { closed_days, ..SlaPolicy::default() };
        for received in ["2026-12-24T21:00:00Z", "2026-12-25T12:00:00Z", "2026-12-26T20:59:59Z"] {
            let clock = policy.start(at(received));
            let told = (clock.start_at, clock.due_at, clock.overnight);
            assert_eq!(told, (at("2026-12-27T09:00:00Z"), at("2026-12-27T11:00:00Z"), true), "{received}");
        }
        let open = at("2026-12-24T20:00:00Z");
        assert_eq!(policy.start(open).due_at, at("2026-12-24T22:00:00Z"));
        assert_eq!(policy.staffed_between(open, at("2026-12-27T10:00:00Z")), TimeDelta::hours(2));
    }

    #[test]
    fn an_opening_that_a_clock_change_skips_moves_to_the_first_minute_that_exists() {
        let policy = SlaPolicy { staffed_from: NaiveTime::from_hms_opt(1, 30, 0).unwrap(), ..SlaPolicy::default() };
        // 29 March 2026: the wall clock jumps from 01:00 to 02:00, which is 01:00 UTC.
        let clock = policy.start(at("2026-03-29T00:10:00Z"));
        assert_eq!(clock.start_at, at("2026-03-29T01:00:00Z"));
    }
}
