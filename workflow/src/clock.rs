//! The only place that reads time and makes time-ordered ids. Tests hold a fixed clock and move it.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::{NoContext, Timestamp, Uuid};

#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// The system's, ahead by so many microseconds: a drill steps the clock of a process that runs.
    Shifted(Arc<AtomicI64>),
    /// Microseconds since 1970, moved only by [`Clock::advance`].
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(at: DateTime<Utc>) -> Clock {
        Clock::Fixed(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    /// Now, in whole microseconds: what PostgreSQL stores is what was decided on.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads time")]
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match self {
            Clock::System => Utc::now().timestamp_micros(),
            Clock::Shifted(by) => Utc::now().timestamp_micros().saturating_add(by.load(Ordering::SeqCst)),
            Clock::Fixed(micros) => micros.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Moves a fixed or a shifted clock; the system clock is nobody's to move.
    pub fn advance(&self, by: TimeDelta) {
        if let Clock::Fixed(micros) | Clock::Shifted(micros) = self {
            micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }
}

/// A new identifier, ordered by `now` (RFC 9562, version 7), with 74 random bits.
pub fn new_uuid(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH);
        clock.advance(TimeDelta::minutes(3));
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH + TimeDelta::minutes(3));
    }

    #[test]
    fn ids_are_ordered_by_the_clock_that_is_passed_in() {
        let early = new_uuid(DateTime::UNIX_EPOCH);
        let late = new_uuid(DateTime::UNIX_EPOCH + TimeDelta::seconds(1));
        assert!(early < late);
    }
}
