//! One PostgreSQL cluster for all tests of a process, one database for each test, copied from a template.

use embedded::postgres::{Cluster, ClusterOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use tokio::sync::Mutex;
use workflow::db::migrate;

const TEMPLATE: &str = "template_proofdesk";

static SHARED: Mutex<Option<Arc<Postmaster>>> = Mutex::const_new(None);
static DATABASES: AtomicU32 = AtomicU32::new(1);

/// A running cluster and the directory it lives in; the server stops before the directory goes.
pub struct Postmaster {
    pub cluster: Cluster,
    _dir: TempDir,
}

impl Postmaster {
    /// The cluster of this process; the first test starts it.
    pub async fn shared() -> Arc<Postmaster> {
        let mut shared = SHARED.lock().await;
        if let Some(running) = shared.as_ref() {
            return Arc::clone(running);
        }
        let started = Arc::new(Self::own().await);
        // SAFETY: the function lives as long as the process and does not unwind into C: it only drops.
        unsafe { libc::atexit(stop_shared) };
        *shared = Some(Arc::clone(&started));
        started
    }

    /// A cluster for one test that breaks it.
    pub async fn own() -> Postmaster {
        let dir = TempDir::with_prefix("proofdesk-tests-").unwrap();
        open_to_all(&dir);
        let cluster = Cluster::start(&dir.path().join("postgres"), ClusterOptions::for_tests()).await.unwrap();
        cluster.create_database(TEMPLATE).await.unwrap();
        migrate::run(&cluster.url(TEMPLATE)).await.unwrap();
        Postmaster { cluster, _dir: dir }
    }

    /// A migrated database that nobody else uses.
    pub async fn new_database(&self) -> String {
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        self.cluster.create_database_from(&name, TEMPLATE).await.unwrap();
        name
    }

    /// An empty database, before the first migration.
    pub async fn empty_database(&self) -> String {
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        self.cluster.create_database(&name).await.unwrap();
        name
    }

    /// What `pg_dump` writes about a database.
    pub async fn dump(&self, database: &str, arguments: &[&str]) -> String {
        let mut command = tokio::process::Command::new("pg_dump");
        let output = command.args(arguments).arg("--dbname").arg(self.cluster.url(database)).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // Newer versions write a key of their own around each dump.
        let lines = String::from_utf8(output.stdout).unwrap();
        let lines = lines.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
        lines.map(|line| format!("{line}\n")).collect()
    }
}

/// PostgreSQL runs as an account without privileges when the tests run as root.
fn open_to_all(dir: &TempDir) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Statics are never dropped, so the last act of the process does it.
extern "C" fn stop_shared() {
    if let Ok(mut shared) = SHARED.try_lock() {
        drop(shared.take());
    }
}
