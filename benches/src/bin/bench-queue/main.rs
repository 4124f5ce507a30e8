//! The queue against its peers in one run: ours over both transports, bare apalis-redis, BullMQ, graphile-worker and
//! pg-boss, all on the same PostgreSQL and the same Redis, each with one process of 64 slots and trivial jobs.
//!
//! Arguments: the node program, the folder where `scripts/clients queue` put the peers, and the script that runs them.
#![expect(clippy::print_stdout, reason = "a bench prints")]

mod bare;
mod contender;
mod ours;
mod servers;

use anyhow::{Context, Result, bail};
use contender::{Contender, Peers};
use servers::Servers;
use std::time::Duration;

/// Measures of each kind; the middle one counts.
const ROUNDS: usize = 3;
const TRICKLE_JOBS: usize = 1_000;
const TRICKLE_PER_SECOND: usize = 50;
/// Nobody waits longer than this for the second start of a job whose worker was killed.
const CRASH_PATIENCE: Duration = Duration::from_secs(75);

/// What was seen of one contender.
struct Row {
    contender: Contender,
    jobs_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// `None` when there was no second start in time.
    second_start: Option<Duration>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match words.as_slice() {
        ["contender", "ours", rest @ ..] => runtime.block_on(ours::play(rest)),
        ["contender", "bare", rest @ ..] => runtime.block_on(bare::play(rest)),
        [node, folder, script] => runtime.block_on(bench(&Peers::new(node, folder, script)?)),
        _ => bail!("usage: bench-queue NODE FOLDER SCRIPT"),
    }
}

async fn bench(peers: &Peers) -> Result<()> {
    let servers = Servers::start().await?;
    println!(
        "one process each, {} slots, trivial jobs, median of {ROUNDS}; the same servers for all",
        contender::SLOTS
    );
    let mut rows = Vec::new();
    for contender in Contender::ALL {
        match measure(&servers, peers, contender).await {
            Ok(row) => rows.push(row),
            Err(error) => println!("  left out, it could not be measured: {error:#}"),
        }
    }
    println!("· killing each one's worker in the middle of a job");
    // Nobody is busy while they wait, so they may wait together; but both of ours would take each other's job.
    let (direct, others): (Vec<_>, Vec<_>) = rows.iter_mut().partition(|row| row.contender == Contender::Direct);
    for together in [direct, others] {
        servers.sql("TRUNCATE job CASCADE").await?;
        let killed = together.iter().map(|row| row.contender.second_start(&servers, peers, CRASH_PATIENCE));
        let killed = futures::future::join_all(killed).await;
        for (row, killed) in together.into_iter().zip(killed) {
            row.second_start = killed.with_context(|| row.contender.name())?;
        }
    }
    print(&rows);
    Ok(())
}

async fn measure(servers: &Servers, peers: &Peers, contender: Contender) -> Result<Row> {
    println!("· {}", contender.name());
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        rates.push(contender.drain(servers, peers).await?);
    }
    println!("  jobs/s {:?}", rates.iter().map(|rate| rate.round()).collect::<Vec<_>>());
    let mut waits = Vec::new();
    for _ in 0..ROUNDS {
        waits.push(contender.trickle(servers, peers, (TRICKLE_JOBS, TRICKLE_PER_SECOND)).await?);
    }
    waits.sort_by(|a, b| a.p99_ms.total_cmp(&b.p99_ms));
    rates.sort_by(f64::total_cmp);
    let middle = waits.get(ROUNDS / 2).context("no measure")?;
    Ok(Row {
        contender,
        jobs_per_second: *rates.get(ROUNDS / 2).context("no measure")?,
        p50_ms: middle.p50_ms,
        p99_ms: middle.p99_ms,
        second_start: None,
    })
}

/// Ratios are against ours over the direct transport: more than 1 in jobs a second is quicker than ours.
fn print(rows: &[Row]) {
    let ours = rows.first().map_or(1.0, |row| row.jobs_per_second);
    println!(
        "\n{:<22} {:>9} {:>8} {:>10} {:>10} {:>16}",
        "queue", "jobs/s", "ratio", "p50 ms", "p99 ms", "2nd start s"
    );
    for row in rows {
        let second = row
            .second_start
            .map_or_else(|| format!("> {}", CRASH_PATIENCE.as_secs()), |took| format!("{:.1}", took.as_secs_f64()));
        println!(
            "{:<22} {:>9.0} {:>8.2} {:>10.1} {:>10.1} {:>16}",
            row.contender.name(),
            row.jobs_per_second,
            row.jobs_per_second / ours,
            row.p50_ms,
            row.p99_ms,
            second
        );
    }
    println!("\np50 and p99: owed to started, {TRICKLE_PER_SECOND} a second into an idle worker");
    println!("2nd start: after a kill -9 in the middle of a job, with each one's default settings");
}
