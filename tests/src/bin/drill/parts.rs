//! Everything a drill runs: servers with data of their own, and the processes that use them.

use crate::disk::Disk;
use acceptance::{Mood, RecordService, Redis, Smtp, eventually, recorded};
use chrono::TimeDelta;
use embedded::postgres::{Cluster, ClusterOptions};
use embedded::s3::{Credentials, Endpoint, Fault};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use workflow::Ctx;
use workflow::audit::Actor;
use workflow::clock::Clock;
use workflow::config::Config;
use workflow::crypto::Kek;
use workflow::db::migrate;
use workflow::queue::Pool;
use workflow::queue::ops::{self, JobAct, JobFilter, Order, Target};
use workflow::staff::{self, NewStaff};

const DATABASE: &str = "drill";
const BUCKET: &str = "evidence";
const CHECKERS: usize = 4;
const RESTART_TRIES: u32 = 20;
/// Seconds in which a decision can be undone, and of a checker's lease: short, so that a drill sees both end.
const UNDO_SECONDS: &str = "5";
pub const LEASE_SECONDS: u32 = 30;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    Door,
    Worker,
    OtherWorker,
    Checkers,
}

pub struct Parts {
    pub cluster: Cluster,
    pub disk: Disk,
    /// How far all clocks are ahead, the database's included, while none is stepped.
    ahead: TimeDelta,
    pub redis: Redis,
    pub store: Endpoint,
    pub smtp: Smtp,
    pub records: RecordService,
    pub ctx: Ctx,
    pub dir: TempDir,
    pub client_key: String,
    port: u16,
    checkers: Vec<String>,
    environment: Vec<(String, String)>,
    children: HashMap<Role, Child>,
    /// What the checkers said of themselves: decisions that were acknowledged, and surprises.
    pub said: Arc<Mutex<Vec<String>>>,
}

impl Role {
    const ALL: [Role; 4] = [Role::Door, Role::Worker, Role::OtherWorker, Role::Checkers];
}

impl Parts {
    pub async fn start(ahead: TimeDelta) -> Parts {
        let dir = TempDir::with_prefix("proofdesk-drill-").unwrap();
        // PostgreSQL runs as an account without privileges when this runs as root.
        std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let disk = Disk::at(dir.path().join("disk"));
        let cluster = Cluster::start(&disk.path().join("postgres"), ClusterOptions::default()).await.unwrap();
        cluster.create_database(DATABASE).await.unwrap();
        migrate::run(&cluster.url(DATABASE)).await.unwrap();
        put_ahead(&cluster, ahead).await;
        let credentials = Credentials { access_key: "proofdesk".to_owned(), secret_key: "development-only".to_owned() };
        let store = Endpoint::start(&disk.path().join("objects"), credentials, 0).unwrap();
        store.ensure_bucket(BUCKET).unwrap();
        let (redis, smtp) = (Redis::start().await, Smtp::start().await);
        let records = RecordService::start(vec![recorded()]);
        let key_file = dir.path().join("key");
        Kek::generate_file(&key_file).unwrap();
        let environment: Vec<(String, String)> = [
            ("DATABASE_URL", cluster.url(DATABASE)),
            ("DATABASE_POOL_SIZE_MAX", "12".to_owned()),
            ("REDIS_URL", redis.url()),
            ("S3_ENDPOINT", store.url()),
            ("S3_BUCKET", BUCKET.to_owned()),
            ("SMTP_URL", smtp.url()),
            records.setting(),
            ("PROOFDESK_KEY_FILE", key_file.display().to_string()),
            ("REVIEW_UNDO_SECONDS", UNDO_SECONDS.to_owned()),
            ("REVIEW_LEASE_SECONDS", LEASE_SECONDS.to_string()),
            ("WORKER_MODELS", String::new()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let clock = Clock::Shifted(Arc::default());
        clock.advance(ahead);
        let ctx = Ctx::connect(Config::load(None, environment.clone()).unwrap(), clock).unwrap();
        let (_, key) = workflow::client::add(&ctx, "Drill", ctx.now()).await.unwrap();
        let mut checkers = Vec::new();
        for at in 0..CHECKERS {
            let new = NewStaff {
                email: format!("checker{at}@staff.example"),
                name: format!("Checker {at}"),
                role: if at == 0 { staff::Role::Senior } else { staff::Role::Reviewer },
                password: domain::redacted::Redacted::new("orbit-velvet-lantern-42".to_owned()),
            };
            checkers.push(staff::add(&ctx, new, ctx.now()).await.unwrap().to_string());
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut parts = Parts {
            cluster,
            disk,
            ahead,
            redis,
            store,
            smtp,
            records,
            ctx,
            client_key: key.expose().clone(),
            port,
            checkers,
            environment,
            children: HashMap::new(),
            said: Arc::default(),
            dir,
        };
        parts.put_clocks_right();
        parts.start_what_has_ended();
        parts
    }

    /// Where the door is, and the key it wants.
    pub fn address(&self) -> (String, String) {
        (format!("http://127.0.0.1:{}", self.port), self.client_key.clone())
    }

    /// As a supervisor does.
    pub fn start_what_has_ended(&mut self) {
        for role in Role::ALL {
            let ended = self.children.get_mut(&role).is_none_or(|child| child.try_wait().unwrap().is_some());
            if ended {
                let child = self.spawn(role);
                self.children.insert(role, child);
            }
        }
    }

    pub fn kill(&mut self, role: Role) {
        if let Some(child) = self.children.get_mut(&role) {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub async fn freeze(&self, role: Role, lasts: Duration) {
        let Some(child) = self.children.get(&role) else { return };
        let pid = child.id().cast_signed();
        // SAFETY: sends a signal to a child that has not been waited for, so its number is not another's.
        unsafe { libc::kill(pid, libc::SIGSTOP) };
        tokio::time::sleep(lasts).await;
        // SAFETY: as above.
        unsafe { libc::kill(pid, libc::SIGCONT) };
    }

    /// Puts the clock of a process wrong by so much.
    pub fn step_clock(&self, role: Role, wrong_by: TimeDelta) {
        let ahead_ms = (self.ahead + wrong_by).num_milliseconds();
        std::fs::write(self.clock_file(role), ahead_ms.to_string()).unwrap();
    }

    pub fn put_clocks_right(&self) {
        Role::ALL.into_iter().for_each(|role| self.step_clock(role, TimeDelta::zero()));
    }

    /// A server that could not write its log of changes has stopped, and is started again as a supervisor would.
    pub async fn revive_database(&self) {
        for _ in 0..RESTART_TRIES {
            if self.cluster.run_sql(DATABASE, "SELECT 1").await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        self.restart_database().await;
    }

    pub async fn restart_database(&self) {
        for _ in 0..RESTART_TRIES {
            if self.cluster.restart().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("PostgreSQL does not start again");
    }

    pub async fn cut_connections(&self) {
        self.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()").await;
    }

    pub async fn heal(&mut self) {
        self.store.set_fault(Fault::None);
        self.smtp.set_mood(Mood::Accepting);
        self.records.set_away(false);
        self.put_clocks_right();
        self.start_what_has_ended();
    }

    /// Ends the processes, so that nothing changes any more.
    pub async fn put_aside(&mut self) {
        for role in Role::ALL {
            self.kill(role);
        }
        self.redis.kill();
    }

    /// What has not yet come to its end, in words.
    pub async fn unfinished(&self) -> Vec<String> {
        let sql = "SELECT 'submission ' || reference || ' is ' || status FROM submission \
                WHERE status NOT IN ('open', 'closed', 'retake_wanted', 'expired', 'withdrawn') \
            UNION ALL SELECT 'record of ' || submission_id || ' is not answered' FROM record_trace WHERE result IS NULL \
            UNION ALL SELECT 'notice ' || id || ' is ' || state || ': ' || coalesce(last_error, '') FROM notice \
                WHERE state NOT IN ('sent', 'failed', 'cancelled') \
            UNION ALL SELECT 'job ' || kind || ' is ' || state || ', attempt ' || attempts || ': ' || coalesce(last_error, '') \
                FROM job WHERE queue <> 'light' AND state IN ('ready', 'running')";
        self.sql(sql).await.lines().map(str::to_owned).collect()
    }

    pub async fn put_letters_forward(&self) {
        let mail = Target::All(JobFilter {
            pool: Some(Pool::Mail),
            kind: Some("send_notice".to_owned()),
            ..JobFilter::default()
        });
        let due = "SELECT count(*) FROM job j JOIN notice n ON n.id::text = replace(substr(payload ->> 'notice', 5), '-', '')::uuid::text \
            WHERE j.state = 'ready' AND j.run_at > clock_timestamp() AND n.send_after <= clock_timestamp() AND j.attempts > 0";
        if self.sql(due).await != "0" {
            let order = Order { by: Actor::System, reason: "the drill is over and the relay is back" };
            // The database was just restarted, or will be asked again in half a second.
            let _later = ops::act(&self.ctx, JobAct::Retry, &mail, order, self.ctx.now()).await;
        }
    }

    pub async fn sql(&self, sql: &str) -> String {
        eventually("the database answers", async || {
            self.cluster.run_sql(DATABASE, sql).await.ok().map(|rows| rows.trim().to_owned())
        })
        .await
    }

    fn clock_file(&self, role: Role) -> std::path::PathBuf {
        self.dir.path().join(format!("clock-{role:?}"))
    }

    fn spawn(&self, role: Role) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let clock = self.clock_file(role);
        let port = self.port.to_string();
        match role {
            Role::Door => command.arg("door").arg(clock).arg(port),
            Role::Worker => command.arg("worker").arg(clock).arg("media,mail,light"),
            Role::OtherWorker => command.arg("worker").arg(clock).arg("media,mail"),
            Role::Checkers => command.arg("checkers").arg(clock).args(&self.checkers),
        };
        let log =
            File::options().create(true).append(true).open(self.dir.path().join(format!("{role:?}.log"))).unwrap();
        command.envs(self.environment.iter().cloned()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let (lines, said) = (BufReader::new(child.stdout.take().unwrap()).lines(), Arc::clone(&self.said));
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                said.lock().unwrap().push(line);
            }
        });
        child
    }
}

/// The database's sessions read a clock that is ahead as well, or every worker would take its own for wrong.
async fn put_ahead(cluster: &Cluster, ahead: TimeDelta) {
    let milliseconds = ahead.num_milliseconds();
    for sql in [
        "CREATE SCHEMA ahead".to_owned(),
        format!(
            "CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE \
             AS $$ SELECT pg_catalog.clock_timestamp() + interval '{milliseconds} milliseconds' $$"
        ),
        format!("ALTER DATABASE {DATABASE} SET search_path = ahead, pg_catalog, public"),
    ] {
        cluster.run_sql(DATABASE, &sql).await.unwrap();
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        for child in self.children.values_mut() {
            let _gone = child.kill();
            let _reaped = child.wait();
        }
    }
}
