//! What time alone brings: breaches, lapsed leases, closed undo windows, expired submissions; and how the queue stands.

use crate::Result;
use crate::audit::Actor;
use crate::ctx::Ctx;
use crate::db::tally::{self, Tally};
use crate::db::{Tx, beat, notice, outlook, submission};
use crate::policy;
use crate::presence::{self, Sign};
use crate::queue::{self, QueueRow};
use crate::transition::transition;
use chrono::{DateTime, Utc};
use domain::submission::timer;

/// Submissions moved in one transaction: small, so that locks are short.
const BATCH: i64 = 200;
/// Batches of one sweep; what is left waits for the next tick.
const BATCHES_MAX: usize = 50;
/// Timed events one submission can need at once: a lapsed lease, three levels of alarm and a breach, and one to spare.
const EVENTS_MAX: usize = 6;

/// The queue in numbers, for ops.
#[derive(Debug, Clone)]
pub struct OpsBoard {
    pub waiting: i64,
    pub in_progress: i64,
    pub checking: i64,
    pub on_hold: i64,
    pub at_risk: i64,
    pub breached: i64,
    pub oldest_received_at: Option<DateTime<Utc>>,
    /// The most urgent of what nobody has decided.
    pub next_due_at: Option<DateTime<Utc>>,
    pub decisions_last_hour: i64,
    pub arrivals_last_hour: i64,
    pub notices_owed: i64,
    pub notices_failed: i64,
    pub jobs: Vec<QueueRow>,
}

/// Applies every event that is due by `now`; answers how many submissions it moved.
///
/// Any number of sweeps may run at once: each takes rows the others do not have, and a second look finds nothing due.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn sweep(ctx: &Ctx, now: DateTime<Utc>) -> Result<usize> {
    let mut moved = 0;
    for _ in 0..BATCHES_MAX {
        let batch = ctx.db().tx("due.sweep", async |tx: &mut Tx| sweep_batch(tx, now).await).await?;
        moved += batch;
        if batch < BATCH as usize {
            break;
        }
    }
    let name = presence::SWEEP.to_owned();
    let sign = Sign { kind: name.clone(), name, detail: String::new(), since: now, at: now };
    beat::write(&mut *ctx.db().conn().await?, &sign).await?;
    Ok(moved)
}

async fn sweep_batch(tx: &mut Tx, now: DateTime<Utc>) -> Result<usize> {
    let mut rows = submission::lock_timed(tx, now, BATCH).await?;
    for row in &mut rows {
        for _ in 0..EVENTS_MAX {
            let Some((_, event)) = timer(&row.status).filter(|(at, _)| *at <= now) else { break };
            transition(tx, row, event, Actor::System, now).await?;
        }
    }
    Ok(rows.len())
}

/// How the queue stands at `now`.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn board(ctx: &Ctx, now: DateTime<Utc>) -> Result<OpsBoard> {
    let mut conn = ctx.db().conn().await?;
    let policy = policy::holding(ctx, &mut conn).await?;
    let Tally { waiting, in_progress, checking, on_hold, at_risk, breached, oldest_received_at, next_due_at, .. } =
        tally::tally(&mut conn, now, policy.at_risk).await?;
    let pace = outlook::pace(&mut conn, now).await?;
    Ok(OpsBoard {
        waiting,
        in_progress,
        checking,
        on_hold,
        at_risk,
        breached,
        oldest_received_at,
        next_due_at,
        decisions_last_hour: pace.decisions_last_hour,
        arrivals_last_hour: pace.arrivals_last_hour,
        notices_owed: notice::count(&mut conn, &["owed", "sending", "unknown"]).await?,
        notices_failed: notice::count(&mut conn, &["failed"]).await?,
        jobs: queue::queues(&mut conn, now).await?,
    })
}
