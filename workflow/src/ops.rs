//! How everything stands, for those who run it: the queue for people, its forecast, the machines' queues, the processes.

use crate::Result;
use crate::alert::AlertKind;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::wait_message::MessageRow;
use crate::db::{Connection, Tx, beat, outlook, wait_message};
use crate::due::{self, OpsBoard};
use crate::error::Error;
use crate::health::{self, Readiness};
use crate::presence::{self, Sign};
use crate::queue::{self, WorkerProcess};
use crate::staff::Staff;
use crate::{policy, watch};
use chrono::{DateTime, TimeDelta, Utc};
use domain::sla::{Forecast, QueueSeen, SlaPolicy, forecast};
use serde_json::json;

pub use crate::db::outlook::HourRow;

/// What a check is taken to last while fewer were decided than can be averaged.
const SECONDS_PER_CHECK: f64 = 180.0;
/// Processes that are listed.
const PROCESSES_MAX: i64 = 200;
/// Characters of a message to patients.
pub const MESSAGE_CHARS_MAX: usize = 300;
/// The longest a message to patients is told without being written anew.
pub const MESSAGE_HOURS_MAX: i64 = 48;

/// The forecast with what it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    pub forecast: Forecast,
    pub arrivals_per_hour: f64,
    /// At the pace of the last half hour.
    pub decisions_per_hour: f64,
    pub seconds_per_check: f64,
    pub checkers_online: i64,
    pub checkers_reviewing: i64,
    /// Holds that end within a minute unless their checker shows a sign of life.
    pub leases_ending: i64,
}

/// One process, or what was one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub kind: String,
    pub name: String,
    /// What it does, in words.
    pub detail: String,
    pub beat_at: DateTime<Utc>,
    pub is_lost: bool,
}

/// Everything the ops page shows.
#[derive(Debug, Clone)]
pub struct Overview {
    pub board: OpsBoard,
    pub outlook: Outlook,
    pub hours: Vec<HourRow>,
    pub processes: Vec<Process>,
    pub dependencies: Vec<Readiness>,
    /// What is silent just now.
    pub silences: Vec<AlertKind>,
    pub message: Option<WaitMessage>,
    pub policy: SlaPolicy,
}

/// What waiting patients are told, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitMessage {
    pub body: String,
    pub until: DateTime<Utc>,
}

/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked; other dependencies are told of in it.
pub async fn overview(ctx: &Ctx, now: DateTime<Utc>) -> Result<Overview> {
    let (board, outlook, mut dependencies) =
        futures::join!(due::board(ctx, now), outlook(ctx, now), health::ready(ctx));
    dependencies.extend(health::records(ctx, now).await);
    let mut conn = ctx.db().conn().await?;
    let workers = queue::workers(&mut conn).await?.into_iter().map(|worker| worker_of(worker, now));
    let doors = beat::all(&mut conn, PROCESSES_MAX).await?.into_iter().filter(|sign| sign.kind != presence::SWEEP);
    let processes = workers.chain(doors.map(|sign| door_of(sign, now))).collect();
    Ok(Overview {
        board: board?,
        outlook: outlook?,
        hours: outlook::by_hour(&mut conn, now).await?,
        processes,
        dependencies,
        silences: watch::standing(ctx, &mut conn, now).await?,
        message: told(&mut conn, now).await?,
        policy: policy::holding(ctx, &mut conn).await?,
    })
}

fn worker_of(worker: WorkerProcess, now: DateTime<Utc>) -> Process {
    let detail = format!("{} over {}, running {}", worker.pools.join(", "), worker.transport, worker.running);
    let is_lost = now - worker.beat_at > presence::LOST_AFTER;
    Process { kind: "worker".to_owned(), name: worker.name, detail, beat_at: worker.beat_at, is_lost }
}

fn door_of(sign: Sign, now: DateTime<Utc>) -> Process {
    let is_lost = now - sign.at > presence::LOST_AFTER;
    Process { kind: sign.kind, name: sign.name, detail: sign.detail, beat_at: sign.at, is_lost }
}

/// What becomes of the queue, and at what pace.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn outlook(ctx: &Ctx, now: DateTime<Utc>) -> Result<Outlook> {
    let mut conn = ctx.db().conn().await?;
    let policy = policy::holding(ctx, &mut conn).await?;
    let pace = outlook::pace(&mut conn, now).await?;
    let seen = QueueSeen {
        due: outlook::due_groups(&mut conn).await?,
        arrivals_per_hour: pace.arrivals_last_hour as f64,
        decisions_per_hour: pace.decisions_last_half_hour as f64 * 2.0,
        seconds_per_check: pace.seconds_per_check.filter(|seconds| *seconds >= 1.0).unwrap_or(SECONDS_PER_CHECK),
    };
    Ok(Outlook {
        forecast: forecast(&policy, &seen, now),
        arrivals_per_hour: seen.arrivals_per_hour,
        decisions_per_hour: seen.decisions_per_hour,
        seconds_per_check: seen.seconds_per_check,
        checkers_online: pace.checkers_online,
        checkers_reviewing: pace.checkers_reviewing,
        leases_ending: pace.leases_ending,
    })
}

/// What waiting patients are told just now.
pub(crate) async fn told(conn: &mut Connection, now: DateTime<Utc>) -> Result<Option<WaitMessage>> {
    let row = wait_message::told(conn, now).await?;
    Ok(row.map(|row| WaitMessage { body: row.body, until: row.until }))
}

/// Tells every waiting patient this, for `hours`, in place of what was told before.
///
/// # Errors
/// [`Error::Forbidden`] for a role that does not run operations; [`Error::Invalid`] for nothing, too much or too long.
pub async fn tell_patients(ctx: &Ctx, by: &Staff, body: &str, hours: i64, now: DateTime<Utc>) -> Result<()> {
    let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if body.is_empty() || body.chars().count() > MESSAGE_CHARS_MAX {
        let message = format!("Write one to {MESSAGE_CHARS_MAX} characters.");
        return Err(Error::invalid("message", "length", message));
    }
    if !(1..=MESSAGE_HOURS_MAX).contains(&hours) {
        return Err(Error::invalid("hours", "range", format!("Choose 1 to {MESSAGE_HOURS_MAX} hours.")));
    }
    let until = now + TimeDelta::hours(hours);
    let detail = json!({"message": body, "until": until});
    let row = || MessageRow { id: new_uuid(now), body: body.clone(), made_at: now, made_by: by.id.uuid(), until };
    ctx.db()
        .tx("ops.tell_patients", async |tx: &mut Tx| {
            permitted(by)?;
            wait_message::end(tx, now).await?;
            wait_message::insert(tx, &row()).await?;
            append(tx, by, ("wait_message_told", detail.clone()), now).await
        })
        .await
}

/// Takes the message back; nothing happens when there is none.
///
/// # Errors
/// [`Error::Forbidden`] for a role that does not run operations.
pub async fn end_message(ctx: &Ctx, by: &Staff, now: DateTime<Utc>) -> Result<()> {
    ctx.db()
        .tx("ops.end_message", async |tx: &mut Tx| {
            permitted(by)?;
            if wait_message::end(tx, now).await? == 0 {
                return Ok(());
            }
            append(tx, by, ("wait_message_ended", json!({})), now).await
        })
        .await
}

fn permitted(by: &Staff) -> Result<()> {
    if by.role.may_run_ops() { Ok(()) } else { Err(Error::Forbidden) }
}

async fn append(
    tx: &mut Tx,
    by: &Staff,
    (action, detail): (&'static str, serde_json::Value),
    now: DateTime<Utc>,
) -> Result<()> {
    audit::append(tx, AuditEvent { submission: None, actor: Actor::Staff(by.id), action, detail }, now).await
}
