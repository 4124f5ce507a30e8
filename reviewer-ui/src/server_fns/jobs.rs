//! Jobs of the machines: found, looked at, and acted on with a reason that the trail keeps.

use super::{operations, words};
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::view::{FilterView, JobDetailView, JobRowView, JobsView};
use domain::ids::{JobId, SubmissionId};
use workflow::audit::Actor;
use workflow::queue::ops::{self as verbs, JobAct, JobFilter, JobState, Order, PAGE_JOBS, Target};
use workflow::queue::{self, JobView, Pool};

/// What a form asks for, by its code.
pub fn act_of(code: &str) -> Option<JobAct> {
    match code {
        "retry" => Some(JobAct::Retry),
        "revive" => Some(JobAct::Revive),
        "cancel" => Some(JobAct::Cancel),
        _ => None,
    }
}

/// One page of jobs; `said` is told above it.
///
/// # Errors
/// [`Problem::NotFound`] for a filter that names something that does not exist; [`Problem`] when the database is down.
pub async fn list(
    visitor: &Visitor,
    filter: FilterView,
    before: Option<&str>,
    said: Option<String>,
) -> Result<JobsView, Problem> {
    let before = before.map(|id| id.parse::<JobId>().map_err(|_| Problem::NotFound)).transpose()?;
    let mut conn = visitor.ctx.db().conn().await?;
    let found = verbs::search(&mut conn, &read(&filter)?, before).await?;
    let queues = queue::queues(&mut conn, visitor.now).await?;
    let last = found.last().filter(|_| found.len() as i64 == PAGE_JOBS).map(|job| JobId::new(job.id));
    Ok(JobsView {
        next: last.map(|last| format!("{}&before={last}", address(&filter))),
        jobs: found.into_iter().map(|job| row(visitor, job)).collect(),
        queues: queues.into_iter().map(|row| operations::queue(row, visitor.now)).collect(),
        may_act: visitor.staff().role.may_run_ops(),
        filter,
        said,
    })
}

/// The address of the list under this filter; codes only, nothing personal.
pub fn address(filter: &FilterView) -> String {
    format!("/ops/jobs?state={}&queue={}&kind={}", filter.state, filter.queue, filter.kind)
}

/// One job with its failed starts.
///
/// # Errors
/// [`Problem::NotFound`] when there is none.
pub async fn one(visitor: &Visitor, id: &str) -> Result<JobDetailView, Problem> {
    let id: JobId = id.parse().map_err(|_| Problem::NotFound)?;
    let mut conn = visitor.ctx.db().conn().await?;
    let job = queue::job(&mut conn, id).await?.ok_or(Problem::NotFound)?;
    let failures = queue::failures(&mut conn, id).await?;
    let zone = visitor.ctx.config().sla.zone;
    let at = |at| words::moment(at, zone);
    let lease = job.lease_until.map(|until| at(until).words);
    let submission = job.submission_id.map(|id| SubmissionId::new(id).reference());
    let facts = [
        ("Submission", submission),
        ("Held by", job.lease_by.clone()),
        ("Until", lease),
        ("Ended", job.done_at.map(|done| at(done).words)),
        ("Crashes", Some(job.crashes.to_string())),
    ];
    Ok(JobDetailView {
        facts: facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        failures: failures.into_iter().map(|one| (at(one.at), one.class, one.message)).collect(),
        may_act: visitor.staff().role.may_run_ops(),
        job: row(visitor, job),
    })
}

/// Acts on one job, or on all of a filter; answers what was done in words.
///
/// # Errors
/// [`Problem::Conflict`] when the one job's state does not allow it.
pub async fn act(
    visitor: &Visitor,
    act: JobAct,
    (job, filter): (Option<&str>, &FilterView),
    reason: &str,
) -> Result<String, Problem> {
    let target = match job {
        Some(id) => Target::One(id.parse().map_err(|_| Problem::NotFound)?),
        None => Target::All(read(filter)?),
    };
    let acted = verbs::act(&visitor.ctx, act, &target, order(visitor, reason), visitor.now).await?;
    let more = if acted.more { "-more" } else { "" };
    Ok(format!("{}{more}", acted.jobs))
}

/// Pauses a queue for the whole fleet, or lets it run again.
///
/// # Errors
/// [`Problem::NotFound`] when there is no such queue.
pub async fn switch(visitor: &Visitor, name: &str, pause: Pausing, reason: &str) -> Result<(), Problem> {
    let pool = [Pool::parse(name).ok_or(Problem::NotFound)?];
    let order = order(visitor, reason);
    match pause {
        Pausing::Pause => verbs::pause(&visitor.ctx, &pool, order, visitor.now).await?,
        Pausing::Resume => verbs::resume(&visitor.ctx, &pool, order, visitor.now).await?,
    };
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pausing {
    Pause,
    Resume,
}

fn order<'a>(visitor: &Visitor, reason: &'a str) -> Order<'a> {
    Order { by: Actor::Staff(visitor.staff().id), reason }
}

fn read(filter: &FilterView) -> Result<JobFilter, Problem> {
    let named = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let state = named(&filter.state).map(|code| JobState::parse(&code).ok_or(Problem::NotFound)).transpose()?;
    let pool = named(&filter.queue).map(|code| Pool::parse(&code).ok_or(Problem::NotFound)).transpose()?;
    Ok(JobFilter { state, pool, kind: named(&filter.kind), submission: None })
}

fn row(visitor: &Visitor, job: JobView) -> JobRowView {
    let zone = visitor.ctx.config().sla.zone;
    JobRowView {
        id: JobId::new(job.id).to_string(),
        kind: job.kind,
        queue: job.queue,
        state: job.state,
        attempts: format!("{} of {}", job.attempts, job.attempts_max),
        made: words::moment(job.created_at, zone),
        due: words::moment(job.run_at, zone),
        error: job.last_error.unwrap_or_default(),
    }
}
