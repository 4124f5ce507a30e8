//! A Redis of one test, with nothing on disk; it ends with the test.

use crate::wait::eventually;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Redis {
    child: Mutex<Child>,
    port: u16,
    dir: TempDir,
}

impl Redis {
    pub async fn start() -> Redis {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let dir = TempDir::with_prefix("proofdesk-redis-").unwrap();
        let redis = Redis { child: Mutex::new(spawn(port, dir.path())), port, dir };
        redis.answers().await;
        redis
    }

    /// Ends it as a power cut would; nothing was on disk.
    pub fn kill(&self) {
        let mut child = self.child();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts it on the same port, empty.
    pub async fn restart(&self) {
        *self.child() = spawn(self.port, self.dir.path());
        self.answers().await;
    }

    /// SIGSTOP and SIGCONT: connections stay open and nobody answers.
    pub fn signal(&self, signal: i32) {
        // SAFETY: sends a signal to a child that has not been waited for, so its number is not another's.
        unsafe { libc::kill(self.child().id().cast_signed(), signal) };
    }

    /// Takes commands and answers none for so long.
    pub async fn pause(&self, time: Duration) {
        assert_eq!(self.ask(&format!("CLIENT PAUSE {}", time.as_millis())).await.as_deref(), Some("+OK"));
    }

    async fn answers(&self) {
        eventually("Redis answers", async || (self.ask("PING").await? == "+PONG").then_some(())).await;
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap()
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
        let mut child = self.child();
        let _gone = child.kill();
        let _gone = child.wait();
    }
}

fn spawn(port: u16, dir: &Path) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("redis-server must be installed: {error}"))
}
