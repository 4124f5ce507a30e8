//! Everything the process logs is kept, so that a test can read what operators would read.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use tracing_subscriber::EnvFilter;

/// Ours as loud as they can be: what is never logged must not be logged at any level.
const FILTER: &str =
    "info,backend=trace,worker=trace,reviewer_ui=trace,workflow=trace,embedded=trace,actix_server=warn,aws=warn";

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static STARTED: Once = Once::new();

/// All lines so far, of every test of this process.
#[must_use]
pub fn logged() -> String {
    String::from_utf8_lossy(&log()).into_owned()
}

pub(crate) fn start() {
    STARTED.call_once(|| {
        let subscriber =
            tracing_subscriber::fmt().with_env_filter(EnvFilter::new(FILTER)).with_ansi(false).with_writer(|| Kept);
        // Whoever logged first keeps logging; then nothing is kept, and tests of the log fail.
        let _already = subscriber.try_init();
    });
}

/// The newest lines, for a test that failed.
pub(crate) fn tail(lines: usize) -> String {
    let all = logged();
    let lines: Vec<&str> = all.lines().rev().take(lines).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

struct Kept;

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        log().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log() -> MutexGuard<'static, Vec<u8>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}
