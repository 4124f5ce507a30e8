//! What time alone brings: breaches, lapsed leases, closed undo windows, expired submissions; and how the queue stands.

use crate::Result;
use crate::audit::Actor;
use crate::ctx::Ctx;
use crate::db::tally::{self, Tally};
use crate::db::{Tx, audit, decision, notice, submission};
use crate::queue::{self, QueueRow};
use crate::transition::transition;
use chrono::{DateTime, TimeDelta, Utc};
use domain::submission::timer;

/// Submissions moved in one transaction: small, so that locks are short.
const BATCH: i64 = 200;
/// Batches of one sweep; what is left waits for the next tick.
const BATCHES_MAX: usize = 50;
/// Timed events one submission can need at once: a lapsed lease and a breach.
const EVENTS_MAX: usize = 4;

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
    let hour_ago = now - TimeDelta::hours(1);
    let Tally { waiting, in_progress, checking, on_hold, at_risk, breached, oldest_received_at, .. } =
        tally::tally(&mut conn, now, ctx.config().sla.at_risk).await?;
    Ok(OpsBoard {
        waiting,
        in_progress,
        checking,
        on_hold,
        at_risk,
        breached,
        oldest_received_at,
        decisions_last_hour: decision::count_since(&mut conn, hour_ago).await?,
        arrivals_last_hour: audit::count_since(&mut conn, "evidence_complete", hour_ago).await?,
        notices_owed: notice::count(&mut conn, &["owed", "sending", "unknown"]).await?,
        notices_failed: notice::count(&mut conn, &["failed"]).await?,
        jobs: queue::queues(&mut conn, now).await?,
    })
}
