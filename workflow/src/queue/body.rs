//! One start of a job: its body runs under a deadline and never takes the process along, and how it ended is told to the ledger.

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::dead::Cause;
use super::ledger::{Claim, Failure, HeldJob, fail, kept};
use crate::Ctx;
use crate::db::Tx;
use crate::db::job as rows;
use crate::error::Error;

/// What runs a job. The worker's table dispatches on the kind; each kind has exactly one handler.
pub type Handlers = Arc<dyn Fn(Ctx, HeldJob) -> BoxFuture<'static, Result<Finished, JobError>> + Send + Sync>;

/// How a body that succeeded left the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// The verb's own transaction ended the job with [`finish`](super::finish): effects and end are one.
    Committed,
    /// The body wrote nothing that has to agree with the job's end; the runner ends the job.
    Plain,
}

/// Why a body failed. Messages are ours and contain no personal data: they are stored and shown to staff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Trying again helps; the kind's schedule says when.
    #[error("{0}")]
    Retry(String),
    /// Trying again helps after this pause, which the other side named.
    #[error("{1}")]
    RetryAfter(TimeDelta, String),
    /// Something the job needs is away, which is not the job's fault: it waits this long, the attempt is given back, and
    /// however often that happens the job never becomes dead by it.
    #[error("{1}")]
    Wait(TimeDelta, String),
    /// Trying again does not help: the job is dead at once.
    #[error("{0}")]
    Fail(String),
}

/// A verb's failure is tried again: what a second look at the state cannot repair, the last try gives up.
impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        Self::Retry(error.to_string())
    }
}

impl From<JobError> for End {
    fn from(error: JobError) -> Self {
        let failed = |cause, message, pause| Self::Failed(Failure { cause, message, pause });
        match error {
            JobError::Retry(message) => failed(Cause::Transient, message, None),
            JobError::RetryAfter(pause, message) => failed(Cause::Transient, message, Some(pause)),
            JobError::Wait(pause, message) => Self::Waiting(pause, message),
            JobError::Fail(message) => failed(Cause::Permanent, message, None),
        }
    }
}

/// How one start ended.
pub(super) enum End {
    Finished(Finished),
    Failed(Failure),
    /// The attempt is given back, and the job waits this long.
    Waiting(TimeDelta, String),
    /// The claim belongs to somebody else by now, so nothing may be written in its name.
    LeaseLost,
    /// The process stops and the body's time is up: the attempt is given back.
    Stopped,
}

/// What ends a body from outside.
#[derive(Clone, Default)]
pub(super) struct Interrupts {
    pub lease_lost: CancellationToken,
    pub stop: CancellationToken,
}

/// Runs a claimed job's body to its end, whatever that is. Never panics on account of the body.
pub(super) async fn run_body(ctx: &Ctx, handlers: &Handlers, claim: &Claim, interrupts: &Interrupts) -> End {
    let held = match claim.held() {
        Ok(held) => held,
        Err(message) => {
            return End::Failed(Failure { cause: Cause::Payload, message, pause: None });
        }
    };
    let deadline = held.job.deadline();
    let limit = deadline.to_std().unwrap_or(Duration::ZERO);
    // The handler is called inside the caught future, because it may panic before it answers a future.
    let body = AssertUnwindSafe(async { handlers(ctx.clone(), held).await }).catch_unwind();
    tokio::select! {
        biased;
        () = interrupts.lease_lost.cancelled() => End::LeaseLost,
        () = interrupts.stop.cancelled() => End::Stopped,
        ended = tokio::time::timeout(limit, body) => match ended {
            Ok(Ok(Ok(finished))) => End::Finished(finished),
            Ok(Ok(Err(error))) => error.into(),
            // What a panic says may quote the data it met, so it is not stored.
            Ok(Err(_)) => End::Failed(Failure { cause: Cause::Panic, message: "the body panicked".to_owned(), pause: None }),
            Err(_) => End::Failed(Failure {
                cause: Cause::Timeout,
                message: format!("the body took longer than {} s", deadline.num_seconds()),
                pause: None,
            }),
        },
    }
}

/// Tells the ledger how a start ended, under the claim's fence. A plain end may also be told in a batch instead.
pub(super) async fn record(ctx: &Ctx, claim: &Claim, end: &End, now: DateTime<Utc>) -> Result<(), Error> {
    match end {
        End::Finished(Finished::Committed) | End::LeaseLost => Ok(()),
        End::Finished(Finished::Plain) => {
            let mut conn = ctx.db().conn().await?;
            let done = rows::finish(&mut conn, &[claim.fenced()], &claim.lease_by, now).await?;
            if done.is_empty() { Err(Error::JobLeaseLost) } else { Ok(()) }
        }
        End::Failed(failure) => {
            ctx.db().tx("queue.fail", async |tx: &mut Tx| fail(tx, claim, failure, now).await).await
        }
        End::Waiting(pause, message) => {
            let mut conn = ctx.db().conn().await?;
            let message = kept(message);
            let waits = rows::wait(&mut conn, claim.fenced(), &claim.lease_by, (now + *pause, &message)).await?;
            if waits { Ok(()) } else { Err(Error::JobLeaseLost) }
        }
        End::Stopped => {
            let mut conn = ctx.db().conn().await?;
            rows::release(&mut conn, &[claim.fenced()], &claim.lease_by).await?;
            Ok(())
        }
    }
}
