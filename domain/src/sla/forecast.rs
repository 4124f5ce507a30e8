//! What becomes of the queue at the present pace: when it clears, how many promises break, how many checkers it would take.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Demand, SlaPolicy, checkers_for};

/// The part of steady arrivals that should wait no longer than [`STEADY_WITHIN`].
const STEADY_PART: f64 = 0.95;
/// Half of the promise: the other half is for what goes wrong.
const STEADY_WITHIN: TimeDelta = TimeDelta::minutes(60);
/// Beyond this many staffed days a pace of one hour says nothing.
const CLEARS_DAYS_MAX: u32 = 7;

/// The queue as it is seen now.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueSeen {
    /// Due times of what waits, the earliest first, each with how many are due at or just before it.
    pub due: Vec<(DateTime<Utc>, u32)>,
    pub arrivals_per_hour: f64,
    pub decisions_per_hour: f64,
    /// From taking a check to deciding it.
    pub seconds_per_check: f64,
}

/// What becomes of it. Times count staffed hours only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// When nothing waits any more; `None` when it does not at this pace, or not within a week.
    pub clears_at: Option<DateTime<Utc>>,
    /// Of those that wait now, how many will be decided after their due time.
    pub will_breach: u32,
    /// Checkers needed so that all that waits is decided in time, where time is left, and arrivals wait an hour at most.
    pub checkers_needed: u32,
}

/// Forecasts from the queue alone. What waits is decided in the order of its due times, as claims are; arrivals are due later
/// than what waits, so they delay the clearing but break none of the present promises.
pub fn forecast(policy: &SlaPolicy, seen: &QueueSeen, now: DateTime<Utc>) -> Forecast {
    let waiting: u32 = seen.due.iter().map(|(_, count)| count).sum();
    let arriving = if policy.is_staffed(now) { seen.arrivals_per_hour } else { 0.0 };
    let clears_at = match (waiting, hours(f64::from(waiting), seen.decisions_per_hour - arriving)) {
        (0, _) => Some(now),
        (_, work) => work.and_then(|work| policy.after_staffed(now, work, CLEARS_DAYS_MAX)),
    };
    let demand = Demand { arrivals_per_hour: seen.arrivals_per_hour, seconds_per_check: seen.seconds_per_check };
    let steady = checkers_for(demand, STEADY_PART, STEADY_WITHIN);
    let will_breach = will_breach(policy, seen, now);
    Forecast { clears_at, will_breach, checkers_needed: steady.max(for_backlog(policy, seen, now)) }
}

/// In each group, those whose turn comes after their due time.
fn will_breach(policy: &SlaPolicy, seen: &QueueSeen, now: DateTime<Utc>) -> u32 {
    let mut before = 0;
    let mut late = 0;
    for (due_at, count) in &seen.due {
        let staffed = policy.staffed_between(now, *due_at);
        let possible = seen.decisions_per_hour.max(0.0) * staffed.num_milliseconds() as f64 / 3_600_000.0;
        let in_time = (possible.floor() as u32).saturating_sub(before).min(*count);
        late += count - in_time;
        before += count;
    }
    late
}

/// Checkers who get through each part of the backlog before it is due. What is due already, or before the next opening, cannot
/// be saved and is counted as due within the hour.
fn for_backlog(policy: &SlaPolicy, seen: &QueueSeen, now: DateTime<Utc>) -> u32 {
    let mut before = 0_u32;
    let mut most = 0_u32;
    for (due_at, count) in &seen.due {
        before += count;
        let staffed = policy.staffed_between(now, *due_at);
        let seconds = if staffed <= TimeDelta::zero() { 3_600.0 } else { staffed.num_milliseconds() as f64 / 1_000.0 };
        // One check at least fits: with less time left than one takes, more people do not help.
        let seconds = seconds.max(seen.seconds_per_check);
        most = most.max((f64::from(before) * seen.seconds_per_check / seconds).ceil() as u32);
    }
    most
}

fn hours(work: f64, per_hour: f64) -> Option<TimeDelta> {
    if per_hour <= 0.0 {
        return None;
    }
    TimeDelta::try_milliseconds((work / per_hour * 3_600_000.0).ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn seen(due: &[(&str, u32)], arrivals_per_hour: f64, decisions_per_hour: f64) -> QueueSeen {
        let due = due.iter().map(|(due_at, count)| (at(due_at), *count)).collect();
        QueueSeen { due, arrivals_per_hour, decisions_per_hour, seconds_per_check: 180.0 }
    }

    #[test]
    fn a_queue_that_is_worked_off_faster_than_it_grows_clears_and_breaks_nothing() {
        let policy = SlaPolicy::default();
        let queue = seen(&[("2026-03-02T12:00:00Z", 60)], 20.0, 80.0);
        let told = forecast(&policy, &queue, at("2026-03-02T10:00:00Z"));
        assert_eq!(told.clears_at, Some(at("2026-03-02T11:00:00Z")), "60 at a net pace of 60 an hour");
        assert_eq!((told.will_breach, told.checkers_needed), (0, 2));
    }

    #[test]
    fn those_whose_turn_comes_after_their_due_time_are_counted_and_no_others() {
        let policy = SlaPolicy::default();
        // 30 an hour: 15 within half an hour, 60 within two.
        let queue = seen(&[("2026-03-02T10:30:00Z", 20), ("2026-03-02T12:00:00Z", 50)], 40.0, 30.0);
        let told = forecast(&policy, &queue, at("2026-03-02T10:00:00Z"));
        assert_eq!(told.will_breach, 5 + 10);
        assert_eq!(told.clears_at, None, "it grows");
        assert_eq!(told.checkers_needed, 3, "40 an hour keep two busy; to wait an hour at most takes a third");
    }

    #[test]
    fn nine_in_the_morning_counts_from_the_opening() {
        let policy = SlaPolicy::default();
        let queue = seen(&[("2026-03-03T11:00:00Z", 4_000)], 0.0, 1_000.0);
        let told = forecast(&policy, &queue, at("2026-03-03T05:00:00Z"));
        assert_eq!(told.will_breach, 2_000, "two hours at a thousand");
        assert_eq!(told.clears_at, Some(at("2026-03-03T13:00:00Z")));
        assert_eq!(told.checkers_needed, 100, "4,000 checks of 3 minutes in two hours");
    }

    #[test]
    fn without_any_decision_all_that_waits_will_break_and_no_time_is_claimed() {
        let told = forecast(
            &SlaPolicy::default(),
            &seen(&[("2026-03-02T12:00:00Z", 3)], 5.0, 0.0),
            at("2026-03-02T10:00:00Z"),
        );
        assert_eq!((told.clears_at, told.will_breach), (None, 3));
        let idle = forecast(&SlaPolicy::default(), &seen(&[], 0.0, 0.0), at("2026-03-02T10:00:00Z"));
        assert_eq!((idle.clears_at, idle.will_breach, idle.checkers_needed), (Some(at("2026-03-02T10:00:00Z")), 0, 0));
    }
}
