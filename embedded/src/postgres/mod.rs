//! A private PostgreSQL cluster: one data directory, one owner, a unix socket and no TCP port.
//!
//! Layout below the data directory: `cluster/` (PostgreSQL's own), `socket/` (0700; moved to the
//! system's temporary directory when the path is too long for a socket), `owner.lock`, `server.log`.

mod account;
mod binaries;
mod instance;
mod leftovers;
mod server;
mod setup;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Result, bail};

use self::instance::Instance;

/// The cluster's superuser and the user of every URL.
pub const USER: &str = "proofdesk";

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
pub struct Cluster(Arc<Instance>);

impl Cluster {
    /// Makes the cluster when the directory has none, clears what a killed run left, and returns once
    /// the server accepts connections.
    pub async fn start(data_dir: &Path, options: ClusterOptions) -> Result<Self> {
        let data_dir = data_dir.to_path_buf();
        let instance = tokio::task::spawn_blocking(move || -> Result<Instance> {
            let instance = Instance::prepare(&data_dir, options)?;
            instance.launch()?;
            Ok(instance)
        });
        Ok(Self(Arc::new(instance.await??)))
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
        self.blocking(move |instance| instance.run_sql(&url, &sql)).await
    }

    /// Stops the server if it runs, waits for its sessions to end, and starts it on the same data.
    pub async fn restart(&self) -> Result<()> {
        self.blocking(|instance| {
            instance.halt();
            instance.launch()
        })
        .await
    }

    /// Kills the server without warning, for tests of faults; `restart` brings it back.
    pub async fn kill(&self) -> Result<()> {
        self.blocking(|instance| {
            instance.kill();
            Ok(())
        })
        .await
    }

    /// Ends all sessions, writes everything down and gives the data directory back.
    pub async fn stop(self) -> Result<()> {
        self.blocking(|instance| {
            instance.halt();
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
        work: impl FnOnce(&Instance) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let instance = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&instance)).await?
    }
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
