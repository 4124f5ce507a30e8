//! The SLA policy as written in configuration; a policy that cannot be kept is refused when it is read.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::SlaPolicy;

/// Why a written policy cannot be used. None of these goes away by trying again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlaPolicyError {
    #[error("zone: {0:?} is not a time zone name; write one such as Europe/London")]
    UnknownZone(String),
    #[error("staffed_from and staffed_until: the day must end after it starts")]
    EmptyDay,
    #[error("target_minutes: must be from 1 to {TARGET_MINUTES_MAX}")]
    Target,
    #[error("at_risk_minutes: must be 0 or more and less than target_minutes")]
    AtRisk,
    #[error(
        "watch_minutes, page_minutes, at_risk_minutes: each warning must come before the next, and none a day early"
    )]
    Warnings,
    #[error("closed_days: at most {CLOSED_DAYS_MAX}, and not a month in a row")]
    ClosedDays,
}

/// A week; a longer promise is a typing mistake.
const TARGET_MINUTES_MAX: i64 = 7 * 24 * 60;
/// A warning a day before the end is none.
const WATCH_MINUTES_MAX: i64 = 24 * 60;
/// Bank holidays of several years fit many times over.
const CLOSED_DAYS_MAX: usize = 400;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyWords {
    zone: String,
    staffed_from: NaiveTime,
    staffed_until: NaiveTime,
    target_minutes: i64,
    at_risk_minutes: i64,
    watch_minutes: i64,
    page_minutes: i64,
    #[serde(default)]
    closed_days: BTreeSet<NaiveDate>,
}

impl TryFrom<PolicyWords> for SlaPolicy {
    type Error = SlaPolicyError;

    fn try_from(words: PolicyWords) -> Result<Self, SlaPolicyError> {
        let Ok(zone) = words.zone.parse::<Tz>() else {
            return Err(SlaPolicyError::UnknownZone(words.zone));
        };
        if words.staffed_from >= words.staffed_until {
            return Err(SlaPolicyError::EmptyDay);
        }
        if !(1..=TARGET_MINUTES_MAX).contains(&words.target_minutes) {
            return Err(SlaPolicyError::Target);
        }
        if !(0..words.target_minutes).contains(&words.at_risk_minutes) {
            return Err(SlaPolicyError::AtRisk);
        }
        let warnings = [WATCH_MINUTES_MAX, words.watch_minutes, words.page_minutes, words.at_risk_minutes];
        if !warnings.is_sorted_by(|earlier, later| earlier >= later) {
            return Err(SlaPolicyError::Warnings);
        }
        if words.closed_days.len() > CLOSED_DAYS_MAX || longest_run(&words.closed_days) >= super::CLOSED_DAYS_MAX {
            return Err(SlaPolicyError::ClosedDays);
        }
        Ok(Self {
            zone,
            staffed_from: words.staffed_from,
            staffed_until: words.staffed_until,
            target: TimeDelta::minutes(words.target_minutes),
            at_risk: TimeDelta::minutes(words.at_risk_minutes),
            watch: TimeDelta::minutes(words.watch_minutes),
            page: TimeDelta::minutes(words.page_minutes),
            closed_days: words.closed_days,
            version: 0,
        })
    }
}

/// The most closed days that follow each other.
fn longest_run(days: &BTreeSet<NaiveDate>) -> u32 {
    let (mut longest, mut run, mut expected) = (0, 0, None);
    for day in days {
        run = if expected == Some(*day) { run + 1 } else { 1 };
        expected = day.succ_opt();
        longest = longest.max(run);
    }
    longest
}

impl From<SlaPolicy> for PolicyWords {
    fn from(policy: SlaPolicy) -> Self {
        Self {
            zone: policy.zone.name().to_owned(),
            staffed_from: policy.staffed_from,
            staffed_until: policy.staffed_until,
            target_minutes: policy.target.num_minutes(),
            at_risk_minutes: policy.at_risk.num_minutes(),
            watch_minutes: policy.watch.num_minutes(),
            page_minutes: policy.page.num_minutes(),
            closed_days: policy.closed_days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(zone: &str, from: &str, until: &str, minutes: (i64, i64)) -> Result<SlaPolicy, String> {
        let written = serde_json::json!({
            "zone": zone, "staffed_from": from, "staffed_until": until,
            "target_minutes": minutes.0, "at_risk_minutes": minutes.1, "page_minutes": 30, "watch_minutes": 60,
        });
        serde_json::from_value(written).map_err(|error| error.to_string())
    }

    #[test]
    fn the_default_policy_survives_being_written_and_read() {
        let written = serde_json::to_string(&SlaPolicy::default()).unwrap();
        assert_eq!(serde_json::from_str::<SlaPolicy>(&written).unwrap(), SlaPolicy::default());
        assert_eq!(read("Europe/London", "09:00:00", "21:00:00", (120, 15)), Ok(SlaPolicy::default()));
    }

    #[test]
    fn a_policy_that_cannot_be_kept_is_refused() {
        for (zone, from, until, minutes, word) in [
            ("Europe/Lundon", "09:00:00", "21:00:00", (120, 15), "zone"),
            ("Europe/London", "21:00:00", "09:00:00", (120, 15), "staffed_from"),
            ("Europe/London", "09:00:00", "09:00:00", (120, 15), "staffed_from"),
            ("Europe/London", "09:00:00", "21:00:00", (0, 0), "target_minutes"),
            ("Europe/London", "09:00:00", "21:00:00", (120, 120), "at_risk_minutes"),
            ("Europe/London", "09:00:00", "21:00:00", (120, -1), "at_risk_minutes"),
            ("Europe/London", "09:00:00", "21:00:00", (120, 31), "page_minutes"),
        ] {
            let refused = read(zone, from, until, minutes).unwrap_err();
            assert!(refused.contains(word), "{refused}");
        }
    }

    #[test]
    fn a_service_that_is_closed_for_a_month_is_a_typing_mistake() {
        let first: NaiveDate = "2026-12-01".parse().unwrap();
        let with = |days: u32| SlaPolicy {
            closed_days: first.iter_days().take(days as usize).collect(),
            ..SlaPolicy::default()
        };
        let read = |policy: &SlaPolicy| serde_json::from_value::<SlaPolicy>(serde_json::to_value(policy).unwrap());
        assert_eq!(read(&with(30)).unwrap(), with(30));
        assert!(read(&with(31)).unwrap_err().to_string().contains("closed_days"));
    }
}
