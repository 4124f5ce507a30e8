//! What the people who run the queue may do to it, one job or many: each act is written to the audit trail with its
//! reason in the transaction that carries it out.

use chrono::{DateTime, Utc};
use domain::ids::{JobId, SubmissionId};
use serde_json::json;

use super::dead::{Cause, Deceased, on_dead};
use super::job::{Job, Pool};
use crate::audit::{self, Actor, AuditEvent};
use crate::ctx::Ctx;
use crate::db::job_act::{self, ActedOn, Choice};
use crate::db::job_view::JobView;
use crate::db::{Conn, Tx, job as rows, queue_control};
use crate::error::Error;
use crate::notify;

/// Jobs on one page of a search.
pub const PAGE_JOBS: i64 = 50;
/// Characters of a reason that are kept.
pub const REASON_CHARS_MAX: usize = 200;
/// Starts a revived job gets.
const REVIVED_TRIES: i32 = 5;
/// Jobs one transaction changes at most.
const BATCH_JOBS: i64 = 200;
/// Transactions of one act, so that it ends: what is left is told and may be asked for again.
const BATCHES_MAX: u32 = 50;

/// The state of a job, as it is stored and asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    Ready,
    Running,
    Done,
    /// Waits for a person.
    Dead,
    Cancelled,
}

/// Which jobs are meant; what is `None` matches every job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    pub state: Option<JobState>,
    pub pool: Option<Pool>,
    pub kind: Option<String>,
    pub submission: Option<SubmissionId>,
}

/// What can be done to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobAct {
    /// A job that waits for another try is due now, whatever its schedule says. One that waits for its first moment is
    /// left alone.
    Retry,
    /// A dead job is ready again, with some more starts.
    Revive,
    /// A waiting, running or dead job is given up. What it owed is settled as if it had died.
    Cancel,
}

/// One job, or all of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    One(JobId),
    All(JobFilter),
}

/// Who acts, and why.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    pub by: Actor,
    pub reason: &'a str,
}

/// How far an act went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acted {
    pub jobs: u64,
    /// There may be more of the filter: the act is to be asked for again.
    pub more: bool,
}

/// One page of jobs, newest first, made before the job `before`.
///
/// # Errors
/// Those of the database.
pub async fn search(conn: &mut Conn, filter: &JobFilter, before: Option<JobId>) -> Result<Vec<JobView>, Error> {
    job_act::search(conn, &filter.choice(), before.map(|id| id.uuid()), PAGE_JOBS).await
}

/// Does `act` to every job of `target` it can be done to.
///
/// # Errors
/// [`Error::Invalid`] without a reason, or with a filter that names nothing; [`Error::Conflict`] when the one job is
/// not in a state that allows it; [`Error::Unavailable`].
pub async fn act(
    ctx: &Ctx,
    act: JobAct,
    target: &Target,
    order: Order<'_>,
    now: DateTime<Utc>,
) -> Result<Acted, Error> {
    let order = order.checked()?;
    let choice = target.choice();
    if matches!(target, Target::All(filter) if *filter == JobFilter::default()) {
        return Err(Error::invalid("filter", "too_wide", "Name a state, a queue, a kind or a submission."));
    }
    let mut acted = Acted { jobs: 0, more: true };
    for _ in 0..BATCHES_MAX {
        let jobs = ctx
            .db()
            .tx("queue.act", async |tx: &mut Tx| {
                let rows = carry_out(tx, act, &choice, now).await?;
                note(tx, act, &rows, order, now).await?;
                Ok(rows.len() as u64)
            })
            .await?;
        acted.jobs += jobs;
        if jobs < BATCH_JOBS as u64 {
            acted.more = false;
            break;
        }
    }
    match target {
        Target::One(_) if acted.jobs == 0 => Err(act.impossible()),
        _ => Ok(acted),
    }
}

/// Pauses pools for the whole fleet, and answers how many were running. Bodies that run already end normally.
///
/// # Errors
/// [`Error::Invalid`] without a reason; [`Error::Unavailable`].
pub async fn pause(ctx: &Ctx, pools: &[Pool], order: Order<'_>, now: DateTime<Utc>) -> Result<u32, Error> {
    let order = order.checked()?;
    ctx.db()
        .tx("queue.pause", async |tx: &mut Tx| {
            let mut changed = 0;
            for pool in pools {
                if queue_control::pause(tx, pool.code(), &order.by.to_string(), order.reason, now).await? {
                    changed += 1;
                    tell_of_pool(tx, "queue_paused", *pool, order, now).await?;
                }
            }
            Ok(changed)
        })
        .await
}

/// Lets pools run again, and answers how many were paused.
///
/// # Errors
/// As [`pause`].
pub async fn resume(ctx: &Ctx, pools: &[Pool], order: Order<'_>, now: DateTime<Utc>) -> Result<u32, Error> {
    let order = order.checked()?;
    ctx.db()
        .tx("queue.resume", async |tx: &mut Tx| {
            let mut changed = 0;
            for pool in pools {
                if queue_control::resume(tx, pool.code()).await? {
                    changed += 1;
                    tell_of_pool(tx, "queue_resumed", *pool, order, now).await?;
                    rows::notify(tx, pool.code()).await?;
                }
            }
            Ok(changed)
        })
        .await
}

async fn carry_out(tx: &mut Tx, act: JobAct, choice: &Choice<'_>, now: DateTime<Utc>) -> Result<Vec<ActedOn>, Error> {
    let changed = match act {
        JobAct::Retry => job_act::hurry(tx, choice, BATCH_JOBS, now).await?,
        JobAct::Revive => job_act::revive(tx, choice, BATCH_JOBS, (REVIVED_TRIES, now)).await?,
        JobAct::Cancel => job_act::cancel(tx, choice, BATCH_JOBS, now).await?,
    };
    for row in &changed {
        match (act, row.was.as_str()) {
            (JobAct::Revive, _) => on_revived(tx, row, now).await?,
            // A dead job has been mourned already.
            (JobAct::Cancel, "ready" | "running") => {
                on_dead(tx, &Deceased::of(&row.job), Cause::Permanent, now).await?;
            }
            _ => {}
        }
    }
    if act != JobAct::Cancel {
        for pool in Pool::ALL.iter().filter(|pool| changed.iter().any(|row| row.job.queue == pool.code())) {
            rows::notify(tx, pool.code()).await?;
        }
    }
    Ok(changed)
}

/// What died with the job is owed again.
async fn on_revived(tx: &mut Tx, row: &ActedOn, now: DateTime<Utc>) -> Result<(), Error> {
    match Job::parse(&row.job.kind, &row.job.payload) {
        Ok(Job::SendNotice { notice }) => notify::owe_again(tx, notice, now).await,
        _ => Ok(()),
    }
}

/// One event for each job, in the chain of the submission it serves.
async fn note(
    tx: &mut Tx,
    act: JobAct,
    changed: &[ActedOn],
    order: Order<'_>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for ActedOn { job, was } in changed {
        let event = AuditEvent {
            submission: job.submission_id.map(SubmissionId::new),
            actor: order.by,
            action: act.action(),
            detail: json!({"job": JobId::new(job.id), "kind": job.kind, "was": was, "reason": order.reason}),
        };
        audit::append(tx, event, now).await?;
    }
    Ok(())
}

async fn tell_of_pool(
    tx: &mut Tx,
    action: &'static str,
    pool: Pool,
    order: Order<'_>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let detail = json!({"queue": pool.code(), "reason": order.reason});
    audit::append(tx, AuditEvent { submission: None, actor: order.by, action, detail }, now).await
}

impl JobState {
    pub const ALL: [Self; 5] = [Self::Ready, Self::Running, Self::Done, Self::Dead, Self::Cancelled];

    pub fn code(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl JobAct {
    fn action(self) -> &'static str {
        match self {
            Self::Retry => "job_retried",
            Self::Revive => "job_revived",
            Self::Cancel => "job_cancelled",
        }
    }

    fn impossible(self) -> Error {
        let (code, message) = match self {
            Self::Retry => ("job_not_waiting", "This job does not wait for another try."),
            Self::Revive => ("job_not_dead", "This job is not dead, or the same work is already waiting."),
            Self::Cancel => ("job_ended", "This job has ended already."),
        };
        Error::Conflict { code, message: message.to_owned() }
    }
}

impl JobFilter {
    fn choice(&self) -> Choice<'_> {
        Choice {
            id: None,
            state: self.state.map(JobState::code),
            queue: self.pool.map(Pool::code),
            kind: self.kind.as_deref(),
            submission: self.submission.map(|submission| submission.uuid()),
        }
    }
}

impl Target {
    fn choice(&self) -> Choice<'_> {
        match self {
            Self::One(id) => Choice { id: Some(id.uuid()), ..Choice::default() },
            Self::All(filter) => filter.choice(),
        }
    }
}

impl<'a> Order<'a> {
    /// With its reason trimmed and cut; refused without one.
    fn checked(self) -> Result<Order<'a>, Error> {
        let reason = self.reason.trim();
        if reason.is_empty() {
            return Err(Error::invalid("reason", "missing", "Say why: it is kept in the audit trail."));
        }
        let end = reason.char_indices().nth(REASON_CHARS_MAX).map_or(reason.len(), |(at, _)| at);
        Ok(Order { by: self.by, reason: reason.get(..end).unwrap_or(reason) })
    }
}
