//! How often one verification may try: a brake on guessing, with a wait the patient is told.

use super::Instant;
use chrono::TimeDelta;

/// Submissions one verification may open within [`ATTEMPTS_WINDOW_HOURS`].
pub const ATTEMPTS_MAX: usize = 5;
pub const ATTEMPTS_WINDOW_HOURS: i64 = 6;

/// No further attempt until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; the next is possible at {until}")]
pub struct AttemptsSpent {
    pub until: Instant,
}

/// Whether another submission may be opened, given when earlier ones of the verification were.
///
/// # Errors
/// [`AttemptsSpent`] with the time at which the oldest counted attempt leaves the window.
pub fn attempt_permitted(opened_at: &[Instant], now: Instant) -> Result<(), AttemptsSpent> {
    let window = TimeDelta::hours(ATTEMPTS_WINDOW_HOURS);
    let mut recent: Vec<Instant> = opened_at.iter().copied().filter(|at| *at > now - window).collect();
    recent.sort_unstable();
    // The attempt whose leaving makes room is the one ATTEMPTS_MAX places from the newest.
    let blocking = recent.len().checked_sub(ATTEMPTS_MAX).and_then(|index| recent.get(index));
    match blocking {
        Some(oldest) => Err(AttemptsSpent { until: *oldest + window }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_attempt_waits_until_the_first_is_six_hours_old() {
        let start = Instant::UNIX_EPOCH;
        let opened: Vec<_> = (0..5).map(|n| start + TimeDelta::minutes(n)).collect();
        let now = start + TimeDelta::minutes(10);
        let until = start + TimeDelta::hours(ATTEMPTS_WINDOW_HOURS);
        assert_eq!(attempt_permitted(opened.split_last().map_or(&[], |(_, rest)| rest), now), Ok(()));
        assert_eq!(attempt_permitted(&opened, now), Err(AttemptsSpent { until }));
        assert_eq!(attempt_permitted(&opened, until), Ok(()));
    }
}
