//! What a killed predecessor left behind is stopped before the cluster starts again.

use std::{fs, path::Path, thread, time::Duration};

use anyhow::{Context, Result, bail};

use super::server::{FAST, IMMEDIATE, KILL, send_signal};

const POLL: Duration = Duration::from_millis(100);
const POLLS_MAX: u32 = 300;
const POLLS_BEFORE_IMMEDIATE: u32 = 50;
const POLLS_BEFORE_KILL: u32 = 100;

/// Stops the servers and orphaned children of this cluster, then removes a stale pid file. The
/// caller holds the owner lock, so every process found here belongs to a predecessor. `mark` is the
/// cluster name, which PostgreSQL shows in the title of each of its processes.
pub(super) fn clear(cluster_dir: &Path, mark: &str) -> Result<()> {
    let pid_file = cluster_dir.join("postmaster.pid");
    let postmaster = read_pid(&pid_file);
    for poll in 0..POLLS_MAX {
        let left = processes(mark);
        if left.is_empty() {
            return remove_stale(&pid_file, postmaster);
        }
        let orphans_only = postmaster.is_none_or(|pid| !left.contains(&pid));
        if poll == 0 {
            tracing::warn!(processes = left.len(), "stopping the PostgreSQL server of an earlier run");
        }
        match poll {
            0 if !orphans_only => postmaster.into_iter().for_each(|pid| send_signal(pid, FAST)),
            0 | POLLS_BEFORE_IMMEDIATE => left.iter().for_each(|pid| send_signal(*pid, IMMEDIATE)),
            POLLS_BEFORE_KILL => left.iter().for_each(|pid| send_signal(*pid, KILL)),
            _ => {}
        }
        thread::sleep(POLL);
    }
    bail!("PostgreSQL processes of an earlier run still use {} and could not be stopped", cluster_dir.display())
}

fn remove_stale(pid_file: &Path, postmaster: Option<i32>) -> Result<()> {
    let Some(pid) = postmaster else { return Ok(()) };
    // A server that somebody started by hand carries another name, and must not lose its pid file.
    if is_postgres(pid) {
        bail!("process {pid} is a PostgreSQL server that was started by hand on this data directory: stop it first");
    }
    match fs::remove_file(pid_file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove the stale {}", pid_file.display()))
        }
        _ => Ok(()),
    }
}

fn read_pid(pid_file: &Path) -> Option<i32> {
    fs::read_to_string(pid_file).ok()?.lines().next()?.trim().parse().ok()
}

fn processes(mark: &str) -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| is_postgres(*pid) && title(*pid).contains(mark))
        .collect()
}

/// `comm` and `cmdline` are readable for all; `cwd` and `exe` of another account are not, even for
/// root inside an ordinary container. A zombie has an empty command line and does not count.
fn is_postgres(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim_end() == "postgres")
        && !title(pid).is_empty()
}

fn title(pid: i32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
