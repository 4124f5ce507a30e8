//! What the benches share: processes and what they cost, as the kernel counts it.

use anyhow::{Context, Result};
use std::fs;
use std::time::Instant;

/// What a process has used so far, and the most memory it has held since the count was reset.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    pub cpu_seconds: f64,
    pub peak_bytes: u64,
}

/// Starts to measure.
#[expect(clippy::disallowed_methods, reason = "measuring time is what a bench is for")]
#[must_use]
pub fn stopwatch() -> Instant {
    Instant::now()
}

/// Sets the peak of a process's memory back to what it holds now.
///
/// # Errors
/// When there is no such process.
pub fn reset_peak(pid: u32) -> Result<()> {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").with_context(|| format!("process {pid}"))
}

/// # Errors
/// When there is no such process.
pub fn usage(pid: u32) -> Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let kib: u64 = peak.trim().trim_end_matches("kB").trim().parse().unwrap_or_default();
    Ok(Usage { cpu_seconds: own_seconds(pid)?, peak_bytes: kib * 1_024 })
}

/// CPU seconds of a process, of its living children and of those it has waited for.
///
/// # Errors
/// When there is no such process.
pub fn family_seconds(pid: u32) -> Result<f64> {
    let mut ticks = fields(pid)?.iter().skip(11).take(4).sum::<u64>();
    for entry in fs::read_dir("/proc")? {
        let child = entry?.file_name().to_str().and_then(|name| name.parse().ok());
        // One that ends meanwhile is counted by its parent next time.
        if let Some(Ok(fields)) = child.map(fields)
            && fields.get(1) == Some(&u64::from(pid))
        {
            ticks += fields.iter().skip(11).take(2).sum::<u64>();
        }
    }
    Ok(ticks as f64 / ticks_per_second())
}

fn own_seconds(pid: u32) -> Result<f64> {
    Ok(fields(pid)?.iter().skip(11).take(2).sum::<u64>() as f64 / ticks_per_second())
}

/// Fields 3 and later of `/proc/pid/stat` (proc(5)); what is no number counts as 0.
fn fields(pid: u32) -> Result<Vec<u64>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, rest) = stat.rsplit_once(')').context("an unreadable /proc/pid/stat")?;
    Ok(rest.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect())
}

fn ticks_per_second() -> f64 {
    // SAFETY: sysconf reads a constant of the system.
    unsafe { libc::sysconf(libc::_SC_CLK_TCK) as f64 }
}
