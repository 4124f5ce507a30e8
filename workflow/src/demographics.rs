//! The demographic record of a submission, asked for while machines look at the media: no checker waits for it.

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::ctx::Ctx;
use crate::db::submission::{self, Submission};
use crate::db::{Connection, Tx, record_trace};
use crate::error::Error;
use crate::queue::{self, HeldJob, Job};
use crate::sealing::{self, Place};
use chrono::{DateTime, Utc};
use domain::demographics::{Record, Trace, TraceResult};
use domain::identity::ClaimedIdentity;
use domain::ids::SubmissionId;
use serde_json::json;

/// How the question for a submission's record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// No record service was set when the evidence was complete.
    NotAsked,
    Waiting,
    /// Every try failed.
    NotAnswered,
    Answered(Trace),
}

/// Owes the question, where a record service is set.
pub(crate) async fn owe(ctx: &Ctx, tx: &mut Tx, id: SubmissionId, now: DateTime<Utc>) -> Result<()> {
    if ctx.config().demographics.is_none() {
        return Ok(());
    }
    record_trace::insert(tx, id, now).await?;
    queue::enqueue(tx, &Job::TraceRecord { submission: id }, now, now).await?;
    Ok(())
}

/// The claim to ask with; `None` when the answer is there. What is decided or withdrawn by now goes without one.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn begin(ctx: &Ctx, id: SubmissionId, now: DateTime<Utc>) -> Result<Option<ClaimedIdentity>> {
    let mut conn = ctx.db().conn().await?;
    let row = submission::find(&mut conn, id).await?;
    let Some(asked) = record_trace::find(&mut conn, id).await? else { return Ok(None) };
    match (asked.result, row.status.is_undecided()) {
        (None | Some(TraceResult::NotAnswered), true) => sealing::claimed(ctx, &row).map(Some),
        (None, false) => {
            ctx.db().tx("demographics.over", async |tx: &mut Tx| give_up(tx, id, now).await).await?;
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// Stores the answer, its audit event and the job's end in one transaction.
///
/// # Errors
/// [`Error::JobLeaseLost`] when another worker has taken the job over; nothing was written.
pub async fn record(ctx: &Ctx, held: &HeldJob, id: SubmissionId, trace: &Trace, now: DateTime<Utc>) -> Result<()> {
    let row = submission::find(&mut *ctx.db().conn().await?, id).await?;
    let sealed = match trace {
        Trace::Found(record) => {
            let text = serde_json::to_string(record).map_err(Error::internal)?;
            Some(sealing::seal_text(&sealing::key(ctx, &row)?, place(id), &text))
        }
        Trace::NoRecord | Trace::SeveralRecords => None,
    };
    ctx.db()
        .tx("demographics.record", async |tx: &mut Tx| {
            queue::finish(tx, held, now).await?;
            answered(tx, id, trace.result(), sealed.as_deref(), now).await
        })
        .await
}

/// Nobody answered: the checker is told so. Called when the job is dead, or the answer comes too late.
pub(crate) async fn give_up(tx: &mut Tx, id: SubmissionId, now: DateTime<Utc>) -> Result<()> {
    answered(tx, id, TraceResult::NotAnswered, None, now).await
}

/// What is known of a submission's record.
pub(crate) async fn standing(ctx: &Ctx, conn: &mut Connection, of: &Submission) -> Result<Standing> {
    let Some(row) = record_trace::find(conn, of.id).await? else { return Ok(Standing::NotAsked) };
    Ok(match row.result {
        None => Standing::Waiting,
        Some(TraceResult::NotAnswered) => Standing::NotAnswered,
        Some(TraceResult::NoRecord) => Standing::Answered(Trace::NoRecord),
        Some(TraceResult::SeveralRecords) => Standing::Answered(Trace::SeveralRecords),
        Some(TraceResult::Found) => {
            let sealed = row.record_sealed.ok_or_else(|| Error::internal("a record that was found is not there"))?;
            let text = sealing::open_text(ctx, of, place(of.id), &sealed)?;
            let record: Record = serde_json::from_str(&text).map_err(Error::internal)?;
            Standing::Answered(Trace::Found(record))
        }
    })
}

async fn answered(
    tx: &mut Tx,
    id: SubmissionId,
    result: TraceResult,
    sealed: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<()> {
    if !record_trace::save(tx, id, result, sealed, now).await? {
        return Ok(());
    }
    let event = AuditEvent {
        submission: Some(id),
        actor: Actor::System,
        action: "record_traced",
        detail: json!({ "result": result }),
    };
    audit::append(tx, event, now).await
}

fn place(id: SubmissionId) -> Place {
    Place { table: "record_trace", column: "record_sealed", row: id.uuid() }
}
