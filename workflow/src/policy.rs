//! The policy that holds: the settings at first, then the newest version. A change moves every open promise with it, or nothing.

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::ctx::Ctx;
use crate::db::policy::{self as rows, Moved, PolicyRow};
use crate::db::{Connection, Tx, audit as trail};
use crate::error::Error;
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::sla::SlaPolicy;
use domain::submission::{Event, Status, apply, timer};
use serde_json::json;
use uuid::Uuid;

/// Characters of a reason that is kept.
pub const REASON_CHARS_MAX: usize = 200;
/// Versions that are listed.
const HISTORY_MAX: i64 = 100;

/// One version of the policy and what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub policy: SlaPolicy,
    pub made_at: DateTime<Utc>,
    /// The name of who made it.
    pub made_by: String,
    pub reason: String,
    /// Waiting submissions whose due time it moved.
    pub moved: i64,
}

/// The policy that holds now.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn current(ctx: &Ctx) -> Result<SlaPolicy> {
    holding(ctx, &mut *ctx.db().conn().await?).await
}

/// The same on a connection at hand. Inside a transaction that has locked a submission, it cannot change before the commit.
pub(crate) async fn holding(ctx: &Ctx, conn: &mut Connection) -> Result<SlaPolicy> {
    match rows::newest(conn).await? {
        None => Ok(ctx.config().sla.clone()),
        Some((version, body)) => read(version, body),
    }
}

/// Every version that was made, the newest first.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn history(ctx: &Ctx) -> Result<Vec<Version>> {
    let mut conn = ctx.db().conn().await?;
    let versions = rows::history(&mut conn, HISTORY_MAX).await?;
    let version = |(row, made_by): (PolicyRow, String)| {
        let policy = read(row.version, row.body)?;
        Ok(Version { policy, made_at: row.made_at, made_by, reason: row.reason, moved: row.moved })
    };
    versions.into_iter().map(version).collect()
}

/// Makes `policy` the one that holds, and moves the due times and alarms of everything that waits in the same transaction.
/// Nobody is claimed or completed meanwhile. Answers the version as it was made.
///
/// # Errors
/// [`Error::Forbidden`] for a role that does not run operations; [`Error::Invalid`] without a reason, for another time
/// zone than the settings have, or for a policy that cannot be kept.
pub async fn change(ctx: &Ctx, by: &Staff, policy: SlaPolicy, reason: &str, now: DateTime<Utc>) -> Result<Version> {
    if !by.role.may_run_ops() {
        return Err(Error::Forbidden);
    }
    let reason: String = reason.trim().chars().take(REASON_CHARS_MAX).collect();
    if reason.is_empty() {
        return Err(Error::invalid("reason", "missing", "Say why the policy is changed."));
    }
    if policy.zone != ctx.config().sla.zone {
        return Err(Error::invalid("zone", "fixed", "The time zone is a setting of the deployment."));
    }
    let body = serde_json::to_value(&policy).map_err(Error::internal)?;
    // What is written is read back first: a version that cannot be read would stop every door.
    read(1, body.clone()).map_err(|error| Error::invalid("policy", "impossible", error.to_string()))?;
    ctx.db()
        .tx("policy.change", async |tx: &mut Tx| {
            rows::lock_all(tx).await?;
            let version = rows::newest(tx).await?.map_or(1, |(newest, _)| newest + 1);
            let policy = SlaPolicy { version, ..policy.clone() };
            let moved = move_promises(tx, (by, &policy), now).await?;
            let row = PolicyRow {
                version,
                body: body.clone(),
                made_at: now,
                made_by: by.id.uuid(),
                reason: reason.clone(),
                moved,
            };
            rows::insert(tx, &row).await?;
            let detail = json!({"version": version, "policy": body, "reason": reason, "moved": moved});
            let actor = Actor::Staff(by.id);
            audit::append(tx, AuditEvent { submission: None, actor, action: "policy_made", detail }, now).await?;
            Ok(Version { policy, made_at: now, made_by: by.name.clone(), reason: reason.clone(), moved })
        })
        .await
}

/// Applies the change to every undecided submission; answers how many due times moved.
async fn move_promises(tx: &mut Tx, (by, policy): (&Staff, &SlaPolicy), now: DateTime<Utc>) -> Result<i64> {
    let mut moved = Moved::default();
    let mut details = Vec::new();
    let mut due_times = 0;
    for row in rows::undecided(tx).await? {
        let before: Status = serde_json::from_value(row.state).map_err(Error::internal)?;
        let (after, _) = apply(&before, Event::PolicyChanged { policy: policy.clone() }, now)?;
        let (Some(was), Some(is)) = (before.promise(), after.promise()) else { continue };
        due_times += i64::from(was.clock.due_at != is.clock.due_at);
        details.push(json!({"version": policy.version, "was_due_at": was.clock.due_at, "due_at": is.clock.due_at}));
        moved.ids.push(row.id);
        moved.states.push(serde_json::to_value(&after).map_err(Error::internal)?);
        moved.due_at.push(is.clock.due_at);
        moved.timer_at.push(timer(&after).map(|(at, _)| at));
        moved.alert_at.push(is.next_alert().map(|(at, _)| at));
        moved.alert_level.push(is.alerted.code());
    }
    rows::save_all(tx, &moved).await?;
    tell_each(tx, by, (&moved.ids, &details), now).await?;
    Ok(due_times)
}

async fn tell_each(tx: &mut Tx, by: &Staff, events: (&[Uuid], &[serde_json::Value]), now: DateTime<Utc>) -> Result<()> {
    let actor = Actor::Staff(by.id).to_string();
    let nothing = serde_json::Value::Null;
    let event =
        trail::NewEvent { chain: Uuid::nil(), at: now, actor: &actor, action: "policy_changed", detail: &nothing };
    trail::append_to_each(tx, &event, events).await
}

fn read(version: i32, body: serde_json::Value) -> Result<SlaPolicy> {
    let policy: SlaPolicy = serde_json::from_value(body).map_err(Error::internal)?;
    Ok(SlaPolicy { version, ..policy })
}
