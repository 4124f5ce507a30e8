//! One start after another of the same cluster: create, clear, launch, wait, end.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::{
    ClusterOptions, Durability, USER,
    account::Account,
    binaries::Binaries,
    leftovers,
    server::{FAST, IMMEDIATE, KILL, Server},
    setup,
};
use crate::lock::OwnerLock;

const PORT: u16 = 5432;
const POLL: Duration = Duration::from_millis(50);
/// 60 s: a large cluster needs that long to recover after a crash.
const READY_POLLS_MAX: u32 = 1200;
const START_TRIES_MAX: u32 = 15;
const PAUSE_BETWEEN_TRIES: Duration = Duration::from_secs(2);
const FAST_STOP_MAX: Duration = Duration::from_secs(20);
const IMMEDIATE_STOP_MAX: Duration = Duration::from_secs(5);

pub(super) struct Instance {
    cluster_dir: PathBuf,
    socket_dir: PathBuf,
    pub(super) log_file: PathBuf,
    /// The cluster name: part of every process title, so that leftovers can be told from strangers.
    mark: String,
    account: Account,
    pub(super) binaries: Binaries,
    options: ClusterOptions,
    server: Mutex<Option<Server>>,
    _owner: OwnerLock,
}

impl Instance {
    pub(super) fn prepare(data_dir: &Path, options: ClusterOptions) -> Result<Self> {
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

    pub(super) fn launch(&self) -> Result<()> {
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

    pub(super) fn run_sql(&self, url: &str, sql: &str) -> Result<String> {
        let mut command = self.account.command(&self.binaries.path("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]);
        run(command).context("psql failed")
    }

    pub(super) fn url(&self, database: &str) -> String {
        let host = setup::percent_encode(&self.socket_dir);
        format!("postgresql:///{database}?host={host}&port={PORT}&user={USER}")
    }

    pub(super) fn halt(&self) {
        if let Some(server) = self.lock().take() {
            end(&server);
        }
    }

    /// Ends the server without warning.
    pub(super) fn kill(&self) {
        if let Some(server) = self.lock().take() {
            server.signal(KILL);
            server.wait(IMMEDIATE_STOP_MAX);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.halt();
        // Only an empty directory is removed; it is made again at the next start.
        if let Err(error) = std::fs::remove_dir(&self.socket_dir) {
            tracing::debug!(%error, "the socket directory stays");
        }
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
