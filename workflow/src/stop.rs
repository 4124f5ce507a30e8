//! How a process is asked to stop: SIGTERM from a supervisor, SIGINT from a terminal.

use tokio::signal::unix::{SignalKind, signal};

/// Returns when the process is asked to stop.
pub async fn asked() {
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        // Without handlers the default action ends the process, which is also a stop.
        _ => std::future::pending().await,
    }
}
