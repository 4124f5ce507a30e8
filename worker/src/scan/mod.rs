//! The malware scanner: evidence is handed to clamd as a stream, and only its plain OK counts as clean.
//!
//! The protocol is that of clamd's manual page: `zINSTREAM`, pieces that begin with their length in four bytes, a piece
//! of length nought, and one reply. Every step has a time limit, because a scanner that hangs must not hold a worker.

mod conversation;
mod reply;
#[cfg(test)]
mod tests;

use std::time::Duration;
use workflow::alert::AlertKind;
use workflow::config::{ClamdAddress, Config, Mode};

pub use conversation::Scan;
pub use reply::Verdict;

/// Said at the start and by `proofdesk doctor` when there is none.
pub const NOT_SET: &str = "scan.clamd_address is empty, so uploads are not scanned for malware";

/// How long one step of a conversation may take.
#[derive(Debug, Clone, Copy)]
pub struct ScanLimits {
    pub connect: Duration,
    /// Handing over one piece of 64 KiB.
    pub send: Duration,
    /// From the last piece to the reply: all of the scanning happens then.
    pub verdict: Duration,
}

/// A clamd that evidence is shown to.
#[derive(Debug, Clone)]
pub struct Scanner {
    address: ClamdAddress,
    limits: ScanLimits,
}

/// Why there is no verdict. None of it says anything about the file, so whoever asked has to ask again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    #[error("the malware scanner cannot be reached: {0}")]
    Away(std::io::ErrorKind),
    #[error("the malware scanner was silent for {} ms when asked to {step}", .after.as_millis())]
    Silent { step: &'static str, after: Duration },
    #[error("the malware scanner hung up")]
    HungUp,
    /// One of its limits; a larger one has to be set there.
    #[error("the malware scanner does not take files of this size")]
    Limit,
    /// The text is the scanner's, without what is not plain ASCII.
    #[error("the malware scanner answered: {0}")]
    NotUnderstood(String),
}

/// Says in one line of the log what is scanned, and warns where a patient's upload would not be.
pub fn tell_whether_set(config: &Config) {
    match (&config.clamd, config.mode) {
        (Some(address), _) => tracing::info!(%address, "uploads are scanned for malware"),
        (None, Mode::Production) => tracing::warn!("{NOT_SET}"),
        (None, Mode::Development) => tracing::info!("{NOT_SET}"),
    }
}

impl Scanner {
    /// The scanner of the settings; `None` when none is set.
    pub fn of(config: &Config) -> Option<Scanner> {
        Some(Scanner { address: config.clamd.clone()?, limits: ScanLimits::default() })
    }

    #[must_use]
    pub fn with_limits(self, limits: ScanLimits) -> Scanner {
        Scanner { limits, ..self }
    }

    /// Connects and announces one file.
    ///
    /// # Errors
    /// [`ScanError`]
    pub async fn begin(&self) -> Result<Scan, ScanError> {
        Scan::begin(&self.address, self.limits).await
    }

    /// What clamd says of itself: its version and, once it has public signatures, theirs and their date.
    ///
    /// # Errors
    /// [`ScanError`]
    pub async fn version(&self) -> Result<String, ScanError> {
        conversation::version(&self.address, self.limits).await
    }
}

impl ScanError {
    /// What ops are told.
    pub fn alert(&self) -> AlertKind {
        match self {
            ScanError::Away(_) | ScanError::Silent { .. } | ScanError::HungUp => AlertKind::ScannerAway,
            ScanError::Limit | ScanError::NotUnderstood(_) => AlertKind::ScannerRefuses,
        }
    }
}

impl Default for ScanLimits {
    /// A video of 100 MB takes a clamd with all public signatures about ten seconds of one core (its default limit for
    /// one file is two minutes); a worker waits for less than a job's own deadline.
    fn default() -> Self {
        ScanLimits { connect: Duration::from_secs(3), send: Duration::from_secs(10), verdict: Duration::from_secs(45) }
    }
}
