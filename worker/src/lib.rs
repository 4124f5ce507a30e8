//! The worker: what is done with a submission's media and mail after the patient has gone.
//!
//! THE TABLE. Pool, retry schedule and deadline of each kind stand in `workflow::queue::Job`; who does it stands here.
//!
//! | job             | pool  | made by                           | done by                  |
//! |-----------------|-------|-----------------------------------|--------------------------|
//! | `run_precheck`  | media | evidence complete                 | [`jobs::run_precheck`]   |
//! | `trace_record`  | light | evidence complete, records set    | [`jobs::trace_record`]   |
//! | `send_notice`   | mail  | each notice, not before its time  | [`jobs::send_notice`]    |
//! | `alert_ops`     | mail  | trouble that needs a person       | [`jobs::alert_ops`]      |
//! | `post_alert`    | mail  | the same, to the webhook          | [`jobs::post_alert`]     |
//! | `sweep`         | light | tick, every 5 s                   | [`jobs::sweep`]          |
//! | `purge_objects` | light | tick, every 10 min                | [`jobs::purge_objects`]  |

pub mod demographics;
pub mod jobs;
pub mod mail;
pub mod media;
pub mod process;
pub mod readiness;
pub mod scan;
mod verify;

use crate::demographics::Demographics;
use crate::mail::Mailer;
use crate::media::{InspectProgram, Limits};
use crate::readiness::Watched;
use crate::scan::Scanner;
use futures::FutureExt;
use std::sync::Arc;
use workflow::queue::{self, Finished, Handlers, HeldJob, Job, JobError, RunnerSettings};
use workflow::{CancellationToken, Ctx, trace};

/// What the handlers need besides the context.
pub struct Tools {
    pub mailer: Mailer,
    /// Starts the child process that looks at media.
    pub inspect: InspectProgram,
    pub limits: Limits,
    /// Looks for malware; `None` when none is set.
    pub scanner: Option<Scanner>,
    /// Asks for demographic records; `None` when no service is set.
    pub demographics: Option<Demographics>,
}

/// One handler for each kind of job.
pub fn handlers(tools: Tools) -> Handlers {
    let tools = Arc::new(tools);
    Arc::new(move |ctx: Ctx, held: HeldJob| {
        let tools = Arc::clone(&tools);
        async move {
            let started = ctx.now();
            let parent = trace::of_job(&ctx, held.id).await?;
            let work = run_one(&ctx, &held, &tools);
            let ended = trace::span(&ctx, (trace::Kind::Consumer, parent), work, |ended| told(&held, ended)).await;
            ctx.metrics().job_ended(held.job.queue().code(), ctx.now() - started);
            ended
        }
        .boxed()
    })
}

/// What a span tells of a job, by the names of OpenTelemetry for messages.
fn told(held: &HeldJob, ended: &Result<Finished, JobError>) -> trace::Ended {
    let kind = held.job.kind();
    let attributes = vec![
        ("messaging.system", "proofdesk".to_owned()),
        ("messaging.operation.type", "process".to_owned()),
        ("messaging.destination.name", held.job.queue().code().to_owned()),
        ("messaging.message.id", held.id.to_string()),
        ("proofdesk.job.kind", kind.to_owned()),
        ("proofdesk.job.attempt", held.attempt.to_string()),
    ];
    trace::Ended { name: format!("process {kind}"), attributes, failed: ended.is_err() }
}

async fn run_one(ctx: &Ctx, held: &HeldJob, tools: &Tools) -> Result<Finished, JobError> {
    match held.job {
        Job::RunPrecheck { submission } => jobs::run_precheck::run(ctx, held, submission, tools).await,
        Job::TraceRecord { submission } => jobs::trace_record::run(ctx, held, submission, tools).await,
        Job::SendNotice { notice } => jobs::send_notice::run(ctx, held, notice, &tools.mailer).await,
        Job::AlertOps { alert } => jobs::alert_ops::run(ctx, held, alert, &tools.mailer).await,
        Job::PostAlert { alert } => jobs::post_alert::run(ctx, held, alert).await,
        Job::Sweep => jobs::sweep::run(ctx).await,
        Job::PurgeObjects => jobs::purge_objects::run(ctx).await,
    }
}

/// Runs the configured pools until `stop`; jobs that run then are finished first.
///
/// # Errors
/// When a pool fails again and again: the process should end and be started anew.
pub async fn run(ctx: Ctx, tools: Tools, stop: CancellationToken) -> Result<(), workflow::Error> {
    scan::tell_whether_set(ctx.config());
    let settings = RunnerSettings::of(ctx.config());
    if let Some(address) = ctx.config().worker.listen {
        let pools = settings.pools.iter().map(|pool| pool.pool).collect();
        let watched = Watched { ctx: ctx.clone(), pools, health: settings.health.clone() };
        let bound = readiness::open(address, watched, stop.clone()).await?;
        tracing::info!(%bound, "readiness is told here");
    }
    queue::run(ctx, handlers(tools), settings, stop).await
}
