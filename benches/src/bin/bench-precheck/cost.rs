//! What a command and everything it started cost, as the kernel counts it when the command is waited for.

use anyhow::{Context, Result, bail};
use benches::stopwatch;
use std::io::Read;
use std::process::{Command, Stdio};

const MEGABYTE: f64 = 1_000_000.0;
const KIB: f64 = 1_024.0;

/// One run of one command, or of several after each other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    pub wall_seconds: f64,
    /// User and system time of the command and of all it waited for.
    pub cpu_seconds: f64,
    /// Of the largest process, in MB.
    pub peak_mega: f64,
}

/// Median and 95th percentile of many runs.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub p95: f64,
}

impl Cost {
    pub fn then(self, next: Cost) -> Cost {
        Cost {
            wall_seconds: self.wall_seconds + next.wall_seconds,
            cpu_seconds: self.cpu_seconds + next.cpu_seconds,
            peak_mega: self.peak_mega.max(next.peak_mega),
        }
    }
}

impl Spread {
    /// By nearest rank.
    pub fn of(values: impl Iterator<Item = f64>) -> Spread {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let rank = (sorted.len() as f64 * share).ceil() as usize;
            sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Spread { median: at(0.5), p95: at(0.95) }
    }
}

/// Runs a command to its end and gives its cost and its standard output.
///
/// # Errors
/// When it cannot be started or fails.
pub fn run(command: &mut Command) -> Result<(Cost, Vec<u8>)> {
    let begun = stopwatch();
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = started.with_context(|| format!("{:?} is not here", command.get_program()))?;
    let mut output = Vec::new();
    child.stdout.take().context("no output")?.read_to_end(&mut output)?;
    let (status, usage) = waited(child.id())?;
    if status != 0 {
        bail!("{command:?} ended with {status}");
    }
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let cost = Cost {
        wall_seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        peak_mega: usage.ru_maxrss as f64 * KIB / MEGABYTE,
    };
    Ok((cost, output))
}

fn waited(pid: u32) -> Result<(i32, libc::rusage)> {
    let mut status = 0;
    // SAFETY: the struct is plain numbers, for which all zeroes is a valid value, and the call fills it; the process is a child
    // of this one that nothing else waits for.
    let (found, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid.cast_signed(), &raw mut status, 0, &raw mut usage), usage)
    };
    if found < 0 {
        return Err(std::io::Error::last_os_error()).context("the command cannot be waited for");
    }
    Ok((status, usage))
}
