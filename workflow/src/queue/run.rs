//! The runner of one process: pools of workers, heartbeats, the reaper, ticks and, with Redis, the relay, until it is told to stop.

use chrono::{DateTime, TimeDelta, Utc};
use domain::redacted::Redacted;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::batch::Batch;
use super::body::{End, Finished, Handlers, Interrupts, record, run_body};
use super::claims::answer_finishes;
use super::health::Health;
use super::held::Held;
use super::job::Pool;
use super::ledger::Claim;
use super::wake::{Wake, keep_listening};
use super::{relay, supervise, upkeep};
use crate::Ctx;
use crate::clock::{Clock, new_uuid};
use crate::config::Config;
use crate::db::job::{Fenced, LeaseTerms};
use crate::error::Error;

/// What carries job ids to workers. The ledger is PostgreSQL with either.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Workers claim from the ledger directly.
    Postgres,
    /// Workers take ids from Redis, which the relay of any process puts there.
    Redis { url: Redacted<String> },
}

impl Transport {
    fn code(&self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis { .. } => "redis",
        }
    }
}

/// One pool of this process and how many bodies it runs at once.
#[derive(Clone, Copy, Debug)]
pub struct PoolSettings {
    pub pool: Pool,
    pub concurrency: usize,
}

/// How often things happen. The defaults are the ones to run with; tests shorten some.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    /// A job lease without heartbeat lasts this long by the ledger's clock, and so long does a killed process's job wait:
    /// apalis-redis alone lets it wait for five minutes, and does not count the crash (F3).
    pub lease: TimeDelta,
    pub heartbeat: Duration,
    pub reap: Duration,
    pub tick: Duration,
    /// How often a worker looks without being woken: the net under lost notifications.
    pub poll: Duration,
    /// The same with Redis, where it is the usual way to find work.
    pub poll_redis: Duration,
    /// How often the relay looks without being woken.
    pub relay: Duration,
    /// An id that was sent this long ago and is still ready was lost on the way.
    pub resend: TimeDelta,
    /// How long bodies may go on after the stop.
    pub stop_grace: Duration,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            lease: TimeDelta::seconds(20),
            heartbeat: Duration::from_secs(5),
            reap: Duration::from_secs(2),
            tick: Duration::from_secs(1),
            poll: Duration::from_secs(1),
            poll_redis: Duration::from_millis(20),
            relay: Duration::from_millis(250),
            resend: TimeDelta::seconds(15),
            stop_grace: Duration::from_secs(30),
        }
    }
}

/// What one process runs.
#[derive(Clone, Debug)]
pub struct RunnerSettings {
    pub pools: Vec<PoolSettings>,
    pub transport: Transport,
    pub pacing: Pacing,
    /// Kept by the caller too, for readiness.
    pub health: Health,
}

impl RunnerSettings {
    /// The pools and the transport this process is configured for.
    pub fn of(config: &Config) -> Self {
        let concurrency = |pool| match pool {
            Pool::Media => config.worker.media_concurrency,
            Pool::Mail => config.worker.mail_concurrency,
            Pool::Light => config.worker.light_concurrency,
        };
        let pools = config.worker.pools.iter().filter_map(|name| Pool::parse(name));
        Self {
            pools: pools.map(|pool| PoolSettings { pool, concurrency: concurrency(pool) }).collect(),
            transport: config.redis_url.clone().map_or(Transport::Postgres, |url| Transport::Redis { url }),
            pacing: Pacing::default(),
            health: Health::default(),
        }
    }
}

/// What the tasks of one runner share.
pub(super) struct Runner {
    pub ctx: Ctx,
    pub pools: Vec<&'static str>,
    pub transport: &'static str,
    pub handlers: Handlers,
    pub pacing: Pacing,
    pub health: Health,
    /// This process, this time: bodies keep their claim when the worker that started them is replaced.
    pub lease_by: String,
    pub held: Held,
    pub wake: Arc<Wake>,
    pub bodies: TaskTracker,
    /// No new claims.
    pub stop: CancellationToken,
    /// Bodies end now.
    pub hard_stop: CancellationToken,
    pub finishes: Batch<Fenced, bool>,
}

/// Runs until `stop`, then lets bodies end, gives the rest back with the attempt refunded, and returns.
///
/// # Errors
/// When a pool's worker cannot be kept running, so that whoever started the process sees it.
pub async fn run(ctx: Ctx, handlers: Handlers, settings: RunnerSettings, stop: CancellationToken) -> Result<(), Error> {
    let lease_by = format!("{}-{}-{}", host(), std::process::id(), new_uuid(ctx.now()).simple());
    let runner = Arc::new(Runner {
        pools: settings.pools.iter().map(|pool| pool.pool.code()).collect(),
        transport: settings.transport.code(),
        finishes: answer_finishes(ctx.clone(), lease_by.clone()),
        pacing: settings.pacing,
        health: settings.health,
        held: Held::default(),
        wake: Arc::default(),
        bodies: TaskTracker::new(),
        stop: stop.child_token(),
        hard_stop: CancellationToken::new(),
        ctx,
        handlers,
        lease_by,
    });
    let upkeep_stop = CancellationToken::new();
    let upkeep = TaskTracker::new();
    start_upkeep(&runner, &upkeep, &upkeep_stop);
    if let Transport::Redis { url } = &settings.transport {
        relay::start(&runner, &upkeep, url, &settings.pools);
    }
    let workers = settings.pools.iter().map(|pool| {
        let slots = Arc::new(Semaphore::new(pool.concurrency));
        supervise::keep_working(Arc::clone(&runner), *pool, slots, settings.transport.clone())
    });
    let grace = tokio::spawn(end_bodies_after_grace(Arc::clone(&runner)));
    let outcome = futures::future::try_join_all(workers.map(stopping_all(&runner))).await;
    runner.stop.cancel();
    runner.bodies.close();
    runner.bodies.wait().await;
    grace.abort();
    upkeep_stop.cancel();
    upkeep.close();
    upkeep.wait().await;
    upkeep::say_goodbye(&runner).await;
    outcome.map(|_| ())
}

/// A pool that cannot be kept running stops the others, which then end in good order.
fn stopping_all<F>(runner: &Arc<Runner>) -> impl Fn(F) -> futures::future::BoxFuture<'static, Result<(), Error>>
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let stop = runner.stop.clone();
    move |worker| {
        let stop = stop.clone();
        Box::pin(async move {
            let outcome = worker.await;
            stop.cancel();
            outcome
        })
    }
}

/// Heartbeats go on until the last body has ended; nothing here shares a task with jobs (F11).
fn start_upkeep(runner: &Arc<Runner>, tasks: &TaskTracker, stop: &CancellationToken) {
    let pacing = runner.pacing;
    tasks.spawn(every("heartbeat", pacing.heartbeat, stop.clone(), {
        let runner = Arc::clone(runner);
        async move || upkeep::heartbeat(&runner).await
    }));
    tasks.spawn(every("reap", pacing.reap, stop.clone(), {
        let runner = Arc::clone(runner);
        let mut outage = upkeep::Outage::default();
        async move || upkeep::reap_round(&runner, &mut outage).await
    }));
    tasks.spawn(every("tick", pacing.tick, runner.stop.clone(), {
        let runner = Arc::clone(runner);
        async move || upkeep::tick_round(&runner).await
    }));
    let (ctx, wake, stop) = (runner.ctx.clone(), Arc::clone(&runner.wake), runner.stop.clone());
    tasks.spawn(async move { keep_listening(ctx.db().url(), &wake, &stop).await });
}

/// Does `work` at an interval until `stop`. A round that fails is logged, and the next round is the second try.
async fn every<F>(name: &'static str, interval: Duration, stop: CancellationToken, mut work: F)
where
    F: AsyncFnMut() -> Result<(), Error>,
{
    loop {
        if let Err(error) = work().await {
            tracing::warn!(round = name, %error, "queue upkeep failed; the next round tries again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
    }
}

async fn end_bodies_after_grace(runner: Arc<Runner>) {
    runner.stop.cancelled().await;
    tokio::time::sleep(runner.pacing.stop_grace).await;
    runner.hard_stop.cancel();
}

impl Runner {
    /// Whether a claim may be made: not while stopping, and not by a clock that the database does not share.
    pub fn may_claim(&self) -> bool {
        !self.stop.is_cancelled() && self.clock_agrees()
    }

    pub fn clock_agrees(&self) -> bool {
        self.health.clock().agrees(self.ctx.clock(), self.ctx.now())
    }

    /// The time by the database's clock, as far as is known. What a runner writes is stamped with it: a step of this clock
    /// must not make a lease or a pause an hour longer.
    pub fn ledger_now(&self) -> DateTime<Utc> {
        let now = self.ctx.now();
        match self.ctx.clock() {
            Clock::Fixed(_) => now,
            Clock::System | Clock::Shifted(_) => now - self.health.clock().skew(now).unwrap_or_default(),
        }
    }

    /// A lease from now on.
    pub fn lease(&self) -> LeaseTerms<'_> {
        LeaseTerms { by: &self.lease_by, until: self.ledger_now() + self.pacing.lease }
    }

    /// Runs a claim's body in a task of its own, which the end of an apalis worker does not touch (F9, F16, F17),
    /// and returns when it has ended.
    pub async fn run_claim(self: Arc<Self>, claim: Claim) {
        let interrupts = Interrupts { lease_lost: self.held.start(claim.fenced()), stop: self.hard_stop.clone() };
        let end = run_body(&self.ctx, &self.handlers, &claim, &interrupts).await;
        self.tell(&claim, &end).await;
        self.held.end(claim.fenced());
    }

    /// Tells the ledger how a body ended. While the database is away this waits; the job lease goes on until then.
    async fn tell(&self, claim: &Claim, end: &End) {
        const PAUSES_MS: [u64; 7] = [100, 300, 1_000, 2_000, 4_000, 8_000, 15_000];
        let mut pauses = PAUSES_MS.into_iter();
        loop {
            let told = match end {
                End::Finished(Finished::Plain) => self.finish_in_batch(claim).await,
                other => record(&self.ctx, claim, other, self.ledger_now()).await,
            };
            match (told, pauses.next()) {
                (Ok(()), _) => return,
                (Err(Error::JobLeaseLost), _) => {
                    tracing::warn!(job = %claim.id(), "a job ended after its lease was lost; nothing was written");
                    return;
                }
                (Err(_), Some(pause)) => tokio::time::sleep(Duration::from_millis(pause)).await,
                (Err(error), None) => {
                    tracing::error!(job = %claim.id(), %error, "the end of a job cannot be recorded; its lease will run out");
                    return;
                }
            }
        }
    }

    async fn finish_in_batch(&self, claim: &Claim) -> Result<(), Error> {
        match self.finishes.ask(claim.fenced()).await {
            Some(true) => Ok(()),
            Some(false) => Err(Error::JobLeaseLost),
            None => Err(Error::Internal("the ends could not be recorded".to_owned())),
        }
    }
}

pub(super) fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "host".to_owned() } else { name.to_owned() }
}
