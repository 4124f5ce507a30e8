//! The protocol of one job: owed in the caller's transaction, claimed with a fence, ended exactly once under that fence.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::JobId;
use uuid::Uuid;

use super::dead::{Cause, Deceased, on_dead};
use super::job::Job;
use crate::clock::new_uuid;
use crate::db::Tx;
use crate::db::job::{self as rows, ClaimedRow, Ending, Fenced, NewJob};
use crate::db::job_error;
use crate::error::Error;
use crate::trace;

/// Characters of a failure's message that are kept.
const MESSAGE_CHARS_MAX: usize = 500;

/// A claimed job, and the proof of the claim that every later write must show.
#[derive(Debug, Clone)]
pub struct HeldJob {
    pub id: JobId,
    pub fence: i64,
    pub lease_by: String,
    /// Counted from 1.
    pub attempt: u32,
    pub job: Job,
}

/// Owes a job: it exists when the caller's transaction commits, and never did when it rolls back.
///
/// Answers `None` when the same work (kind and dedupe key) is already ready or running: a unique index says so, because
/// the idempotency key of apalis-redis lets both through (F5).
///
/// # Errors
/// Those of the database.
pub async fn enqueue(
    tx: &mut Tx,
    job: &Job,
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<JobId>, Error> {
    let id = new_uuid(now);
    let row = NewJob {
        id,
        queue: job.queue().code(),
        kind: job.kind(),
        payload: job.payload(),
        priority: job.priority(),
        run_at,
        attempts_max: job.schedule().attempts_max().cast_signed(),
        dedupe_key: job.dedupe_key(),
        submission: job.submission().map(|submission| submission.uuid()),
        trace: trace::current(),
    };
    if !rows::insert(tx, &row, now).await? {
        return Ok(None);
    }
    rows::notify(tx, row.queue).await?;
    Ok(Some(JobId::new(id)))
}

/// Ends the ready or running job of this kind and key, and answers whether there was one.
///
/// A body that runs already is not interrupted at once: its end changes nothing, because the claim is gone.
///
/// # Errors
/// Those of the database.
pub async fn cancel(tx: &mut Tx, kind: &str, dedupe_key: &str, now: DateTime<Utc>) -> Result<bool, Error> {
    Ok(rows::cancel(tx, kind, dedupe_key, now).await? > 0)
}

/// Ends a claim as done, as the last statement of the transaction that wrote the job's result.
///
/// # Errors
/// [`Error::JobLeaseLost`] when the claim is no longer ours (F10): the caller must roll back, which `Db::tx` does.
pub async fn finish(tx: &mut Tx, held: &HeldJob, now: DateTime<Utc>) -> Result<(), Error> {
    let done = rows::finish(tx, &[held.fenced()], &held.lease_by, now).await?;
    if done.is_empty() { Err(Error::JobLeaseLost) } else { Ok(()) }
}

impl HeldJob {
    pub(super) fn fenced(&self) -> Fenced {
        Fenced { id: self.id.uuid(), fence: self.fence }
    }
}

/// A claimed row with what is needed to end it, whether or not its payload can be read.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub row: ClaimedRow,
    pub lease_by: String,
}

/// Why a start failed, and whether the kind's schedule decides about another.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub cause: Cause,
    pub message: String,
    /// The handler asked for this pause instead of the schedule's.
    pub pause: Option<TimeDelta>,
}

impl Claim {
    pub fn id(&self) -> Uuid {
        self.row.id
    }

    pub fn fenced(&self) -> Fenced {
        Fenced { id: self.row.id, fence: self.row.fence }
    }

    /// The job, unless its kind or payload cannot be read: that is known only now, so that it stops no neighbour (F6).
    pub fn held(&self) -> Result<HeldJob, String> {
        Ok(HeldJob {
            id: JobId::new(self.row.id),
            fence: self.row.fence,
            lease_by: self.lease_by.clone(),
            attempt: self.row.attempts.unsigned_abs(),
            job: Job::parse(&self.row.kind, &self.row.payload)?,
        })
    }

    /// How this start ends after `failure`. Retry lives here and not in the transport (F1).
    fn ending(&self, failure: &Failure, now: DateTime<Utc>) -> Ending {
        let spent = self.row.attempts >= self.row.attempts_max;
        if spent || failure.cause.is_final() {
            return Ending::Dead;
        }
        let scheduled = || {
            let job = Job::parse(&self.row.kind, &self.row.payload);
            job.map_or(TimeDelta::zero(), |job| {
                job.schedule().pause_after(self.row.attempts.unsigned_abs(), self.row.id)
            })
        };
        Ending::RetryAt(now + failure.pause.unwrap_or_else(scheduled))
    }
}

/// As much of a message as the ledger keeps.
pub(super) fn kept(message: &str) -> String {
    message.chars().take(MESSAGE_CHARS_MAX).collect()
}

/// Ends a claim as failed: another try later, or dead with its consequences in the same transaction.
pub(super) async fn fail(tx: &mut Tx, claim: &Claim, failure: &Failure, now: DateTime<Utc>) -> Result<(), Error> {
    let message = kept(&failure.message);
    let ending = claim.ending(failure, now);
    if !rows::fail(tx, claim.fenced(), &claim.lease_by, &ending, &message, now).await? {
        return Err(Error::JobLeaseLost);
    }
    job_error::insert(tx, claim.fenced(), failure.cause.code(), &message, now).await?;
    if matches!(ending, Ending::Dead) {
        on_dead(tx, &Deceased::of(&claim.row), failure.cause, now).await?;
    }
    Ok(())
}
