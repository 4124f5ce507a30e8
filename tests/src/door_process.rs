//! The clients' door as a process that a test may kill.

use crate::api::Api;
use crate::app::App;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub struct DoorProcess {
    pub api: Api,
    child: Child,
}

impl App {
    /// Starts `program`, the path of this package's `door` binary, on this house's database and store. Its clock is
    /// the machine's.
    #[must_use]
    pub fn door_process(&self, program: &str, settings: &[(&str, &str)]) -> DoorProcess {
        let config = self.ctx.config();
        let mut child = Command::new(program)
            .env("DATABASE_URL", config.database.url.expose())
            .env("S3_ENDPOINT", &config.objects.endpoint)
            .env("S3_BUCKET", &config.objects.bucket)
            .env("PROOFDESK_KEY_FILE", config.key_file.as_ref().unwrap())
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        DoorProcess { api: Api::new(format!("http://{}", address.trim()), self.api.key.clone()), child }
    }
}

impl DoorProcess {
    /// Ends it as a power cut would (SIGKILL).
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Bytes of memory it holds now (`VmRSS`), or has held at most (`VmHWM`).
    #[must_use]
    pub fn memory(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
    }
}

impl Drop for DoorProcess {
    fn drop(&mut self) {
        // A test that fails leaves no process behind.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
