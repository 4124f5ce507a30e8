//! What keeps the ledger whole, in tasks of its own: heartbeats for the bodies that run, lost job leases taken back, ticks, old rows.
//!
//! Any number of processes may do this at once. None of it shares a task with jobs, which may keep their thread busy (F11).

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

use super::dead::{Cause, Deceased, on_dead};
use super::job::Job;
use super::ledger::enqueue;
use super::run::{Runner, host};
use crate::Ctx;
use crate::db::job::{self as rows, Fenced};
use crate::db::job_upkeep::{self, Keep};
use crate::db::worker_process::{self, Beat};
use crate::db::{Tx, job_error, job_tick};
use crate::error::Error;

/// Lost job leases after which a job is dead, whatever its schedule (F8).
pub(super) const CRASHES_MAX: i32 = 3;
const REAP_BATCH: i64 = 500;
const PRUNE_BATCH: i64 = 5_000;
const PRUNE_BATCHES_MAX: u32 = 40;
const PRUNE_EVERY: TimeDelta = TimeDelta::minutes(10);
const KEEP_FINISHED: TimeDelta = TimeDelta::days(7);
const KEEP_PERIODIC: TimeDelta = TimeDelta::hours(1);
/// How much later than its time a heartbeat may come.
const BEAT_MARGIN: Duration = Duration::from_secs(1);
const KEEP_TICKS: TimeDelta = TimeDelta::days(2);
const PERIODIC_KINDS: [&str; 2] = ["sweep", "purge_objects"];

/// The jobs time owes, and how often.
fn periodic() -> [(Job, TimeDelta); 2] {
    [(Job::Sweep, TimeDelta::seconds(5)), (Job::PurgeObjects, TimeDelta::minutes(10))]
}

/// Extends the job leases of the bodies that run here, interrupts those whose claim has gone, and tells of this process.
///
/// The ids are listed: extending all rows of this process would keep claims alive that nobody works on.
pub(super) async fn heartbeat(runner: &Arc<Runner>) -> Result<(), Error> {
    let running = runner.held.running();
    extend(runner, &running).await?;
    let beat = Beat {
        name: &runner.lease_by,
        host: &host(),
        pid: std::process::id(),
        pools: &runner.pools,
        transport: runner.transport,
        running: running.len(),
        clock_skew: runner.health.clock().skew(runner.ctx.now()),
    };
    let mut conn = runner.ctx.db().conn().await?;
    worker_process::beat(&mut conn, &beat).await?;
    runner.health.beaten(runner.ctx.now());
    Ok(())
}

/// The process ends in good order, so nobody needs to wonder where it is.
pub(super) async fn say_goodbye(runner: &Runner) {
    let gone = async {
        let mut conn = runner.ctx.db().conn().await?;
        worker_process::end(&mut conn, &runner.lease_by).await
    };
    if let Err(error) = gone.await {
        tracing::debug!(%error, "the end of this process was not written down");
    }
}

async fn extend(runner: &Runner, running: &[Fenced]) -> Result<(), Error> {
    if running.is_empty() {
        return Ok(());
    }
    let mut conn = runner.ctx.db().conn().await?;
    let ours = rows::heartbeat(&mut conn, running, &runner.lease()).await?;
    runner.held.interrupt_all_but(running, &ours);
    Ok(())
}

/// Whether the database was away in the last round, and since when it has been back.
#[derive(Default)]
pub(super) struct Outage {
    is_on: bool,
    over_at: Option<Instant>,
}

impl Outage {
    /// While the database was away nobody could beat, so every running job of the fleet looks lost. Its process gets
    /// the time of one heartbeat to say that it is not, or an outage longer than a job lease would restart them all.
    fn holds_back(&mut self, heartbeat: Duration) -> bool {
        if std::mem::take(&mut self.is_on) {
            self.over_at = Some(Instant::now());
        }
        self.over_at.is_some_and(|over_at| over_at.elapsed() < heartbeat + BEAT_MARGIN)
    }
}

/// One round of the reaper: first the clock, because a wrong one would take every job of the fleet back.
pub(super) async fn reap_round(runner: &Runner, outage: &mut Outage) -> Result<(), Error> {
    let outcome = async {
        let agreed = runner.clock_agrees();
        runner.health.clock().compare(&runner.ctx).await?;
        if !agreed {
            // Pools that may claim only now need not wait for their next look.
            runner.wake.poke_all();
        }
        if !runner.clock_agrees() {
            let skew_ms = runner.health.clock().skew(runner.ctx.now()).map(|skew| skew.num_milliseconds());
            tracing::error!(skew_ms, "this clock and the database's do not agree: nothing is claimed");
            return Ok(());
        }
        if outage.holds_back(runner.pacing.heartbeat) {
            return Ok(());
        }
        reap(&runner.ctx, runner.ledger_now()).await
    }
    .await;
    outage.is_on |= outcome.is_err();
    outcome
}

pub(super) async fn tick_round(runner: &Runner) -> Result<(), Error> {
    if !runner.clock_agrees() {
        return Ok(());
    }
    tick(&runner.ctx, runner.ledger_now()).await
}

/// Takes back jobs whose lease ran out: ready again, or dead with its consequences. Each death is a transaction of
/// its own, so that one that cannot be written holds up no other.
pub(super) async fn reap(ctx: &Ctx, now: DateTime<Utc>) -> Result<(), Error> {
    let back = ctx
        .db()
        .tx("queue.reap", async |tx: &mut Tx| {
            let mut queues = job_upkeep::reap(tx, CRASHES_MAX, REAP_BATCH, now).await?;
            let count = queues.len();
            queues.sort_unstable();
            queues.dedup();
            for queue in &queues {
                rows::notify(tx, queue).await?;
            }
            Ok(count)
        })
        .await?;
    if back > 0 {
        tracing::warn!(jobs = back, "job leases ran out; the jobs are ready again");
    }
    let mut conn = ctx.db().conn().await?;
    let lost = job_upkeep::crashed_out(&mut conn, CRASHES_MAX, REAP_BATCH, now).await?;
    drop(conn);
    for id in lost {
        if let Err(error) = ctx.db().tx("queue.bury", async |tx: &mut Tx| bury(tx, id, now).await).await {
            tracing::error!(job = %id, %error, "a crashed job cannot be given up");
        }
    }
    Ok(())
}

async fn bury(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(row) = job_upkeep::bury(tx, id, now).await? else {
        return Ok(());
    };
    let claim = Fenced { id: row.id, fence: row.fence };
    job_error::insert(tx, claim, Cause::Crash.code(), job_upkeep::LEASE_RAN_OUT, now).await?;
    on_dead(tx, &Deceased::of(&row), Cause::Crash, now).await
}

/// Owes the periodic jobs of the newest tick. After a gap the missed ticks are not made up: jobs act on the state they read.
pub(super) async fn tick(ctx: &Ctx, now: DateTime<Utc>) -> Result<(), Error> {
    for (job, every) in periodic() {
        let tick = start_of_tick(now, every)?;
        ctx.db()
            .tx("queue.tick", async |tx: &mut Tx| {
                if job_tick::win(tx, job.kind(), tick).await? {
                    enqueue(tx, &job, now, now).await?;
                }
                Ok(())
            })
            .await?;
    }
    let tick = start_of_tick(now, PRUNE_EVERY)?;
    if ctx.db().tx("queue.prune_tick", async |tx: &mut Tx| job_tick::win(tx, "prune", tick).await).await? {
        prune(ctx, now).await?;
    }
    Ok(())
}

fn start_of_tick(now: DateTime<Utc>, every: TimeDelta) -> Result<DateTime<Utc>, Error> {
    now.duration_trunc(every).map_err(Error::internal)
}

/// In batches of their own, so that no statement holds many rows for long. What is left the next round takes.
async fn prune(ctx: &Ctx, now: DateTime<Utc>) -> Result<(), Error> {
    let keep = Keep {
        finished_since: now - KEEP_FINISHED,
        periodic_kinds: &PERIODIC_KINDS,
        periodic_since: now - KEEP_PERIODIC,
        limit: PRUNE_BATCH,
    };
    let mut conn = ctx.db().conn().await?;
    for _ in 0..PRUNE_BATCHES_MAX {
        if (job_upkeep::prune(&mut conn, &keep).await? as i64) < PRUNE_BATCH {
            break;
        }
    }
    job_tick::prune(&mut conn, now - KEEP_TICKS).await?;
    worker_process::prune(&mut conn).await?;
    Ok(())
}
