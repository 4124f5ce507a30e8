//! When each pool last asked for work with success. A worker that is alive but deaf shows here (F9, F14).

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::job::Pool;

/// A pool that has not asked for work for this long is not healthy.
const SILENCE_MAX: TimeDelta = TimeDelta::seconds(10);

/// Shared between the runner, which writes it, and readiness, which reads it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<[AtomicI64; 3]>);

impl Health {
    /// The last successful fetch of this pool, if there has been one.
    pub fn last_fetch(&self, pool: Pool) -> Option<DateTime<Utc>> {
        match self.cell(pool).load(Ordering::Relaxed) {
            0 => None,
            micros => DateTime::from_timestamp_micros(micros),
        }
    }

    /// Those of `pools` that have not asked for work in the last ten seconds.
    pub fn silent(&self, pools: &[Pool], now: DateTime<Utc>) -> Vec<Pool> {
        let is_silent = |pool: &Pool| self.last_fetch(*pool).is_none_or(|at| now - at > SILENCE_MAX);
        pools.iter().copied().filter(is_silent).collect()
    }

    pub(super) fn fetched(&self, pool: Pool, now: DateTime<Utc>) {
        self.cell(pool).store(now.timestamp_micros(), Ordering::Relaxed);
    }

    fn cell(&self, pool: Pool) -> &AtomicI64 {
        let [media, mail, light] = &*self.0;
        match pool {
            Pool::Media => media,
            Pool::Mail => mail,
            Pool::Light => light,
        }
    }
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
}
