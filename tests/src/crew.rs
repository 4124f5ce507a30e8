//! Worker processes that a test kills, stops and starts: the real one, and one whose jobs are trivial.

use crate::app::App;
use crate::redis::Redis;
use crate::wait::eventually;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// What carries ids of jobs in a test.
pub enum Carrier {
    Direct,
    Redis(Redis),
}

pub struct WorkerProcess {
    child: Child,
}

impl Carrier {
    pub async fn redis() -> Carrier {
        Carrier::Redis(Redis::start().await)
    }

    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn as_redis(&self) -> &Redis {
        match self {
            Carrier::Redis(redis) => redis,
            Carrier::Direct => panic!("this test is about Redis"),
        }
    }
}

/// A program of another package, which `cargo build --bins` puts beside those of this one.
#[must_use]
pub fn beside(program: &str, name: &str) -> PathBuf {
    let path = Path::new(program).with_file_name(name);
    assert!(path.exists(), "`cargo build --bins` makes {}", path.display());
    path
}

impl App {
    /// Starts a worker process on this house's database and store. Its clock is the machine's.
    #[must_use]
    pub fn worker_process(
        &self,
        program: &Path,
        arguments: &[&str],
        (carrier, settings): (&Carrier, &[(&str, &str)]),
    ) -> WorkerProcess {
        let config = self.ctx.config();
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("DATABASE_URL", config.database.url.expose())
            .env("S3_ENDPOINT", &config.objects.endpoint)
            .env("S3_BUCKET", &config.objects.bucket)
            .env("SMTP_URL", self.smtp.url())
            .env("PROOFDESK_KEY_FILE", config.key_file.as_ref().unwrap())
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(self.dir.path().join("worker.log")).map_or(Stdio::null(), Stdio::from));
        if let Carrier::Redis(redis) = carrier {
            command.env("REDIS_URL", redis.url());
        }
        WorkerProcess { child: command.spawn().unwrap() }
    }

    /// Owes `count` trivial jobs of a kind that go by the names of notices, all due at the same moment.
    pub async fn owe(&self, kind: &str, count: u32) {
        let (queue, payload) = match kind {
            "send_notice" => ("mail", "jsonb_build_object('v', 1, 'notice', 'ntc_' || replace(id::text, '-', ''))"),
            "run_precheck" => {
                ("media", "jsonb_build_object('v', 1, 'submission', 'sub_' || replace(id::text, '-', ''))")
            }
            "alert_ops" => ("mail", "jsonb_build_object('v', 1, 'alert', 'scanner_away', 'submission', NULL)"),
            "purge_objects" => ("light", "jsonb_build_object('v', 1)"),
            other => panic!("{other}"),
        };
        self.sql(&format!(
            "INSERT INTO job (id, queue, kind, payload, priority, run_at, attempts_max, dedupe_key, created_at) \
             SELECT id, '{queue}', '{kind}', {payload}, 50, now(), 50, id::text, now() \
             FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, {count})) AS new; SELECT pg_notify('job', '{queue}')"
        ))
        .await;
    }

    /// Where the effects of the trivial jobs are seen, and those that a job had twice.
    pub async fn show_effects(&self) {
        let of = |kind: &str| {
            format!("SELECT payload FROM job WHERE kind = '{kind}' AND run_at > now() + interval '100 days'")
        };
        let (once, twice) = (of("run_precheck"), of("send_notice"));
        self.sql(&format!("CREATE VIEW effect AS {once}; CREATE VIEW doubled AS {twice}")).await;
    }

    pub async fn count(&self, what: &str) -> u64 {
        self.sql(&format!("SELECT count(*) FROM {what}")).await.parse().unwrap()
    }

    pub async fn becomes(&self, what: &str, wanted: u64) {
        eventually(&format!("{wanted} {what}"), async || (self.count(what).await == wanted).then_some(())).await;
    }
}

impl WorkerProcess {
    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.signal(libc::SIGKILL);
        self.child.wait().unwrap();
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: sends a signal to a child that has not been waited for, so its number is not another's.
        unsafe { libc::kill(self.child.id().cast_signed(), signal) };
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub async fn ends(&mut self) -> ExitStatus {
        eventually("the worker ends", async || self.child.try_wait().unwrap()).await
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // A test that fails leaves no process behind.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
