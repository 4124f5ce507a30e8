//! What a waiting patient is told: the promise, and what the queue really looks like, never better than it is.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde::Serialize;

use super::{SlaClock, SlaPolicy};

/// When a patient may expect the outcome, in instants for machines and in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// The promise; it does not move when the queue grows.
    pub promised_by: DateTime<Utc>,
    /// From the queue and the last hour's pace, counted in staffed hours only; none without a pace to go by.
    pub likely_by: Option<DateTime<Utc>>,
    pub overnight: bool,
    text: String,
}

impl Estimate {
    /// One or two plain sentences for the patient, times in the policy's time zone.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Beyond this many days a pace measured over one hour says nothing, so nothing is claimed.
const LIKELY_DAYS_MAX: u32 = 7;
/// Times made from a guess are rounded up to this many minutes, so that they do not look exact.
const LIKELY_STEP_SECONDS: i64 = 5 * 60;

/// Estimates when a submission with `waiting_ahead` others before it will be decided.
pub fn estimate(
    policy: &SlaPolicy,
    clock: &SlaClock,
    now: DateTime<Utc>,
    waiting_ahead: u32,
    decisions_last_hour: u32,
) -> Estimate {
    let from = now.max(clock.start_at);
    let likely_by = work_ahead(waiting_ahead, decisions_last_hour)
        .and_then(|work| policy.after_staffed(from, work, LIKELY_DAYS_MAX))
        .map(rounded_up);
    Estimate {
        promised_by: clock.due_at,
        likely_by,
        overnight: clock.overnight,
        text: words(policy, clock, now, likely_by),
    }
}

/// Staffed time until this submission's own decision is made, at the last hour's pace.
fn work_ahead(waiting_ahead: u32, decisions_last_hour: u32) -> Option<TimeDelta> {
    let seconds = (i64::from(waiting_ahead) + 1) * 3600;
    seconds.checked_div(i64::from(decisions_last_hour)).and_then(TimeDelta::try_seconds)
}

fn rounded_up(at: DateTime<Utc>) -> DateTime<Utc> {
    let past = at.timestamp().rem_euclid(LIKELY_STEP_SECONDS);
    let nanoseconds = i64::from(at.timestamp_subsec_nanos());
    if past == 0 && nanoseconds == 0 {
        return at;
    }
    at + TimeDelta::seconds(LIKELY_STEP_SECONDS - past) - TimeDelta::nanoseconds(nanoseconds)
}

fn words(policy: &SlaPolicy, clock: &SlaClock, now: DateTime<Utc>, likely_by: Option<DateTime<Utc>>) -> String {
    let promise = spoken(policy, now, clock.due_at);
    let late = now >= clock.due_at;
    match likely_by.map(|likely| (likely, spoken(policy, now, likely))) {
        Some((_, likely)) if late => format!(
            "We are sorry, this is taking longer than we said. We now expect to email you by about {likely}."
        ),
        None if late => {
            "We are sorry, this is taking longer than we said. A person will still check your proof, and we will email you."
                .to_owned()
        }
        Some((at, likely)) if at > clock.due_at => format!(
            "We aim to email you by {promise}. We are very busy, so it may be about {likely}."
        ),
        _ if now < clock.start_at => format!(
            "Our team checks proofs between {} and {}. We expect to email you by {promise}.",
            spoken_time(policy.staffed_from),
            spoken_time(policy.staffed_until),
        ),
        Some((_, likely)) => {
            format!("We will email you by {promise}. At the moment it looks like about {likely}.")
        }
        None => format!("We will email you by {promise}."),
    }
}

/// "10:30pm", "11am tomorrow" or "11am on Tuesday 3 November", as seen from `now`.
fn spoken(policy: &SlaPolicy, now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&policy.zone);
    let time = spoken_time(local.time());
    let today = now.with_timezone(&policy.zone).date_naive();
    let date = local.date_naive();
    if date == today {
        time
    } else if Some(date) == today.succ_opt() {
        format!("{time} tomorrow")
    } else {
        format!("{time} on {}", date.format("%A %-d %B"))
    }
}

fn spoken_time(time: impl Timelike) -> String {
    match (time.hour(), time.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "midday".to_owned(),
        (_, minute) => {
            let (afternoon, hour) = time.hour12();
            let half = if afternoon { "pm" } else { "am" };
            if minute == 0 { format!("{hour}{half}") } else { format!("{hour}:{minute:02}{half}") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Received, now, (waiting ahead, decisions in the last hour).
    fn estimated(received: &str, now: &str, pace: (u32, u32)) -> Estimate {
        let policy = SlaPolicy::default();
        estimate(&policy, &policy.start(at(received)), at(now), pace.0, pace.1)
    }

    #[test]
    fn a_quiet_queue_gives_a_likely_time_before_the_promise() {
        let told = estimated("2026-07-06T09:00:00Z", "2026-07-06T09:01:00Z", (9, 30));
        assert_eq!(told.promised_by, at("2026-07-06T11:00:00Z"));
        assert_eq!(told.likely_by, Some(at("2026-07-06T09:25:00Z")));
        assert_eq!(told.text(), "We will email you by midday. At the moment it looks like about 10:25am.");
    }

    #[test]
    fn a_long_queue_is_admitted_and_waits_for_the_next_staffed_day() {
        // Two hours of work from eight in the evening: one is done today, the other from nine tomorrow.
        let told = estimated("2026-01-05T20:00:00Z", "2026-01-05T20:00:00Z", (119, 60));
        assert_eq!(told.likely_by, Some(at("2026-01-06T10:00:00Z")));
        assert_eq!(told.text(), "We aim to email you by 10pm. We are very busy, so it may be about 10am tomorrow.");
    }

    #[test]
    fn an_overnight_arrival_is_told_the_staffed_hours_and_the_morning_promise() {
        let told = estimated("2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z", (0, 0));
        assert!(told.overnight);
        assert_eq!(told.likely_by, None);
        assert_eq!(told.text(), "Our team checks proofs between 9am and 9pm. We expect to email you by 11am tomorrow.");
    }

    #[test]
    fn a_broken_promise_is_said_to_be_broken() {
        let told = estimated("2026-01-05T09:00:00Z", "2026-01-05T11:00:00Z", (0, 12));
        assert_eq!(told.likely_by, Some(at("2026-01-05T11:05:00Z")));
        assert!(told.text().starts_with("We are sorry"), "{}", told.text());
        let told = estimated("2026-01-05T09:00:00Z", "2026-01-08T11:00:00Z", (0, 0));
        assert!(told.text().starts_with("We are sorry"), "{}", told.text());
    }

    #[test]
    fn no_pace_or_an_endless_queue_claims_no_likely_time() {
        assert_eq!(estimated("2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z", (5, 0)).likely_by, None);
        assert_eq!(estimated("2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z", (u32::MAX, 1)).likely_by, None);
    }

    #[test]
    fn likely_times_are_rounded_up_never_down() {
        assert_eq!(rounded_up(at("2026-01-05T09:00:00.001Z")), at("2026-01-05T09:05:00Z"));
        assert_eq!(rounded_up(at("2026-01-05T09:05:00Z")), at("2026-01-05T09:05:00Z"));
        assert_eq!(rounded_up(at("2026-01-05T09:05:01Z")), at("2026-01-05T09:10:00Z"));
    }
}
