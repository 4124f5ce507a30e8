//! Ops are told of what the system cannot mend by itself: once an hour for each matter, and never with personal data.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::{Tx, job_tick};
use crate::error::Error;
use crate::queue::{self, Job};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::ids::SubmissionId;

/// The same matter is told again after this long, while it lasts.
const TOLD_EVERY: TimeDelta = TimeDelta::hours(1);
/// Messages of one kind within that time: beyond it the first ones say what is going on.
const TOLD_MAX: i64 = 20;

/// What ops are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertKind {
    /// The malware scanner is down or silent.
    ScannerAway,
    /// The malware scanner answers, but with a refusal.
    ScannerRefuses,
    /// Evidence cannot be read back: the store is down or refuses, or the key file lacks a key.
    EvidenceUnreadable,
    /// The scanner found something in a file.
    MalwareFound,
    /// The store holds other bytes than were acknowledged, or none.
    StoredBytesDiffer,
    /// A pre-check used up its tries before the evidence was read back.
    EvidenceGivenUp,
}

/// A matter, and the submission it is about when it is about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alert {
    pub kind: AlertKind,
    pub submission: Option<SubmissionId>,
}

/// An alert in words. They stand in a mail and must do without any detail of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertWords {
    pub subject: &'static str,
    pub what_happened: &'static str,
    pub what_to_do: &'static str,
    /// The page of the runbook.
    pub page: &'static str,
}

/// Owes ops a message in a transaction of its own.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn tell(ctx: &Ctx, alert: Alert, now: DateTime<Utc>) -> Result<()> {
    ctx.db().tx("alert.tell", async |tx: &mut Tx| raise(tx, alert, now).await).await
}

/// Owes ops a message when the caller's transaction commits, unless they were told of the same within the hour.
pub(crate) async fn raise(tx: &mut Tx, alert: Alert, now: DateTime<Utc>) -> Result<()> {
    let hour = now.duration_trunc(TOLD_EVERY).map_err(Error::internal)?;
    let of_this_kind = Alert::of(alert.kind).tick();
    if job_tick::count(tx, &of_this_kind, hour).await? >= TOLD_MAX {
        tracing::error!(alert = alert.name(), "ops have been told of this too often within the hour");
        return Ok(());
    }
    if job_tick::win(tx, &alert.tick(), hour).await? {
        queue::enqueue(tx, &Job::AlertOps { alert }, now, now).await?;
    }
    Ok(())
}

impl Alert {
    pub fn of(kind: AlertKind) -> Alert {
        Alert { kind, submission: None }
    }

    pub fn about(kind: AlertKind, submission: SubmissionId) -> Alert {
        Alert { kind, submission: Some(submission) }
    }

    /// Kind and submission: what makes two alerts the same matter.
    pub fn name(&self) -> String {
        match self.submission {
            None => self.kind.code().to_owned(),
            Some(submission) => format!("{} {submission}", self.kind.code()),
        }
    }

    fn tick(&self) -> String {
        format!("alert_ops {}", self.name())
    }
}

impl AlertKind {
    pub const ALL: [AlertKind; 6] = [
        Self::ScannerAway,
        Self::ScannerRefuses,
        Self::EvidenceUnreadable,
        Self::MalwareFound,
        Self::StoredBytesDiffer,
        Self::EvidenceGivenUp,
    ];

    /// The stable code in payloads and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::ScannerAway => "scanner_away",
            Self::ScannerRefuses => "scanner_refuses",
            Self::EvidenceUnreadable => "evidence_unreadable",
            Self::MalwareFound => "malware_found",
            Self::StoredBytesDiffer => "stored_bytes_differ",
            Self::EvidenceGivenUp => "evidence_given_up",
        }
    }

    pub fn parse(code: &str) -> Option<AlertKind> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub fn words(self) -> AlertWords {
        let (subject, what_happened, what_to_do, page) = match self {
            Self::ScannerAway => (
                "The malware scanner does not answer",
                "Submissions wait unscanned. Nothing is lost, but no new submission reaches the checkers and promises will break.",
                "Start clamd again, or set CLAMD_ADDRESS right and restart the workers. What waits goes on by itself within a minute.",
                "docs/operations/malware.md",
            ),
            Self::ScannerRefuses => (
                "The malware scanner refuses to scan",
                "clamd answered that it cannot scan a file, most often because of a size limit. The submission waits unscanned.",
                "Compare StreamMaxLength, MaxFileSize and MaxScanSize of clamd with the sizes that Proofdesk accepts; its log says more.",
                "docs/operations/malware.md",
            ),
            Self::EvidenceUnreadable => (
                "Evidence cannot be read back",
                "The object store is down, slow or refuses, or the key file lacks a key. Submissions wait; nothing is lost.",
                "Run `proofdesk doctor` on a worker's machine and mend what it names. What waits goes on by itself within a minute.",
                "docs/operations/storage-outage.md",
            ),
            Self::MalwareFound => (
                "Malware found in a file that was sent",
                "The file is in quarantine: nobody is shown it. The patient was asked to take a new one. Nobody opened it.",
                "Do not open or copy the file. One file needs nothing more; several from one client need a word with that client.",
                "docs/operations/malware.md",
            ),
            Self::StoredBytesDiffer => (
                "Stored bytes are not those that were received",
                "An object in the store was changed, cut or lost. No checker sees it, and the patient was asked to send it again.",
                "Find out who or what wrote to the store: Proofdesk never changes an object. Check its disk and who has its keys.",
                "docs/operations/storage-outage.md",
            ),
            Self::EvidenceGivenUp => (
                "A pre-check was given up before its evidence was read back",
                "The job is dead. No checker sees the evidence, and the patient was asked to send it again.",
                "Look at the dead job and its errors on the ops page, and mend the cause before more patients are asked.",
                "docs/operations/dead-jobs.md",
            ),
        };
        AlertWords { subject, what_happened, what_to_do, page }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn codes_read_back_and_every_page_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::parse(kind.code()), Some(kind));
            assert!(root.join(kind.words().page).is_file(), "{}", kind.words().page);
        }
    }

    #[test]
    fn the_same_kind_about_two_submissions_is_two_matters_of_one_kind() {
        let one = Alert::about(AlertKind::MalwareFound, SubmissionId::new(uuid::Uuid::from_u128(1)));
        let two = Alert::about(AlertKind::MalwareFound, SubmissionId::new(uuid::Uuid::from_u128(2)));
        assert_ne!(one.name(), two.name());
        assert!(one.tick().starts_with(&Alert::of(AlertKind::MalwareFound).tick()));
    }
}
