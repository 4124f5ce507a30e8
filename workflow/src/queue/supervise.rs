//! Keeps one pool working: whatever ends its apalis worker, a new one under a new name takes over after a pause, and bodies go on meanwhile.

use apalis::layers::WorkerBuilderExt;
use apalis_core::backend::ext::BackendExt;
use apalis_core::error::WorkerError;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use apalis_core::worker::event::Event;
use apalis_core::worker::ext::event_listener::EventListenerExt;
use chrono::TimeDelta;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

use super::direct::{self, PgBackend, PgPersist};
use super::interval::SafeInterval;
use super::job::Pool;
use super::redis::{self, RedisIds};
use super::run::{PoolSettings, Runner, Transport};
use crate::clock::new_uuid;
use crate::error::{Dependency, Error};

/// Failures in a row after which the process says so by ending.
const FAILURES_MAX: u32 = 10;
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_LAST: Duration = Duration::from_secs(5);
/// A worker that lived this long was healthy, and the next failure is the first again.
const HEALTHY_AFTER: TimeDelta = TimeDelta::seconds(60);

/// Runs workers for one pool until the runner stops.
///
/// Every backend is polled by a strategy of ours: without one, apalis looks for work at each heartbeat only (F15).
/// Each has a fresh name: a name that is used again is refused for a while, and its running jobs are lost (F2, F9).
/// Between two there is a pause, because apalis restarts without one (F7).
pub(super) async fn keep_working(
    runner: Arc<Runner>,
    settings: PoolSettings,
    slots: Arc<Semaphore>,
    transport: Transport,
) -> Result<(), Error> {
    let mut failures = 0;
    while !runner.stop.is_cancelled() {
        let started = runner.ctx.now();
        let ended = match &transport {
            Transport::Postgres => direct_worker(&runner, settings.pool, &slots).await,
            Transport::Redis { url } => redis_worker(&runner, settings, &slots, url.expose()).await,
        };
        if runner.stop.is_cancelled() {
            break;
        }
        if runner.ctx.now() - started > HEALTHY_AFTER {
            failures = 0;
        }
        failures += 1;
        let reason = ended.err().unwrap_or_else(|| "it ended unasked".to_owned());
        tracing::error!(pool = settings.pool.code(), failures, reason, "a queue worker ended and is replaced");
        if failures >= FAILURES_MAX {
            let message = format!("the {} worker failed {failures} times in a row", settings.pool.code());
            return Err(Error::Unavailable(Dependency::Worker, message));
        }
        tokio::select! {
            () = runner.stop.cancelled() => {}
            () = tokio::time::sleep(pause_after(failures, &runner)) => {}
        }
    }
    Ok(())
}

/// Doubles, with up to a quarter more, so that processes do not come back in step.
fn pause_after(failures: u32, runner: &Runner) -> Duration {
    let doubled = PAUSE_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(PAUSE_LAST);
    let jitter = (new_uuid(runner.ctx.now()).as_u128() % 250) as u32;
    doubled + doubled * jitter / 1_000
}

async fn direct_worker(runner: &Arc<Runner>, pool: Pool, slots: &Arc<Semaphore>) -> Result<(), String> {
    let persist = PgPersist::new(Arc::clone(runner), pool, Arc::clone(slots));
    let news = runner.wake.subscribe(pool);
    let context = WorkerContext::new(&fresh_name(runner, pool));
    let worker = WorkerBuilder::new(context.clone())
        .backend(PgBackend::new(persist.clone()).poll_with_strategy(SafeInterval::new(runner.pacing.poll, news)))
        .build({
            let runner = Arc::clone(runner);
            move |id: String| {
                let runner = Arc::clone(&runner);
                async move { direct::handle(runner, id).await }
            }
        });
    let ended = until_stop(runner, &context, worker.run()).await;
    persist.retire().await;
    ended
}

async fn redis_worker(
    runner: &Arc<Runner>,
    settings: PoolSettings,
    slots: &Arc<Semaphore>,
    url: &str,
) -> Result<(), String> {
    let storage = redis::storage(url, settings).await.map_err(|error| error.to_string())?;
    let news = runner.wake.subscribe(settings.pool);
    let context = WorkerContext::new(&fresh_name(runner, settings.pool));
    let ids = RedisIds::new(Arc::clone(runner), Arc::clone(slots));
    let (health, pool) = (Arc::clone(runner), settings.pool);
    let worker = WorkerBuilder::new(context.clone())
        .backend(storage.poll_with_strategy(SafeInterval::new(runner.pacing.poll_redis, news)))
        // No more at once than the event channel holds, or the stop hangs (F12).
        .concurrency(settings.concurrency)
        // apalis' heartbeat shares the loop that fetches, so it says that the pool still asks for work.
        .on_event(move |_, event| {
            if matches!(event, Event::HeartBeat) {
                health.health.fetched(pool, health.ctx.now());
            }
        })
        .build(move |id: String| {
            let ids = ids.clone();
            async move { ids.handle(id).await }
        });
    until_stop(runner, &context, worker.run()).await
}

/// Polls a worker to its end, and tells it to stop when the runner does. Its handlers end with their bodies.
async fn until_stop(
    runner: &Runner,
    context: &WorkerContext,
    worker: impl Future<Output = Result<(), WorkerError>>,
) -> Result<(), String> {
    let mut worker = std::pin::pin!(worker);
    let ended = tokio::select! {
        biased;
        ended = &mut worker => ended,
        () = runner.stop.cancelled() => {
            // Only a worker that never started cannot be stopped, and the first poll started it.
            let _ = context.stop();
            worker.await
        }
    };
    ended.map_err(|error| error.to_string())
}

fn fresh_name(runner: &Runner, pool: Pool) -> String {
    format!("{}-{}-{}", runner.lease_by, pool.code(), new_uuid(runner.ctx.now()).simple())
}
