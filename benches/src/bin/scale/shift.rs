//! A day as a game of events: who arrives, who is free, who decides. The same game is played in memory, to find the staffing, and
//! with the workflow's verbs as its queue, to see that they keep up with the model.

use crate::curve::{Dice, arrivals};
use chrono::{DateTime, TimeDelta, Utc};
use domain::sla::{SlaClock, SlaPolicy};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Decisions have to wait no longer than this for 95 of 100.
const WANTED_SECONDS: f64 = 3_600.0;
/// More checkers than any day needs.
const CHECKERS_MAX: u32 = 2_000;

#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub arrivals: u32,
    /// Mean seconds of a check.
    pub seconds: f64,
    pub seed: u64,
}

/// One arrival with its promise and the length its check will have.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    pub clock: SlaClock,
    pub seconds: f64,
}

impl Plan {
    /// The day that begins at `midnight`.
    pub fn day(&self, policy: &SlaPolicy, midnight: DateTime<Utc>) -> Vec<Arrival> {
        let mut dice = Dice::new(self.seed);
        let times = arrivals(self.arrivals, &mut dice);
        let arrival = |at: f64| Arrival { clock: policy.start(midnight + seconds(at)), seconds: dice_of(self, at) };
        times.into_iter().map(arrival).collect()
    }
}

/// The length of a check depends on the seed and on the arrival alone, so that it is the same whoever plays.
fn dice_of(plan: &Plan, at: f64) -> f64 {
    Dice::new(plan.seed ^ at.to_bits()).around(plan.seconds).clamp(20.0, 1_800.0)
}

pub fn seconds(of: f64) -> TimeDelta {
    TimeDelta::milliseconds((of * 1_000.0) as i64)
}

/// How a day went. Waits count from the start of the clock, so that a night does not count as waiting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    pub decided: usize,
    pub p50_minutes: f64,
    pub p95_minutes: f64,
    pub breaches: usize,
}

pub fn outcome(mut waits: Vec<f64>, breaches: usize) -> Outcome {
    waits.sort_by(f64::total_cmp);
    let at =
        |part: f64| waits.get(((waits.len() as f64 * part).ceil() as usize).saturating_sub(1)).copied().unwrap_or(0.0);
    Outcome { decided: waits.len(), p50_minutes: at(0.5) / 60.0, p95_minutes: at(0.95) / 60.0, breaches }
}

/// The fewest checkers, all there from nine to nine, with whom 95 of 100 wait an hour at most; and how the day goes with them.
pub fn fewest(policy: &SlaPolicy, day: &[Arrival]) -> (u32, Outcome) {
    let (mut low, mut high) = (1, CHECKERS_MAX);
    while low < high {
        let middle = u32::midpoint(low, high);
        if model(policy, day, middle).p95_minutes * 60.0 <= WANTED_SECONDS {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    (low, model(policy, day, low))
}

/// The day in memory: the most urgent first, a checker who is free takes the next. What the evening leaves is decided next morning.
pub fn model(policy: &SlaPolicy, day: &[Arrival], checkers: u32) -> Outcome {
    let mut waiting: BinaryHeap<Reverse<(DateTime<Utc>, usize)>> = BinaryHeap::new();
    let mut coming: VecDeque<usize> = (0..day.len()).collect();
    let opens = day.first().map(|first| policy.start(first.clock.received_at).start_at).unwrap_or_default();
    let mut free: BinaryHeap<Reverse<DateTime<Utc>>> = (0..checkers).map(|_| Reverse(opens)).collect();
    let (mut waits, mut breaches) = (Vec::new(), 0);
    while let Some(Reverse(at)) = free.pop() {
        let mut now = if policy.is_staffed(at) { at } else { policy.start(at).start_at };
        if waiting.is_empty() {
            let Some(next) = coming.front().and_then(|next| day.get(*next)) else { continue };
            now = now.max(next.clock.received_at);
            now = if policy.is_staffed(now) { now } else { policy.start(now).start_at };
        }
        while let Some(arrival) =
            coming.front().and_then(|next| day.get(*next)).filter(|next| next.clock.received_at <= now)
        {
            let due_at = arrival.clock.due_at;
            if let Some(place) = coming.pop_front() {
                waiting.push(Reverse((due_at, place)));
            }
        }
        let Some(arrival) = waiting.pop().and_then(|Reverse((_, place))| day.get(place)) else { continue };
        let decided = now + seconds(arrival.seconds);
        waits.push((decided - arrival.clock.start_at).num_milliseconds() as f64 / 1_000.0);
        breaches += usize::from(decided >= arrival.clock.due_at);
        free.push(Reverse(decided));
    }
    outcome(waits, breaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan = Plan { arrivals: 3_000, seconds: 180.0, seed: 1 };

    fn a_day() -> Vec<Arrival> {
        PLAN.day(&SlaPolicy::default(), "2026-03-02T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn everything_is_decided_and_more_checkers_make_nobody_wait_longer() {
        let (policy, day) = (SlaPolicy::default(), a_day());
        let few = model(&policy, &day, 13);
        let more = model(&policy, &day, 20);
        assert_eq!((few.decided, more.decided), (3_000, 3_000));
        assert!(more.p95_minutes < few.p95_minutes && more.breaches <= few.breaches, "{few:?} {more:?}");
    }

    #[test]
    fn the_fewest_are_enough_and_one_less_is_not() {
        let (policy, day) = (SlaPolicy::default(), a_day());
        let (checkers, with) = fewest(&policy, &day);
        assert!(with.p95_minutes <= 60.0, "{with:?}");
        assert!(model(&policy, &day, checkers - 1).p95_minutes > 60.0);
    }

    #[test]
    fn the_same_seed_is_the_same_day() {
        assert_eq!(model(&SlaPolicy::default(), &a_day(), 15), model(&SlaPolicy::default(), &a_day(), 15));
    }
}
