//! A Redis of one test, with nothing on disk; it ends with the test.

use crate::wait::eventually;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Redis {
    child: Child,
    port: u16,
    _dir: TempDir,
}

impl Redis {
    pub async fn start() -> Redis {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let dir = TempDir::with_prefix("proofdesk-redis-").unwrap();
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("redis-server must be installed: {error}"));
        let redis = Redis { child, port, _dir: dir };
        eventually("Redis answers", async || (redis.ask("PING").await? == "+PONG").then_some(())).await;
        redis
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Forgets everything, as a Redis does that was started anew.
    pub async fn flush(&self) {
        assert_eq!(self.ask("FLUSHALL").await.as_deref(), Some("+OK"));
    }

    /// One inline command and the first line of its answer.
    async fn ask(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.ok()?;
        stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        answer.lines().next().map(str::to_owned)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
