//! A worker process whose jobs are trivial, for tests that kill, stop and drown it. Everything but the bodies is the real
//! thing. Arguments are `name=number`: `body_ms`, `lease_s`, `grace_ms`, `concurrency`.

use chrono::TimeDelta;
use domain::ids::{NoticeId, SubmissionId};
use futures::FutureExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use workflow::clock::Clock;
use workflow::db::Tx;
use workflow::queue::{self, Finished, Handlers, HeldJob, Job, JobError, Pacing, RunnerSettings};
use workflow::{CancellationToken, Ctx, config, precheck, stop};

fn main() -> anyhow::Result<()> {
    let numbers: HashMap<String, u64> = std::env::args()
        .skip(1)
        .filter_map(|argument| {
            Some((argument.split_once('=')?.0.to_owned(), argument.split_once('=')?.1.parse().ok()?))
        })
        .collect();
    let number = |name: &str, usual: u64| numbers.get(name).copied().unwrap_or(usual);
    let body = Duration::from_millis(number("body_ms", 0));
    let lease = number("lease_s", 20);
    let concurrency = number("concurrency", 8) as usize;
    let stop_grace = Duration::from_millis(number("grace_ms", 30_000));
    tokio::runtime::Runtime::new()?.block_on(async {
        let ctx = Ctx::connect(config::from_process()?, Clock::System)?;
        let mut settings = RunnerSettings::of(ctx.config());
        settings.pools.iter_mut().for_each(|pool| pool.concurrency = concurrency);
        settings.pacing = Pacing {
            lease: TimeDelta::seconds(lease.cast_signed()),
            heartbeat: Duration::from_millis(lease * 250),
            stop_grace,
            ..Pacing::default()
        };
        let stopping = CancellationToken::new();
        let asked = stopping.clone();
        tokio::spawn(async move {
            stop::asked().await;
            asked.cancel();
        });
        queue::run(ctx, handlers(body), settings, stopping).await?;
        Ok(())
    })
}

fn handlers(body: Duration) -> Handlers {
    Arc::new(move |ctx, held| async move { one(&ctx, &held, body).await }.boxed())
}

async fn one(ctx: &Ctx, held: &HeldJob, body: Duration) -> Result<Finished, JobError> {
    match held.job {
        Job::SendNotice { .. } => {
            tokio::time::sleep(body).await;
            take_effect(ctx, held).await?;
            Ok(Finished::Committed)
        }
        Job::RunPrecheck { submission } => {
            let items = precheck::begin(ctx, submission, ctx.now()).await.ok().flatten().unwrap_or_default();
            for item in &items {
                let _is_checked_by_the_test = acceptance::read_back(ctx, item).await;
            }
            // What a decoder without a process of its own would do to its worker.
            std::process::abort()
        }
        Job::AlertOps { .. } => std::future::pending().await,
        _ => Ok(Finished::Plain),
    }
}

/// The effect is a job of next year that carries this one's id, written with the end of this one. Should it be there
/// already, then this job has had its effect twice, and a job of the other kind says so.
async fn take_effect(ctx: &Ctx, held: &HeldJob) -> workflow::Result<()> {
    let now = ctx.now();
    let next_year = now + TimeDelta::days(365);
    ctx.db()
        .tx("test.effect", async |tx: &mut Tx| {
            let effect = Job::RunPrecheck { submission: SubmissionId::new(held.id.uuid()) };
            if queue::enqueue(tx, &effect, next_year, now).await?.is_none() {
                let doubled = Job::SendNotice { notice: NoticeId::new(held.id.uuid()) };
                queue::enqueue(tx, &doubled, next_year, now).await?;
            }
            queue::finish(tx, held, now).await
        })
        .await
}
