//! Whether this process agrees with the database about the time. One that does not must claim nothing, take no lease
//! back and bring no tick: with a clock an hour ahead it would steal every running job of the fleet.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

use crate::Ctx;
use crate::clock::Clock;
use crate::db::worker_process;
use crate::error::Error;

/// Clocks that differ by more than this do not agree.
pub const CLOCK_SKEW_MAX: TimeDelta = TimeDelta::seconds(1);
/// A comparison that took longer than this tells too little to change what is known.
const ANSWER_MAX: Duration = Duration::from_millis(500);

/// How far this process' clock is ahead of the database's; `None` for a fixed clock, which is its holder's.
///
/// # Errors
/// Those of the database.
pub async fn clock_skew(ctx: &Ctx) -> Result<Option<TimeDelta>, Error> {
    if matches!(ctx.clock(), Clock::Fixed(_)) {
        return Ok(None);
    }
    let check = ClockCheck::default();
    check.compare(ctx).await?;
    Ok(check.skew(ctx.now()))
}

/// The last comparison with the database's clock. Between two, steps of this machine's clock are noticed against its
/// steady one.
#[derive(Debug, Default)]
pub(super) struct ClockCheck(Mutex<Option<Compared>>);

#[derive(Debug, Clone, Copy)]
struct Compared {
    steady: Instant,
    wall: DateTime<Utc>,
    skew: TimeDelta,
}

impl ClockCheck {
    /// Asks the database for the time.
    pub async fn compare(&self, ctx: &Ctx) -> Result<(), Error> {
        let mut conn = ctx.db().conn().await?;
        let asked = Instant::now();
        let database = worker_process::clock(&mut conn).await?;
        let took = asked.elapsed();
        let wall = ctx.now();
        let half = TimeDelta::from_std(took / 2).unwrap_or_default();
        let compared = Compared { steady: Instant::now(), wall, skew: wall - (database + half) };
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if took <= ANSWER_MAX || last.is_none() {
            *last = Some(compared);
        }
        Ok(())
    }

    /// How far this clock is ahead of the database's now, as far as is known; `None` before the first comparison.
    pub fn skew(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let last = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        let should_have_passed = TimeDelta::from_std(last.steady.elapsed()).unwrap_or_default();
        Some(last.skew + (now - last.wall) - should_have_passed)
    }

    /// Whether the time may be acted on. A fixed clock is its holder's, who knows what it does.
    pub fn agrees(&self, clock: &Clock, now: DateTime<Utc>) -> bool {
        matches!(clock, Clock::Fixed(_)) || self.skew(now).is_some_and(|skew| skew.abs() <= CLOCK_SKEW_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(skew: TimeDelta, wall: DateTime<Utc>) -> ClockCheck {
        ClockCheck(Mutex::new(Some(Compared { steady: Instant::now(), wall, skew })))
    }

    #[test]
    fn a_clock_is_trusted_only_after_a_comparison_that_agrees() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        assert!(!ClockCheck::default().agrees(&Clock::System, now));
        assert!(compared(TimeDelta::milliseconds(900), now).agrees(&Clock::System, now));
        for skew in [-1_100, 1_100, 3_600_000] {
            assert!(!compared(TimeDelta::milliseconds(skew), now).agrees(&Clock::System, now), "{skew} ms");
        }
    }

    #[test]
    fn a_step_is_noticed_at_once_and_the_passing_of_time_is_none() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let check = compared(TimeDelta::zero(), now);
        assert!(!check.agrees(&Clock::System, now + TimeDelta::hours(1)), "stepped ahead");
        assert!(!check.agrees(&Clock::System, now - TimeDelta::hours(1)), "stepped back");
        let minute = Duration::from_secs(60);
        let earlier = Compared { steady: Instant::now() - minute, wall: now, skew: TimeDelta::zero() };
        let check = ClockCheck(Mutex::new(Some(earlier)));
        assert!(check.agrees(&Clock::System, now + TimeDelta::seconds(60)));
        assert!(!check.agrees(&Clock::System, now), "stood still");
    }
}
