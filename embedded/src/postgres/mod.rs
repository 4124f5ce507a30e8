//! A private PostgreSQL cluster: one data directory, one owner, a unix socket and no TCP port.
//!
//! Layout below the data directory: `cluster/` (PostgreSQL's own), `socket/` (0700; moved to the
//! system's temporary directory when the path is too long for a socket), `owner.lock`, `server.log`.

mod account;
mod binaries;
mod leftovers;
mod server;
mod setup;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use self::{
    account::Account,
    binaries::Binaries,
    server::{FAST, IMMEDIATE, KILL, Server},
};
use crate::lock::OwnerLock;

/// The cluster's superuser and the user of every URL.
pub const USER: &str = "proofdesk";

const PORT: u16 = 5432;
const POLL: Duration = Duration::from_millis(50);
/// 60 s: a large cluster needs that long to recover after a crash.
const READY_POLLS_MAX: u32 = 1200;
const START_TRIES_MAX: u32 = 15;
const PAUSE_BETWEEN_TRIES: Duration = Duration::from_secs(2);
const FAST_STOP_MAX: Duration = Duration::from_secs(20);
const IMMEDIATE_STOP_MAX: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit is on disk before it is acknowledged.
    Full,
    /// Survives a killed process but not a power cut: for tests only.
    None,
}

#[derive(Clone)]
pub struct ClusterOptions {
    /// Where initdb and postgres are, when they are in no usual place.
    pub bin_dir: Option<PathBuf>,
    pub durability: Durability,
    pub connections_max: u32,
    pub shared_buffers_mib: u32,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self { bin_dir: None, durability: Durability::Full, connections_max: 100, shared_buffers_mib: 128 }
    }
}

impl ClusterOptions {
    /// Fast and forgetful: no fsync, small buffers, room for many test databases.
    #[must_use]
    pub fn for_tests() -> Self {
        Self { bin_dir: None, durability: Durability::None, connections_max: 300, shared_buffers_mib: 32 }
    }
}

/// A running cluster. Dropping it stops the server; so does the death of this process.
pub struct Cluster(Arc<Inner>);

struct Inner {
    cluster_dir: PathBuf,
    socket_dir: PathBuf,
    log_file: PathBuf,
    /// The cluster name: part of every process title, so that leftovers can be told from strangers.
    mark: String,
    account: Account,
    binaries: Binaries,
    options: ClusterOptions,
    server: Mutex<Option<Server>>,
    _owner: OwnerLock,
}

impl Cluster {
    /// Makes the cluster when the directory has none, clears what a killed run left, and returns once
    /// the server accepts connections.
    pub async fn start(data_dir: &Path, options: ClusterOptions) -> Result<Self> {
        let data_dir = data_dir.to_path_buf();
        let inner = tokio::task::spawn_blocking(move || -> Result<Inner> {
            let inner = Inner::prepare(&data_dir, options)?;
            inner.launch()?;
            Ok(inner)
        });
        Ok(Self(Arc::new(inner.await??)))
    }

    /// For libpq, tokio-postgres and diesel-async alike.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.0.url(database)
    }

    /// Creates the database unless it is there already.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        check_name(name)?;
        let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
        if self.run_sql("postgres", &known).await?.trim() == "1" {
            return Ok(());
        }
        self.run_sql("postgres", &format!("CREATE DATABASE {name}")).await?;
        Ok(())
    }

    /// Creates a database as a copy of another one, to which nobody may be connected.
    pub async fn create_database_from(&self, name: &str, template: &str) -> Result<()> {
        check_name(name)?;
        check_name(template)?;
        self.run_sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        Ok(())
    }

    /// Runs one statement as superuser through psql; rows come back one a line, columns split by `|`.
    pub async fn run_sql(&self, database: &str, sql: &str) -> Result<String> {
        let sql = sql.to_owned();
        let url = self.0.url(database);
        self.blocking(move |inner| inner.run_sql(&url, &sql)).await
    }

    /// Stops the server if it runs, waits for its sessions to end, and starts it on the same data.
    pub async fn restart(&self) -> Result<()> {
        self.blocking(|inner| {
            inner.halt();
            inner.launch()
        })
        .await
    }

    /// Kills the server without warning, for tests of faults; `restart` brings it back.
    pub async fn kill(&self) -> Result<()> {
        self.blocking(|inner| {
            if let Some(server) = inner.lock().take() {
                server.signal(KILL);
                server.wait(IMMEDIATE_STOP_MAX);
            }
            Ok(())
        })
        .await
    }

    /// Ends all sessions, writes everything down and gives the data directory back.
    pub async fn stop(self) -> Result<()> {
        self.blocking(|inner| {
            inner.halt();
            Ok(())
        })
        .await
    }

    /// What the server wrote about itself; it holds no statements and no row values.
    #[must_use]
    pub fn log_file(&self) -> &Path {
        &self.0.log_file
    }

    /// The server's major version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.binaries.major
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner)).await?
    }
}

impl Inner {
    fn prepare(data_dir: &Path, options: ClusterOptions) -> Result<Self> {
        let data_dir = setup::make_dir(data_dir)?;
        let owner = OwnerLock::take(&data_dir.join("owner.lock"), "the PostgreSQL data directory")?;
        let cluster_dir = data_dir.join("cluster");
        let account = Account::choose(&cluster_dir)?;
        account.give(&data_dir)?;
        account.check_reach(&data_dir)?;
        let binaries = Binaries::find(options.bin_dir.as_deref(), setup::cluster_major(&cluster_dir)?)?;
        let mark = setup::mark(&data_dir);
        let socket_dir = setup::socket_dir(&data_dir, &mark, account, PORT)?;
        Ok(Self {
            log_file: data_dir.join("server.log"),
            cluster_dir,
            socket_dir,
            mark,
            account,
            binaries,
            options,
            server: Mutex::new(None),
            _owner: owner,
        })
    }

    fn launch(&self) -> Result<()> {
        if setup::cluster_major(&self.cluster_dir)?.is_none() {
            self.create()?;
        }
        let mut last_error = None;
        for _ in 0..START_TRIES_MAX {
            leftovers::clear(&self.cluster_dir, &self.mark)?;
            let log = setup::open_log(&self.log_file)?;
            let mut command = self.server_command();
            command.stdin(std::process::Stdio::null()).stdout(log.try_clone()?).stderr(log);
            let server = Server::spawn(command)?;
            match self.wait_until_ready(&server) {
                Ok(()) => {
                    *self.lock() = Some(server);
                    return Ok(());
                }
                Err(error) if setup::may_pass(&self.log_file) => last_error = Some(error),
                Err(error) => return Err(error),
            }
            // Shared memory of a killed server is freed only when its last orphan has noticed.
            thread::sleep(PAUSE_BETWEEN_TRIES);
        }
        Err(last_error.context("the PostgreSQL server was never started")?)
    }

    /// A cluster appears under its name only when initdb is through, so that half of one never counts.
    fn create(&self) -> Result<()> {
        let unfinished = self.cluster_dir.with_extension("unfinished");
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
        }
        let mut command = self.account.command(&self.binaries.path("initdb"));
        command.arg("-D").arg(&unfinished).args(["-U", USER, "-A", "trust", "-E", "UTF8"]);
        command.args(["--locale=C", "--no-instructions"]);
        if self.options.durability == Durability::None {
            command.arg("--no-sync");
        }
        run(command).context("initdb failed")?;
        std::fs::rename(&unfinished, &self.cluster_dir)?;
        Ok(())
    }

    fn server_command(&self) -> Command {
        let options = &self.options;
        let mut settings = vec![
            "listen_addresses=".to_owned(),
            format!("port={PORT}"),
            format!("cluster_name={}", self.mark),
            format!("max_connections={}", options.connections_max),
            format!("shared_buffers={}MB", options.shared_buffers_mib),
            "timezone=UTC".to_owned(),
            "unix_socket_permissions=0700".to_owned(),
            // Statements and row values are personal data: they stay out of the log.
            "log_statement=none".to_owned(),
            "log_min_error_statement=panic".to_owned(),
            "log_error_verbosity=terse".to_owned(),
        ];
        if options.durability == Durability::None {
            // Not synchronous_commit: without it a killed server forgets commits that it had
            // acknowledged, and no test of a fault could be believed.
            settings.extend(["fsync=off", "full_page_writes=off", "autovacuum=off"].map(str::to_owned));
        }
        let mut command = self.account.command(&self.binaries.path("postgres"));
        command.arg("-D").arg(&self.cluster_dir).arg("-k").arg(&self.socket_dir);
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        command
    }

    fn wait_until_ready(&self, server: &Server) -> Result<()> {
        for _ in 0..READY_POLLS_MAX {
            if server.has_ended() {
                bail!("the PostgreSQL server did not start: {}", setup::log_tail(&self.log_file));
            }
            let mut check = self.account.command(&self.binaries.path("pg_isready"));
            check.arg("-q").arg("-h").arg(&self.socket_dir);
            check.args(["-p", &PORT.to_string(), "-U", USER, "-d", "postgres"]);
            if check.status()?.success() {
                return Ok(());
            }
            thread::sleep(POLL);
        }
        end(server);
        bail!("the PostgreSQL server accepted no connection in time: {}", setup::log_tail(&self.log_file))
    }

    fn run_sql(&self, url: &str, sql: &str) -> Result<String> {
        let mut command = self.account.command(&self.binaries.path("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]);
        run(command).context("psql failed")
    }

    fn url(&self, database: &str) -> String {
        let host = setup::percent_encode(&self.socket_dir);
        format!("postgresql:///{database}?host={host}&port={PORT}&user={USER}")
    }

    fn halt(&self) {
        if let Some(server) = self.lock().take() {
            end(&server);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.halt();
    }
}

fn end(server: &Server) {
    for (signal, limit) in [(FAST, FAST_STOP_MAX), (IMMEDIATE, IMMEDIATE_STOP_MAX), (KILL, IMMEDIATE_STOP_MAX)] {
        server.signal(signal);
        if server.wait(limit) {
            return;
        }
    }
    tracing::error!("the PostgreSQL server did not end when killed");
}

fn run(mut command: Command) -> Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Names are built into statements, so they are limited to what needs no quoting.
fn check_name(name: &str) -> Result<()> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let starts_well = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if plain && starts_well && name.len() <= 63 {
        return Ok(());
    }
    bail!("a database name has 1 to 63 of a-z, 0-9 and _, and does not begin with a digit")
}
