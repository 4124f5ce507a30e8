//! Debian's clamd with one signature of our own: nothing is fetched, and nothing of the system's own clamd is touched.

use crate::wait::eventually;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tokio::sync::Mutex;

const SIGNATURE: &str = "Proofdesk.Test.Eicar";

/// The text that scanners agreed to find (eicar.org, 1991). In two halves, so that no scanner finds it here.
#[must_use]
pub fn test_virus() -> Vec<u8> {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

/// A scanner in a process of its own, with its own settings, socket and signatures.
pub struct Clamd {
    dir: TempDir,
    child: Mutex<Option<Child>>,
}

impl Clamd {
    /// What it calls the test virus; clamd marks what the public signatures do not know.
    pub const FINDS: &str = "Proofdesk.Test.Eicar.UNOFFICIAL";

    pub async fn start() -> Clamd {
        let clamd = Clamd::stopped();
        clamd.go().await;
        clamd
    }

    /// One that does not run yet.
    #[must_use]
    pub fn stopped() -> Clamd {
        let dir = TempDir::with_prefix("proofdesk-clamd-").unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let clamd = Clamd { dir, child: Mutex::new(None) };
        clamd.write_signatures(&[&test_virus()]);
        let settings = format!(
            "Foreground yes\nLocalSocket {}\nDatabaseDirectory {}\nStreamMaxLength 100M\nMaxThreads 4\n",
            clamd.socket().display(),
            clamd.signatures().display(),
        );
        std::fs::write(clamd.settings(), settings).unwrap();
        clamd
    }

    /// As `CLAMD_ADDRESS` names it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix:{}", self.socket().display())
    }

    /// Starts it and waits until it takes connections.
    pub async fn go(&self) {
        let child = Command::new("clamd")
            .arg("--config-file")
            .arg(self.settings())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("clamd must be installed: {error}"));
        *self.child.lock().await = Some(child);
        eventually("clamd answers", async || UnixStream::connect(self.socket()).ok().map(drop)).await;
    }

    /// Ends it as an operator would.
    pub async fn stop(&self) {
        self.end_by(libc::SIGTERM).await;
    }

    /// Ends it as a lack of memory would.
    pub async fn kill(&self) {
        self.end_by(libc::SIGKILL).await;
    }

    /// It keeps its connections and says nothing any more.
    pub async fn freeze(&self) {
        self.signal(libc::SIGSTOP).await;
    }

    pub async fn thaw(&self) {
        self.signal(libc::SIGCONT).await;
    }

    /// Starts it anew with a signature of these bytes besides.
    pub async fn learn(&self, bytes: &[u8]) {
        self.stop().await;
        self.write_signatures(&[&test_virus(), bytes]);
        self.go().await;
    }

    /// For any type of file, at any place in it.
    fn write_signatures(&self, found: &[&[u8]]) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let lines = found.iter().map(|bytes| format!("{SIGNATURE}:0:*:{}\n", hex(bytes)));
        std::fs::create_dir_all(self.signatures()).unwrap();
        std::fs::write(self.signatures().join("own.ndb"), lines.collect::<String>()).unwrap();
    }

    async fn end_by(&self, signal: i32) {
        self.signal(signal).await;
        if let Some(mut child) = self.child.lock().await.take() {
            child.wait().unwrap();
        }
    }

    async fn signal(&self, signal: i32) {
        if let Some(child) = self.child.lock().await.as_ref() {
            let pid = libc::pid_t::try_from(child.id()).unwrap();
            // SAFETY: the child is ours and not yet waited for, so the number is still its own.
            assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
        }
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("clamd.ctl")
    }

    fn signatures(&self) -> PathBuf {
        self.dir.path().join("signatures")
    }

    fn settings(&self) -> PathBuf {
        self.dir.path().join("clamd.conf")
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.get_mut().take() {
            let _gone = child.kill();
            let _gone = child.wait();
        }
    }
}
