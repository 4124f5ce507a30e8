//! Whether this process does its work: when each pool last asked for some with success, when it last spoke with the
//! ledger, and whether its clock can be trusted. A worker that is alive but deaf shows here (F9, F14).

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::clock_check::ClockCheck;
use super::job::Pool;
use crate::clock::Clock;

/// What has been silent for this long is not healthy.
const SILENCE_MAX: TimeDelta = TimeDelta::seconds(10);

/// Shared between the runner, which writes it, and readiness, which reads it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Microseconds since 1970 of each pool's last fetch; 0 is never.
    fetches: [AtomicI64; 3],
    ledger: AtomicI64,
    clock: ClockCheck,
}

/// One thing that keeps this process from its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// A pool, `ledger` or `clock`.
    pub part: &'static str,
    /// In words for ops.
    pub detail: String,
}

impl Health {
    /// The last successful fetch of this pool, if there has been one.
    pub fn last_fetch(&self, pool: Pool) -> Option<DateTime<Utc>> {
        read(self.cell(pool))
    }

    /// Those of `pools` that have not asked for work in the last ten seconds.
    pub fn silent(&self, pools: &[Pool], now: DateTime<Utc>) -> Vec<Pool> {
        pools.iter().copied().filter(|pool| is_silent(self.last_fetch(*pool), now)).collect()
    }

    /// Everything that keeps a process serving `pools` from its work; nothing when it is ready.
    pub fn troubles(&self, pools: &[Pool], clock: &Clock, now: DateTime<Utc>) -> Vec<Trouble> {
        let silent = |pool: Pool| Trouble { part: pool.code(), detail: "no work was asked for in 10 s".to_owned() };
        let mut troubles: Vec<Trouble> = self.silent(pools, now).into_iter().map(silent).collect();
        if is_silent(read(&self.0.ledger), now) {
            troubles.push(Trouble { part: "ledger", detail: "no beat reached the ledger in 10 s".to_owned() });
        }
        if !self.0.clock.agrees(clock, now) {
            let detail = match self.0.clock.skew(now) {
                Some(skew) => format!("{} ms ahead of the database: nothing is claimed", skew.num_milliseconds()),
                None => "not yet compared with the database: nothing is claimed".to_owned(),
            };
            troubles.push(Trouble { part: "clock", detail });
        }
        troubles
    }

    pub(super) fn fetched(&self, pool: Pool, now: DateTime<Utc>) {
        self.cell(pool).store(now.timestamp_micros(), Ordering::Relaxed);
    }

    pub(super) fn beaten(&self, now: DateTime<Utc>) {
        self.0.ledger.store(now.timestamp_micros(), Ordering::Relaxed);
    }

    pub(super) fn clock(&self) -> &ClockCheck {
        &self.0.clock
    }

    fn cell(&self, pool: Pool) -> &AtomicI64 {
        let [media, mail, light] = &self.0.fetches;
        match pool {
            Pool::Media => media,
            Pool::Mail => mail,
            Pool::Light => light,
        }
    }
}

fn read(cell: &AtomicI64) -> Option<DateTime<Utc>> {
    match cell.load(Ordering::Relaxed) {
        0 => None,
        micros => DateTime::from_timestamp_micros(micros),
    }
}

fn is_silent(last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    last.is_none_or(|at| now - at > SILENCE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_silent_until_it_fetches_and_again_after_ten_seconds() {
        let health = Health::default();
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        assert_eq!(health.silent(&Pool::ALL, now), Pool::ALL);
        health.fetched(Pool::Mail, now);
        assert_eq!(health.silent(&Pool::ALL, now + TimeDelta::seconds(10)), [Pool::Media, Pool::Light]);
        assert_eq!(health.silent(&[Pool::Mail], now + TimeDelta::seconds(11)), [Pool::Mail]);
    }

    #[test]
    fn every_trouble_has_its_part_and_a_sound_process_has_none() {
        let health = Health::default();
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let parts = |clock: &Clock| -> Vec<&str> {
            health.troubles(&[Pool::Mail], clock, now).iter().map(|trouble| trouble.part).collect()
        };
        assert_eq!(parts(&Clock::System), ["mail", "ledger", "clock"]);
        health.fetched(Pool::Mail, now);
        health.beaten(now);
        assert_eq!(parts(&Clock::System), ["clock"]);
        assert!(parts(&Clock::fixed(now)).is_empty());
    }
}
