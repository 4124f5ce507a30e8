//! What a job's death means to those who waited for it, written in the transaction that records the death.

use chrono::{DateTime, Utc};
use domain::ids::SubmissionId;
use uuid::Uuid;

use super::job::Job;
use crate::db::Tx;
use crate::db::job::ClaimedRow;
use crate::error::Error;
use crate::{demographics, notify, precheck};

/// Why a start failed; the class in `job_error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The job lease ran out: the process died, or stood still for too long.
    Crash,
    Panic,
    Timeout,
    /// The handler expects that trying again helps.
    Transient,
    /// The handler knows that trying again does not help.
    Permanent,
    /// The kind or the payload cannot be read.
    Payload,
}

impl Cause {
    pub fn code(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Panic => "panic",
            Self::Timeout => "timeout",
            Self::Transient => "transient",
            Self::Permanent => "permanent",
            Self::Payload => "payload",
        }
    }

    /// Whether the job is dead whatever its schedule says.
    pub(super) fn is_final(self) -> bool {
        matches!(self, Self::Permanent | Self::Payload)
    }
}

/// A job that will not be started again, read as far as it can be.
pub(super) struct Deceased {
    id: Uuid,
    kind: String,
    job: Option<Job>,
}

impl Deceased {
    /// A precheck whose payload cannot be read still knows its submission from its column.
    pub fn of(row: &ClaimedRow) -> Self {
        let from_column = || match (row.kind.as_str(), row.submission_id) {
            ("run_precheck", Some(id)) => Some(Job::RunPrecheck { submission: SubmissionId::new(id) }),
            _ => None,
        };
        let job = Job::parse(&row.kind, &row.payload).ok().or_else(from_column);
        Self { id: row.id, kind: row.kind.clone(), job }
    }
}

/// A dead precheck hands its submission to people, or back to the patient what nobody may open; a dead trace leaves the checker the document alone; a dead notice is shown to staff; a dead periodic job is replaced by the next tick.
pub(super) async fn on_dead(tx: &mut Tx, deceased: &Deceased, cause: Cause, now: DateTime<Utc>) -> Result<(), Error> {
    tracing::error!(job = %deceased.id, kind = deceased.kind, cause = cause.code(), "job is dead");
    let told = match &deceased.job {
        Some(Job::RunPrecheck { submission }) => precheck::give_up(tx, *submission, now).await,
        Some(Job::TraceRecord { submission }) => demographics::give_up(tx, *submission, now).await,
        Some(Job::SendNotice { notice }) => notify::give_up(tx, *notice, now).await,
        Some(Job::Sweep | Job::PurgeObjects | Job::AlertOps { .. } | Job::PostAlert { .. }) | None => Ok(()),
    };
    match told {
        // What the job served has been purged since; nobody waits any more.
        Err(Error::NotFound(_)) => Ok(()),
        told => told,
    }
}
