//! The direct transport: apalis pulls from the ledger itself. One statement claims as many jobs as the pool has free slots.

use apalis_codec::json::JsonCodec;
use apalis_core::backend::finalize::Durable;
use apalis_core::backend::persistence::{Persisted, Persistence, TaskEvent, TaskPersistLayer};
use apalis_core::backend::{Backend, BackendConfig, WireFormatBackend};
use apalis_core::task::Task;
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::task_id::TaskId;
use apalis_core::worker::context::WorkerContext;
use serde_json::Value;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::held::Waiting;
use super::job::Pool;
use super::ledger::Claim;
use super::run::Runner;
use crate::db::job as rows;
use crate::error::Error;

/// Jobs one statement claims at most.
const FETCH_MAX: usize = 64;
/// Pause after a fetch the database did not answer.
const FETCH_PAUSE: Duration = Duration::from_millis(500);
/// apalis' own heartbeat has nothing to do here: the ledger's runs in a task of its own (F11).
const IDLE_HEARTBEAT: Duration = Duration::from_secs(60);

/// Nothing but this can fail: an error would kill the worker (F23), so faults of the database are waited out.
#[derive(Debug, thiserror::Error)]
#[error("a job enters through the ledger only")]
pub(super) struct NotAWayIn;

/// One incarnation of a pool's worker, as apalis' persistence.
#[derive(Clone)]
pub(super) struct PgPersist {
    pub runner: Arc<Runner>,
    pub pool: Pool,
    pub slots: Arc<Semaphore>,
    /// Held while a fetch is under way, so that the supervisor can wait for the last one.
    pub fetching: Arc<Mutex<()>>,
    /// Set before this incarnation's claims are given back: a fetch that comes later claims nothing.
    pub retired: CancellationToken,
}

impl PgPersist {
    pub fn new(runner: Arc<Runner>, pool: Pool, slots: Arc<Semaphore>) -> Self {
        Self { runner, pool, slots, fetching: Arc::default(), retired: CancellationToken::new() }
    }

    /// Gives back what was claimed and never started. Called when the worker has ended, for whatever reason.
    pub async fn retire(&self) {
        self.retired.cancel();
        let _last_fetch = self.fetching.lock().await;
        release_waiting(&self.runner, self.pool).await;
    }

    /// Runs in a task of its own: apalis drops a fetch that is under way when it stops, and a claim must not be lost with it.
    async fn fetch(self) -> Vec<Uuid> {
        let _fetching = self.fetching.lock().await;
        loop {
            let seen = self.runner.wake.news();
            match self.claim().await {
                // Waiting happens here: apalis asks again at once after every empty answer, two thousand times a second.
                Ok(ids) if ids.is_empty() && self.waits_for_work(seen).await => {}
                Ok(ids) => return ids,
                Err(error) => {
                    tracing::warn!(pool = self.pool.code(), %error, "no jobs can be claimed");
                    tokio::time::sleep(FETCH_PAUSE).await;
                    return Vec::new();
                }
            }
        }
    }

    /// Waits until looking again may find something: news, a free slot, or the poll interval as the net under both.
    /// Answers false when this incarnation is to claim no more.
    async fn waits_for_work(&self, seen: u64) -> bool {
        let work = async {
            if self.slots.available_permits() == 0 {
                // Taken and given back: it only tells that a slot is free.
                drop(self.slots.acquire().await);
                return;
            }
            let _ = tokio::time::timeout(self.runner.pacing.poll, self.runner.wake.news_since(seen)).await;
        };
        tokio::select! {
            biased;
            () = self.retired.cancelled() => false,
            () = self.runner.stop.cancelled() => false,
            () = work => true,
        }
    }

    /// Takes the slots first, so that what is claimed can start at once and never waits in a buffer (F13).
    async fn claim(&self) -> Result<Vec<Uuid>, Error> {
        let runner = &self.runner;
        let wanted = self.slots.available_permits().min(FETCH_MAX);
        let permits = Arc::clone(&self.slots).try_acquire_many_owned(wanted as u32);
        let (Ok(mut permits), true) = (permits, wanted > 0 && !self.retired.is_cancelled() && runner.may_claim())
        else {
            runner.health.fetched(self.pool, runner.ctx.now());
            return Ok(Vec::new());
        };
        let mut conn = runner.ctx.db().conn().await?;
        let (lease, now) = (runner.lease(), runner.ledger_now());
        let claimed = rows::claim_due(&mut conn, self.pool.code(), wanted as i64, &lease, now).await?;
        runner.health.fetched(self.pool, runner.ctx.now());
        let mut ids = Vec::with_capacity(claimed.len());
        for row in claimed {
            let Some(permit) = permits.split(1) else {
                break;
            };
            ids.push(row.id);
            runner.held.wait(Waiting { claim: Claim { row, lease_by: runner.lease_by.clone() }, permit });
        }
        Ok(ids)
    }
}

/// Gives back the claims of a pool whose body never started, with the attempt refunded.
pub(super) async fn release_waiting(runner: &Runner, pool: Pool) {
    let waiting = runner.held.take_waiting(pool);
    if waiting.is_empty() {
        return;
    }
    let claims: Vec<_> = waiting.iter().map(|waiting| waiting.claim.fenced()).collect();
    let released = async {
        let mut conn = runner.ctx.db().conn().await?;
        rows::release(&mut conn, &claims, &runner.lease_by).await
    };
    if let Err(error) = released.await {
        tracing::warn!(pool = pool.code(), %error, "claims could not be given back; their leases will run out");
    }
}

/// What the handler does with an id: starts the claim it stands for, and waits for its end.
pub(super) async fn handle(runner: Arc<Runner>, id: String) {
    let waiting = Uuid::parse_str(&id).ok().and_then(|id| runner.held.take(id));
    if let Some(Waiting { claim, permit }) = waiting {
        let body = runner.bodies.spawn({
            let runner = Arc::clone(&runner);
            async move {
                runner.run_claim(claim).await;
                drop(permit);
            }
        });
        // The task catches the body's panics itself, so there is nothing to learn from the handle.
        let _ = body.await;
    }
}

impl Persistence for PgPersist {
    type Compact = Vec<u8>;
    type Response = Value;
    type Error = NotAWayIn;

    async fn register(&mut self, _: &WorkerContext) -> Result<(), NotAWayIn> {
        Ok(())
    }

    async fn heartbeat(&mut self, _: &WorkerContext) -> Result<(), NotAWayIn> {
        Ok(())
    }

    async fn fetch_next(&mut self, _: &WorkerContext) -> Result<Vec<Task<Vec<u8>>>, NotAWayIn> {
        let ids = tokio::spawn(self.clone().fetch()).await.unwrap_or_default();
        Ok(ids.into_iter().map(task_of).collect())
    }

    async fn reenqueue_abandoned(&mut self, tasks: Vec<Task<Vec<u8>>>, _: &WorkerContext) -> Result<u64, NotAWayIn> {
        release_waiting(&self.runner, self.pool).await;
        Ok(tasks.len() as u64)
    }

    async fn handle_events(&mut self, _: Vec<TaskEvent<Value>>, _: &WorkerContext) -> Result<(), NotAWayIn> {
        Ok(())
    }

    async fn push_tasks(&mut self, _: Vec<Task<Vec<u8>>>) -> Result<(), NotAWayIn> {
        Err(NotAWayIn)
    }
}

/// The id as apalis carries it: text in JSON, which always decodes (F6).
fn task_of(id: Uuid) -> Task<Vec<u8>> {
    TaskBuilder::new(format!("\"{id}\"").into_bytes()).task_id(TaskId::from_uuid(id)).build()
}

/// The thin backend around apalis' own state machine.
pub(super) struct PgBackend {
    persisted: Persisted<PgPersist>,
    codec: JsonCodec,
}

impl PgBackend {
    pub fn new(persist: PgPersist) -> Self {
        Self { persisted: Persisted::new(persist), codec: JsonCodec::default() }
    }
}

impl Backend for PgBackend {
    type Task = Task<Vec<u8>>;
    type Error = NotAWayIn;

    fn poll_ready(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), NotAWayIn>> {
        self.persisted.poll_ready(cx, worker, IDLE_HEARTBEAT)
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, NotAWayIn>>> {
        self.persisted.poll_next(cx, worker)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), NotAWayIn>> {
        self.persisted.poll_close(cx, worker)
    }
}

impl BackendConfig for PgBackend {
    type Args = String;
    type Id = Uuid;
    type Kind = Durable;
    type Config = ();
    type Layer = TaskPersistLayer<JsonCodec<Value>, Value>;

    fn config(&self) -> &() {
        &()
    }

    /// Nothing is persisted through apalis: the body's task tells the ledger, so there is no event channel to fill up (F12).
    fn middleware(&mut self, _: &mut WorkerContext) -> Self::Layer {
        self.persisted.layer(JsonCodec::<Value>::default(), 1).persist_results(false).lock_tasks(false)
    }
}

impl WireFormatBackend for PgBackend {
    type Codec = JsonCodec;
    type Compact = Vec<u8>;

    fn codec(&self) -> &JsonCodec {
        &self.codec
    }
}
