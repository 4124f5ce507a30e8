//! Waiting for what happens on threads and processes of its own: looked for again and again, and never for ever.

use std::time::Duration;

const POLL: Duration = Duration::from_millis(25);
/// Two minutes: a machine with one busy core needs that long for a browser and a video.
const POLLS_MAX: u32 = 4_800;

/// Answers what `look` finds, as soon as it finds something.
///
/// # Panics
/// When it never does; `what` says what was waited for.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..POLLS_MAX {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(POLL).await;
    }
    panic!("{what}: this did not happen in time")
}
