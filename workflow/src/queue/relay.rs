//! Sends the ids of due jobs to Redis, and again when they were not claimed in time: the resend is all the repair Redis ever needs.
//!
//! Any number of processes may relay. At most a window of ids is in Redis unclaimed, because a longer list of due ids
//! cannot be moved by apalis-redis and kills its workers for good (F4).

use ::redis::aio::ConnectionManager;
use apalis_core::task::builder::TaskBuilder;
use apalis_redis::queries::push_tasks;
use domain::redacted::Redacted;
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

use super::job::Pool;
use super::redis::{connect, queue_config};
use super::run::{PoolSettings, Runner};
use crate::db::job_upkeep::{self, RelayRound};
use crate::error::{Dependency, Error};

/// Unclaimed ids of one queue in Redis.
const WINDOW: i64 = 2_000;
/// An urgent id waits behind what is in the window, so the slow pool has a small one.
const MEDIA_WINDOW_PER_SLOT: i64 = 4;
const PUSH_MAX: i64 = 500;
/// Remembered ids removed by one command (F20).
const FORGET_SLICE: usize = 500;
const FORGET_EVERY: Duration = Duration::from_secs(60);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Starts the relay of every pool. Ids are sent whether or not this process also serves the pool.
pub(super) fn start(runner: &Arc<Runner>, tasks: &TaskTracker, url: &Redacted<String>, pools: &[PoolSettings]) {
    for pool in Pool::ALL {
        let concurrency =
            pools.iter().find(|settings| settings.pool == pool).map_or(1, |settings| settings.concurrency);
        tasks.spawn(keep_relaying(Arc::clone(runner), PoolSettings { pool, concurrency }, url.clone()));
    }
}

async fn keep_relaying(runner: Arc<Runner>, settings: PoolSettings, url: Redacted<String>) {
    while !runner.stop.is_cancelled() {
        let relayed = tokio::select! {
            () = runner.stop.cancelled() => return,
            relayed = relay(&runner, settings, url.expose()) => relayed,
        };
        if let Err(error) = relayed {
            tracing::warn!(pool = settings.pool.code(), %error, "the relay to Redis failed and tries again");
        }
        tokio::select! {
            () = runner.stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE_AFTER_FAILURE) => {}
        }
    }
}

/// Relays until something fails.
async fn relay(runner: &Runner, settings: PoolSettings, url: &str) -> Result<(), Error> {
    let mut connection = connect(url).await.map_err(redis_down)?;
    let mut news = runner.wake.subscribe(settings.pool);
    let mut forget = tokio::time::interval(FORGET_EVERY);
    loop {
        while send_once(runner, settings, &mut connection).await? == PUSH_MAX as usize {}
        tokio::select! {
            _ = news.next() => {}
            () = tokio::time::sleep(runner.pacing.relay) => {}
            _ = forget.tick() => forget_finished(settings, &mut connection).await.map_err(redis_down)?,
        }
    }
}

/// One round: marks ids as sent, then pushes them. When the push fails the mark is taken back, and when that fails too
/// the resend repairs it.
async fn send_once(
    runner: &Runner,
    settings: PoolSettings,
    connection: &mut ConnectionManager,
) -> Result<usize, Error> {
    if !runner.clock_agrees() {
        return Ok(0);
    }
    let now = runner.ledger_now();
    let window = match settings.pool {
        Pool::Media => MEDIA_WINDOW_PER_SLOT * settings.concurrency as i64,
        Pool::Mail | Pool::Light => WINDOW,
    };
    let round =
        RelayRound { queue: settings.pool.code(), window, batch: PUSH_MAX, lost_before: now - runner.pacing.resend };
    let mut conn = runner.ctx.db().conn().await?;
    let ids = job_upkeep::relay(&mut conn, &round, now).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    // Without a Redis task id of ours: a second push of the same id would be ignored without a word (F22).
    let tasks: Vec<_> = ids.iter().map(|id| TaskBuilder::new(format!("\"{id}\"").into_bytes()).build()).collect();
    let config = queue_config(settings.pool, settings.concurrency);
    if let Err(error) = push_tasks(connection, &config, &tasks).await {
        job_upkeep::unsend(&mut conn, &ids).await?;
        return Err(redis_down(error));
    }
    Ok(ids.len())
}

/// apalis-redis keeps every finished id for good (F20); the ledger remembers them better.
async fn forget_finished(
    settings: PoolSettings,
    connection: &mut ConnectionManager,
) -> Result<(), ::redis::RedisError> {
    let config = queue_config(settings.pool, settings.concurrency);
    for finished in [config.done_jobs_set(), config.dead_jobs_set()] {
        loop {
            let ids: Vec<String> =
                ::redis::cmd("SPOP").arg(&finished).arg(FORGET_SLICE).query_async(connection).await?;
            if ids.is_empty() {
                break;
            }
            let mut forget = ::redis::pipe();
            forget.cmd("HDEL").arg(config.job_data_hash()).arg(&ids).ignore();
            forget.cmd("UNLINK");
            for id in &ids {
                forget.arg(format!("{}:{id}", config.job_meta_hash()));
            }
            forget.ignore().query_async::<()>(connection).await?;
        }
    }
    Ok(())
}

fn redis_down(error: impl std::fmt::Display) -> Error {
    Error::Unavailable(Dependency::Redis, error.to_string())
}
