//! The two servers all contenders share, with their usual settings and nothing else on them.

use anyhow::{Context, Result, bail};
use embedded::postgres::{Cluster, ClusterOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use workflow::crypto::Kek;
use workflow::db::migrate;

const OURS: &str = "ours";
const REDIS_TRIES: u32 = 200;

pub struct Servers {
    pub cluster: Cluster,
    pub redis_url: String,
    pub key_file: PathBuf,
    redis: Child,
    _dir: TempDir,
}

impl Servers {
    pub async fn start() -> Result<Servers> {
        let dir = TempDir::with_prefix("proofdesk-bench-queue-")?;
        // PostgreSQL runs as an account without privileges when this runs as root.
        std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        let cluster = Cluster::start(&dir.path().join("postgres"), ClusterOptions::default()).await?;
        for name in [OURS, "graphile", "pgboss"] {
            cluster.create_database(name).await?;
        }
        migrate::run(&cluster.url(OURS)).await?;
        let key_file = dir.path().join("key");
        Kek::generate_file(&key_file)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let redis = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir"])
            .arg(dir.path())
            .stdout(Stdio::null())
            .spawn()
            .context("redis-server")?;
        for _ in 0..REDIS_TRIES {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
                let redis_url = format!("redis://127.0.0.1:{port}/");
                return Ok(Servers { cluster, redis_url, key_file, redis, _dir: dir });
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("redis-server does not answer")
    }

    pub async fn sql(&self, statement: &str) -> Result<()> {
        self.cluster.run_sql(OURS, statement).await?;
        Ok(())
    }

    pub fn database(&self, name: &str) -> String {
        self.cluster.url(name)
    }

    pub fn our_database(&self) -> String {
        self.cluster.url(OURS)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _gone = self.redis.kill();
        let _reaped = self.redis.wait();
    }
}
