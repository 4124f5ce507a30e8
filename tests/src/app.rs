//! The house of one test: the doors over HTTP, the worker one step at a time, the clock in the test's hand.

use crate::api::Api;
use crate::cluster::Postmaster;
use crate::door::RunningDoor;
use crate::logs;
use crate::smtp::Smtp;
use chrono::{DateTime, TimeDelta, Utc};
use embedded::s3::{Credentials, Endpoint};
use futures::FutureExt;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use worker::Tools;
use worker::demographics::Demographics;
use worker::mail::Mailer;
use worker::media::{InspectProgram, Limits};
use worker::scan::{ScanLimits, Scanner};
use workflow::clock::Clock;
use workflow::config::Config;
use workflow::crypto::Kek;
use workflow::precheck::Scanned;
use workflow::queue::{self, Finished, Handlers, Job};
use workflow::{Ctx, precheck};

/// A Monday, ten in the morning in London, in winter: in staffed hours, and UTC is local time.
const START: &str = "2026-03-02T10:00:00Z";
const BUCKET: &str = "evidence";

/// What a test asks for beyond the usual.
pub struct Setup {
    /// The path of this package's `inspect` binary, which only a test knows.
    pub inspect: &'static str,
    pub postgres: Postgres,
    /// Settings by their environment variables.
    pub settings: Vec<(&'static str, String)>,
    pub scan_limits: ScanLimits,
    /// Fixed in the test's hand, unless processes with the machine's clock take part.
    pub clock: Clock,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Postgres {
    Shared,
    /// For a test that stops the server.
    Own,
}

pub struct App {
    pub ctx: Ctx,
    pub api: Api,
    pub smtp: Smtp,
    pub s3: Endpoint,
    pub postmaster: Arc<Postmaster>,
    pub database: String,
    pub handlers: Handlers,
    pub dir: TempDir,
    /// What the clients were told to have said, by submission.
    pub(crate) challenges: Mutex<HashMap<String, String>>,
    leaves_work: AtomicBool,
    _door: RunningDoor,
}

impl Setup {
    #[must_use]
    pub fn usual(inspect: &'static str) -> Setup {
        Setup {
            inspect,
            postgres: Postgres::Shared,
            settings: Vec::new(),
            scan_limits: ScanLimits::default(),
            clock: Clock::fixed(START.parse().unwrap()),
        }
    }
}

impl App {
    pub async fn start(setup: Setup) -> App {
        logs::start();
        let postmaster = match setup.postgres {
            Postgres::Shared => Postmaster::shared().await,
            Postgres::Own => Arc::new(Postmaster::own().await),
        };
        let database = postmaster.new_database().await;
        let dir = TempDir::with_prefix("proofdesk-test-").unwrap();
        let s3 = object_store(&dir);
        let smtp = Smtp::start().await;
        let config = config(
            &dir,
            [("DATABASE_URL", postmaster.cluster.url(&database)), ("S3_ENDPOINT", s3.url()), ("SMTP_URL", smtp.url())]
                .into_iter()
                .chain(setup.settings),
        );
        let ctx = Ctx::connect(config, setup.clock).unwrap();
        let (_, key) = workflow::client::add(&ctx, "Test client", ctx.now()).await.unwrap();
        let door = RunningDoor::open({
            let ctx = ctx.clone();
            move |listener| backend::server(ctx, listener).unwrap()
        });
        let api = Api::new(format!("http://{}", door.address), key.expose().clone());
        let tools = Tools {
            mailer: Mailer::of(&ctx.config().mail).unwrap(),
            inspect: InspectProgram { path: PathBuf::from(setup.inspect), args: Vec::new(), models: None },
            limits: Limits::default(),
            demographics: Demographics::of(ctx.config()).unwrap(),
            scanner: Scanner::of(ctx.config()).map(|scanner| scanner.with_limits(setup.scan_limits)),
        };
        let handlers = worker::handlers(tools);
        let leaves_work = AtomicBool::new(false);
        App {
            ctx,
            api,
            smtp,
            s3,
            postmaster,
            database,
            handlers,
            dir,
            challenges: Mutex::default(),
            leaves_work,
            _door: door,
        }
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.ctx.now()
    }

    pub fn advance(&self, by: TimeDelta) {
        self.ctx.clock().advance(by);
    }

    /// Does everything that is due now; answers how many jobs were started.
    pub async fn drain(&self) -> u32 {
        queue::drain(&self.ctx, &self.handlers, self.now()).await.unwrap()
    }

    /// The same, but nobody looks at the media: they count as unremarkable.
    pub async fn drain_unseen(&self) -> u32 {
        queue::drain(&self.ctx, &unseen(Arc::clone(&self.handlers)), self.now()).await.unwrap()
    }

    /// Carries out what time alone brings, then what that owes.
    pub async fn sweep(&self) {
        workflow::due::sweep(&self.ctx, self.now()).await.unwrap();
        self.drain().await;
    }

    /// Lets the undo window pass, and the letter go.
    pub async fn let_undo_pass(&self) {
        self.advance(self.ctx.config().review.undo);
        self.sweep().await;
    }

    /// As superuser; rows come one a line, columns split by `|`.
    pub async fn sql(&self, sql: &str) -> String {
        self.postmaster.cluster.run_sql(&self.database, sql).await.unwrap().trim().to_owned()
    }

    /// What `pg_dump` writes about the database.
    pub async fn dump(&self, arguments: &[&str]) -> String {
        self.postmaster.dump(&self.database, arguments).await
    }

    #[must_use]
    pub fn objects_dir(&self) -> PathBuf {
        self.dir.path().join("objects")
    }

    /// For a test that means to leave due jobs behind.
    pub fn leaves_work(&self) {
        self.leaves_work.store(true, Ordering::Relaxed);
    }
}

/// What the worker does before anything is opened, without a scanner.
///
/// # Errors
/// As the worker meets them: the bytes differ, or something is away.
pub async fn read_back(ctx: &Ctx, item: &precheck::Item) -> Result<(), precheck::ReadBackError> {
    let mut back = precheck::read_back(ctx, item).await?;
    while back.next().await?.is_some() {}
    Ok(precheck::mark_verified(ctx, back.finish()?, Scanned::NotSet, ctx.now()).await?)
}

/// Handlers that read evidence back but look at nothing it shows.
#[must_use]
fn unseen(others: Handlers) -> Handlers {
    Arc::new(move |ctx: Ctx, held: queue::HeldJob| {
        let others = Arc::clone(&others);
        async move {
            let Job::RunPrecheck { submission } = held.job else { return others(ctx, held).await };
            let Some(items) = precheck::begin(&ctx, submission, ctx.now()).await? else { return Ok(Finished::Plain) };
            for item in &items {
                read_back(&ctx, item).await.unwrap();
            }
            precheck::record(&ctx, &held, submission, &[], ctx.now()).await?;
            Ok(Finished::Committed)
        }
        .boxed()
    })
}

fn object_store(dir: &TempDir) -> Endpoint {
    let credentials = Credentials { access_key: "proofdesk".to_owned(), secret_key: "development-only".to_owned() };
    let endpoint = Endpoint::start(&dir.path().join("objects"), credentials, 0).unwrap();
    endpoint.ensure_bucket(BUCKET).unwrap();
    endpoint
}

fn config(dir: &TempDir, settings: impl Iterator<Item = (&'static str, String)>) -> Config {
    let key_file = dir.path().join("key");
    Kek::generate_file(&key_file).unwrap();
    let mut all = vec![
        ("PROOFDESK_KEY_FILE".to_owned(), key_file.display().to_string()),
        ("S3_BUCKET".to_owned(), BUCKET.to_owned()),
        ("DATABASE_POOL_SIZE_MAX".to_owned(), "12".to_owned()),
    ];
    all.extend(settings.map(|(name, value)| (name.to_owned(), value)));
    Config::load(None, all).unwrap()
}

impl Drop for App {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the newest log lines of this process\n{}", logs::tail(40));
            return;
        }
        if self.leaves_work.load(Ordering::Relaxed) {
            return;
        }
        let (postmaster, database) = (Arc::clone(&self.postmaster), self.database.clone());
        let due =
            format!("SELECT kind, attempts FROM job WHERE state = 'ready' AND run_at <= '{}'", self.now().to_rfc3339());
        // The test's own runtime is inside this call, so another one asks.
        let left = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { postmaster.cluster.run_sql(&database, &due).await.unwrap() })
        });
        assert_eq!(left.join().unwrap().trim(), "", "jobs that are due were left behind");
    }
}
