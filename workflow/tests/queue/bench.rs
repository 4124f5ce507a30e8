//! One database, one optional Redis, a clock to move, and handlers that do as they are told.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{JobId, NoticeId, SubmissionId};
use embedded::postgres::{Cluster, ClusterOptions};
use futures::FutureExt;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, OnceCell};
use tokio::task::JoinHandle;
use workflow::clock::{Clock, new_uuid};
use workflow::config::Config;
use workflow::db::{Tx, migrate};
use workflow::queue::{
    self, Finished, Handlers, Health, HeldJob, Job, JobError, JobView, Pacing, Pool, PoolSettings, RunnerSettings,
    Transport,
};
use workflow::{CancellationToken, Ctx};

use crate::redis_server::RedisServer;

/// Nothing here takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);
const TEMPLATE: &str = "queue_template";
const DIRECTORY: &str = "proofdesk-queue-tests-";

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// What a body does at one start; without orders it ends plainly.
pub enum Act {
    Plain,
    Commit,
    Retry,
    Fail,
    Panic,
    /// Waits until it is let go.
    Wait(Arc<Notify>),
    Hang,
}

/// Orders by job, and what was started.
#[derive(Default)]
pub struct Script {
    orders: Mutex<HashMap<Job, VecDeque<Act>>>,
    always: Mutex<HashMap<Job, fn() -> Act>>,
    starts: Mutex<Vec<(HeldJob, DateTime<Utc>)>>,
}

pub struct Bench {
    pub ctx: Ctx,
    pub clock: Clock,
    pub script: Arc<Script>,
    pub database: String,
    pub redis: Option<RedisServer>,
    pub pacing: Pacing,
    /// How far the clock moves, every 10 ms, while something is waited for.
    pub hurry: TimeDelta,
}

/// A runner in a task of this test's runtime.
pub struct Running {
    pub stop: CancellationToken,
    pub health: Health,
    task: JoinHandle<Result<(), workflow::Error>>,
}

pub async fn cluster() -> &'static Cluster {
    let start = async || {
        remove_left_by_earlier_runs();
        let cluster = Cluster::start(&own_directory().join("cluster"), ClusterOptions::for_tests()).await.unwrap();
        cluster.create_database(TEMPLATE).await.unwrap();
        migrate::run(&cluster.url(TEMPLATE)).await.unwrap();
        cluster
    };
    CLUSTER.get_or_init(start).await
}

impl Bench {
    pub async fn direct() -> Self {
        Self::new(None, Clock::fixed(start_of_time())).await
    }

    pub async fn redis() -> Self {
        Self::new(Some(RedisServer::start().await), Clock::fixed(start_of_time())).await
    }

    /// The same on the system's clock, for what is measured.
    pub async fn on_system_clock(self) -> Self {
        let redis = self.redis;
        Self::new(redis, Clock::System).await
    }

    /// The same in a process whose clock is wrong by so much.
    pub async fn on_wrong_clock(self, by: TimeDelta) -> Self {
        let clock = Clock::Shifted(Arc::default());
        clock.advance(by);
        let bench = Self::new(self.redis, clock).await;
        Self { hurry: TimeDelta::zero(), ..bench }
    }

    async fn new(redis: Option<RedisServer>, clock: Clock) -> Self {
        let cluster = cluster().await;
        let database = format!("queue_{}", DATABASES.fetch_add(1, Ordering::SeqCst));
        cluster.create_database_from(&database, TEMPLATE).await.unwrap();
        let key_file = key_file();
        let environment = [
            ("DATABASE_URL".to_owned(), cluster.url(&database)),
            ("PROOFDESK_KEY_FILE".to_owned(), key_file),
            ("DATABASE_POOL_SIZE_MAX".to_owned(), "8".to_owned()),
        ];
        let config = Config::load(None, environment).unwrap();
        let ctx = Ctx::connect(config, clock.clone()).unwrap();
        let pacing = Pacing {
            reap: Duration::from_millis(50),
            // Periodic jobs once, unless a test asks for more.
            tick: PATIENCE * 10,
            heartbeat: Duration::from_millis(100),
            poll: Duration::from_millis(200),
            resend: TimeDelta::seconds(1),
            stop_grace: Duration::from_millis(300),
            ..Pacing::default()
        };
        Self { ctx, clock, script: Arc::default(), database, redis, pacing, hurry: TimeDelta::milliseconds(50) }
    }

    pub fn run(&self) -> Running {
        let (stop, health) = (CancellationToken::new(), Health::default());
        let task =
            tokio::spawn(queue::run(self.ctx.clone(), self.handlers(), self.settings(health.clone()), stop.clone()));
        Running { stop, health, task }
    }

    pub fn settings(&self, health: Health) -> RunnerSettings {
        let pools = Pool::ALL.map(|pool| PoolSettings { pool, concurrency: 4 }).to_vec();
        let transport = match &self.redis {
            None => Transport::Postgres,
            Some(server) => Transport::Redis { url: domain::redacted::Redacted::new(server.url()) },
        };
        RunnerSettings { pools, transport, pacing: self.pacing, health }
    }

    pub fn handlers(&self) -> Handlers {
        let script = Arc::clone(&self.script);
        Arc::new(move |ctx, held| {
            let script = Arc::clone(&script);
            async move { act(&script, &ctx, &held).await }.boxed()
        })
    }

    pub async fn enqueue(&self, job: &Job) -> Option<JobId> {
        self.enqueue_at(job, self.ctx.now()).await
    }

    pub async fn enqueue_at(&self, job: &Job, run_at: DateTime<Utc>) -> Option<JobId> {
        let now = self.ctx.now();
        let owe = async |tx: &mut Tx| queue::enqueue(tx, job, run_at, now).await;
        self.ctx.db().tx("test.enqueue", owe).await.unwrap()
    }

    pub async fn view(&self, id: JobId) -> JobView {
        let mut conn = self.ctx.db().conn().await.unwrap();
        queue::job(&mut conn, id).await.unwrap().unwrap()
    }

    pub async fn failure_classes(&self, id: JobId) -> Vec<String> {
        let mut conn = self.ctx.db().conn().await.unwrap();
        queue::failures(&mut conn, id).await.unwrap().into_iter().map(|failure| failure.class).collect()
    }

    pub async fn sql(&self, statement: &str) -> String {
        cluster().await.run_sql(&self.database, statement).await.unwrap().trim().to_owned()
    }

    /// Moves the clock while it waits, so that what waits for a moment finds it come.
    pub async fn state_becomes(&self, id: JobId, state: &str) -> JobView {
        let reached = async || Some(self.view(id).await).filter(|view| view.state == state);
        match tokio::time::timeout(PATIENCE, self.eventually(reached)).await {
            Ok(view) => view,
            Err(_) => {
                panic!("waited in vain for {state}: {:?} {:?}", self.view(id).await, self.failure_classes(id).await)
            }
        }
    }

    pub async fn starts_of(&self, job: &Job, count: usize) {
        let reached = async || (self.script.starts(job).len() >= count).then_some(());
        self.until(&format!("start {count} of {job:?}"), reached).await;
    }

    /// Asks again and again: there is no signal for what another process or the database does.
    pub async fn until<T>(&self, what: &str, reached: impl AsyncFn() -> Option<T>) -> T {
        within(what, self.eventually(reached)).await
    }

    async fn eventually<T>(&self, reached: impl AsyncFn() -> Option<T>) -> T {
        loop {
            if let Some(value) = reached().await {
                return value;
            }
            self.clock.advance(self.hurry);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Running {
    pub async fn stop(self) {
        self.stop.cancel();
        within("the runner to stop", self.task).await.unwrap().unwrap();
    }
}

impl Script {
    pub fn order(&self, job: &Job, acts: impl IntoIterator<Item = Act>) {
        self.orders.lock().unwrap().entry(job.clone()).or_default().extend(acts);
    }

    pub fn always(&self, job: &Job, act: fn() -> Act) {
        self.always.lock().unwrap().insert(job.clone(), act);
    }

    pub fn starts(&self, job: &Job) -> Vec<(HeldJob, DateTime<Utc>)> {
        self.starts.lock().unwrap().iter().filter(|(held, _)| held.job == *job).cloned().collect()
    }

    pub fn started(&self) -> Vec<Job> {
        self.starts.lock().unwrap().iter().map(|(held, _)| held.job.clone()).collect()
    }

    /// Without the periodic jobs, which every runner brings along.
    pub fn started_work(&self) -> Vec<Job> {
        self.started().into_iter().filter(|job| job.queue() != Pool::Light).collect()
    }

    fn next(&self, job: &Job) -> Act {
        let ordered = self.orders.lock().unwrap().get_mut(job).and_then(VecDeque::pop_front);
        let always = self.always.lock().unwrap().get(job).copied();
        ordered.or_else(|| always.map(|act| act())).unwrap_or(Act::Plain)
    }
}

async fn act(script: &Script, ctx: &Ctx, held: &HeldJob) -> Result<Finished, JobError> {
    script.starts.lock().unwrap().push((held.clone(), ctx.now()));
    match script.next(&held.job) {
        Act::Plain => Ok(Finished::Plain),
        Act::Commit => {
            let now = ctx.now();
            let finish = async |tx: &mut Tx| queue::finish(tx, held, now).await;
            ctx.db().tx("test.finish", finish).await?;
            Ok(Finished::Committed)
        }
        Act::Retry => Err(JobError::Retry("told to".to_owned())),
        Act::Fail => Err(JobError::Fail("told to".to_owned())),
        Act::Panic => panic!("told to"),
        Act::Wait(gate) => {
            gate.notified().await;
            Ok(Finished::Plain)
        }
        Act::Hang => std::future::pending().await,
    }
}

pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

pub fn a_precheck() -> Job {
    Job::RunPrecheck { submission: SubmissionId::new(new_uuid(start_of_time())) }
}

pub fn a_notice() -> Job {
    Job::SendNotice { notice: NoticeId::new(new_uuid(start_of_time())) }
}

fn start_of_time() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// Outside the home directory, because PostgreSQL may have to run as another user.
fn own_directory() -> PathBuf {
    let directory = std::env::temp_dir().join(format!("{DIRECTORY}{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// Statics are never dropped, so each run clears up after those that have ended.
fn remove_left_by_earlier_runs() {
    for entry in std::fs::read_dir(std::env::temp_dir()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(process) = name.strip_prefix(DIRECTORY)
            && !std::path::Path::new("/proc").join(process).exists()
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn key_file() -> String {
    let name = format!("queue-key-{}", new_uuid(start_of_time()).simple());
    let path = own_directory().join(name);
    workflow::crypto::Kek::generate_file(&path).unwrap();
    path.to_str().unwrap().to_owned()
}
