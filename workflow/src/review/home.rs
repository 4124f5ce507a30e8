//! The checker's home: the team's queue in numbers, and what they themselves last came to.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::{conclusion, submission, tally};
use crate::error::Error;
use crate::policy;
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::decision::OutcomeKind;
use domain::fusion::Next;
use domain::ids::SubmissionId;
use domain::submission::Status;

/// Decisions listed on the home page.
const RECENT_MAX: i64 = 10;

/// The live queue in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub waiting: i64,
    pub in_progress: i64,
    pub on_hold: i64,
    pub at_risk: i64,
    pub breached: i64,
    /// Of those waiting, the ones for a second reader and for a senior.
    pub second: i64,
    pub arbitration: i64,
}

#[derive(Debug, Clone)]
pub struct Home {
    pub counts: Counts,
    /// Reference of the submission this checker holds.
    pub current: Option<String>,
    pub decided_today: i64,
    pub recent: Vec<Recent>,
}

/// One of the checker's own decisions.
#[derive(Debug, Clone)]
pub struct Recent {
    pub id: SubmissionId,
    pub reference: String,
    pub outcome: OutcomeKind,
    /// Where the rule sent the submission with it.
    pub leads_to: Next,
    pub decided_at: DateTime<Utc>,
    pub undone: bool,
    /// While it can still be undone.
    pub undo_until: Option<DateTime<Utc>>,
}

/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn home(ctx: &Ctx, by: &Staff, now: DateTime<Utc>) -> Result<Home> {
    let counts = counts(ctx, now).await?;
    let mut conn = ctx.db().conn().await?;
    let held = submission::held_by(&mut conn, by.id, now).await?;
    let day_start = day_start(ctx, now);
    let past = conclusion::by_staff(&mut conn, by.id, RECENT_MAX).await?;
    Ok(Home {
        counts,
        current: held.first().map(|row| row.id.reference()),
        decided_today: conclusion::count_by_staff(&mut conn, by.id, day_start).await?,
        recent: past.into_iter().map(|past| recent(past, now)).collect::<Result<_>>()?,
    })
}

/// The live queue in numbers.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn counts(ctx: &Ctx, now: DateTime<Utc>) -> Result<Counts> {
    let mut conn = ctx.db().conn().await?;
    let policy = policy::holding(ctx, &mut conn).await?;
    let tally = tally::tally(&mut conn, now, policy.at_risk).await?;
    Ok(Counts {
        waiting: tally.waiting,
        in_progress: tally.in_progress,
        on_hold: tally.on_hold,
        at_risk: tally.at_risk,
        breached: tally.breached,
        second: tally.second,
        arbitration: tally.arbitration,
    })
}

fn recent(past: conclusion::Past, now: DateTime<Utc>) -> Result<Recent> {
    let status: Status = serde_json::from_value(past.state).map_err(Error::internal)?;
    let fence = u64::try_from(past.fence).map_err(Error::internal)?;
    let can_be_undone = match &status {
        Status::Decided { fence: decided, .. } => *decided == fence,
        // Handed on, and nobody has it yet.
        Status::AwaitingReview { lease, readings, .. } => {
            let is_last = readings.done.last().is_some_and(|read| read.fence == fence);
            is_last && lease.is_none_or(|lease| lease.until <= now)
        }
        _ => false,
    };
    let open = past.undone_at.is_none() && past.undo_until > now && can_be_undone;
    Ok(Recent {
        id: past.submission,
        reference: past.reference,
        outcome: past.outcome.kind(),
        leads_to: past.leads_to,
        decided_at: past.concluded_at,
        undone: past.undone_at.is_some(),
        undo_until: open.then_some(past.undo_until),
    })
}

/// Midnight before `now`, where the service is staffed.
fn day_start(ctx: &Ctx, now: DateTime<Utc>) -> DateTime<Utc> {
    let zone = ctx.config().sla.zone;
    let midnight = now.with_timezone(&zone).date_naive().and_time(chrono::NaiveTime::MIN);
    midnight.and_local_timezone(zone).earliest().map_or(now, |local| local.to_utc())
}
