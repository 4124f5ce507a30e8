//! The running server process: it never outlives this process, however this process ends.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Command, ExitStatus},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

/// Ends the sessions, writes everything down, exits.
pub(super) const FAST: i32 = libc::SIGINT;
/// Exits at once; the next start recovers from the write-ahead log.
pub(super) const IMMEDIATE: i32 = libc::SIGQUIT;
pub(super) const KILL: i32 = libc::SIGKILL;

pub(super) struct Server {
    pid: i32,
    ending: Arc<Ending>,
}

#[derive(Default)]
struct Ending {
    status: Mutex<Option<io::Result<ExitStatus>>>,
    happened: Condvar,
}

impl Server {
    /// Starts the server from a thread of its own that stays until the server ends. The kernel sends
    /// the parent-death signal when the *thread* that forked is gone, so a pool thread will not do.
    pub(super) fn spawn(mut command: Command) -> Result<Self> {
        die_with_parent(&mut command);
        // A Ctrl-C in the terminal reaches the whole group; the server must stop after its clients.
        command.process_group(0);
        let ending = Arc::new(Ending::default());
        let ending_of_keeper = Arc::clone(&ending);
        let (report, started) = mpsc::sync_channel(1);
        thread::Builder::new().name("postgres-keeper".into()).spawn(move || {
            let status = match command.spawn() {
                Err(error) => {
                    let _gone = report.send(Err(error));
                    return;
                }
                Ok(mut child) => {
                    let _gone = report.send(Ok(child.id()));
                    child.wait()
                }
            };
            *ending_of_keeper.lock() = Some(status);
            ending_of_keeper.happened.notify_all();
        })?;
        let pid = started.recv()?.context("cannot start the PostgreSQL server program")?;
        Ok(Self { pid: i32::try_from(pid)?, ending })
    }

    pub(super) fn signal(&self, signal: i32) {
        let status = self.ending.lock();
        if status.is_none() {
            send_signal(self.pid, signal);
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ending.lock().is_some()
    }

    /// Whether the server ended within the limit.
    pub(super) fn wait(&self, limit: Duration) -> bool {
        let status = self.ending.lock();
        let (status, _) = self
            .ending
            .happened
            .wait_timeout_while(status, limit, |status| status.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        status.is_some()
    }
}

impl Ending {
    fn lock(&self) -> MutexGuard<'_, Option<io::Result<ExitStatus>>> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process that is already gone is no error: gone is what the caller wants.
pub(super) fn send_signal(pid: i32, signal: i32) {
    // SAFETY: kill takes two integers; the pid is positive, so no group is meant.
    unsafe {
        libc::kill(pid, signal);
    }
}

fn die_with_parent(command: &mut Command) {
    // SAFETY: getpid cannot fail.
    let parent = unsafe { libc::getpid() };
    let hook = move || {
        // SAFETY: prctl and getppid are async-signal-safe, and nothing here allocates. The hook runs
        // after the change of user, which would clear the setting.
        unsafe {
            if libc::prctl(libc::PR_SET_PDEATHSIG, FAST) != 0 {
                return Err(io::Error::last_os_error());
            }
            // The parent may have died between fork and prctl.
            if libc::getppid() != parent {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
        }
        Ok(())
    };
    // SAFETY: the hook above only makes async-signal-safe calls.
    unsafe {
        command.pre_exec(hook);
    }
}
