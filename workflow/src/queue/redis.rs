//! The Redis transport: apalis-redis carries ledger ids and nothing else. Redis may be emptied at any moment; the relay sends again.
//! One primary with or without a replica: on a cluster the keys of apalis-redis lie on different slots (F19).

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{Client, RedisError};
use apalis_redis::{Config, RedisStorage};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::batch::Batch;
use super::claims::answer_claims;
use super::job::Pool;
use super::ledger::Claim;
use super::run::{PoolSettings, Runner};

/// Redis pauses shorter than this do not end a worker; redis-rs gives up after half a second by itself (F17).
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CLOCK_PAUSE: Duration = Duration::from_secs(1);

/// The settings of a pool's queue in Redis. Each deviation from the default is the guard of a fault.
pub(super) fn queue_config(pool: Pool, concurrency: usize) -> Config {
    Config::default()
        // The default name is a Rust type name.
        .queue(format!("proofdesk:{}", pool.code()))
        // Fair between workers (F13), and as many events as bodies fit the channel (F12).
        .batch_size(concurrency.div_ceil(4).max(1))
        .heartbeat_interval(Duration::from_secs(5))
        .missed_heartbeats(3)
        // The ledger locks, and nobody listens to the events: two writes less per job.
        .lock_tasks(false)
        .emit_events(false)
        // This is the acknowledgement.
        .persist_results(true)
}

/// A connection that waits out short pauses and connects again by itself.
pub(super) async fn connect(url: &str) -> Result<ConnectionManager, RedisError> {
    let config = ConnectionManagerConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_connection_timeout(Some(CONNECT_TIMEOUT));
    Client::open(url)?.get_connection_manager_with_config(config).await
}

pub(super) async fn storage(url: &str, settings: PoolSettings) -> Result<RedisStorage<String>, RedisError> {
    let connection = connect(url).await?;
    Ok(RedisStorage::new(connection).with_config(queue_config(settings.pool, settings.concurrency)))
}

/// What a pool's worker does with the ids that reach it.
#[derive(Clone)]
pub(super) struct RedisIds {
    runner: Arc<Runner>,
    slots: Arc<Semaphore>,
    claims: Batch<Uuid, Option<Claim>>,
}

impl RedisIds {
    pub fn new(runner: Arc<Runner>, slots: Arc<Semaphore>) -> Self {
        Self { claims: answer_claims(&runner), runner, slots }
    }

    /// Always succeeds: retry is the ledger's business (F1), and an id that is no longer ready was delivered twice.
    ///
    /// All of it runs in a task of its own, so that neither a claim nor a body is lost with the worker (F9, F16, F17).
    pub async fn handle(self, id: String) {
        let Ok(id) = Uuid::parse_str(&id) else { return };
        let bodies = self.runner.bodies.clone();
        // The task catches the body's panics itself, so there is nothing to learn from the handle.
        let _ = bodies.spawn(self.take(id)).await;
    }

    async fn take(self, id: Uuid) {
        let permit = tokio::select! {
            biased;
            // Left in the ledger as ready: another process gets it with the next resend.
            () = self.runner.stop.cancelled() => return,
            permit = self.slots.acquire() => permit,
        };
        if permit.is_err() || !self.clock_agrees_in_time().await {
            return;
        }
        if let Some(Some(claim)) = self.claims.ask(id).await {
            Arc::clone(&self.runner).run_claim(claim).await;
        }
    }

    /// Waits with the id in hand while this process has the wrong time: taking one id after the other only to drop it
    /// would keep all of them from processes that have the right one.
    async fn clock_agrees_in_time(&self) -> bool {
        while !self.runner.clock_agrees() {
            tokio::select! {
                () = self.runner.stop.cancelled() => return false,
                () = tokio::time::sleep(CLOCK_PAUSE) => {}
            }
        }
        !self.runner.stop.is_cancelled()
    }
}
