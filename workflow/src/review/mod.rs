//! A checker's work: claim the most urgent, answer, decide, undo. Each verb is one transaction under the lease's fence.

mod case;
mod decide;
mod home;
mod record;

pub(crate) use case::waits_for_answer;
pub use case::{Case, CaseMedia, Revealed, current};
pub use decide::{Decide, decide, undo};
pub use home::{Counts, Home, Recent, counts, home};
pub use record::{CaseRecord, TimelineEntry, record};

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::{Tx, decision, submission};
use crate::error::Error;
use crate::staff::Staff;
use crate::transition::transition;
use chrono::{DateTime, Utc};
use domain::ids::{ReadingId, SubmissionId};
use domain::reading::FaceRating;
use domain::reasons::HoldReason;
use domain::submission::{Event, Refused};
use serde_json::json;

/// Gives the checker the most urgent submission, or the one they already hold; `None` when nothing waits.
///
/// # Errors
/// [`Error::Forbidden`] for a role that does not check.
pub async fn claim(ctx: &Ctx, by: &Staff, now: DateTime<Utc>) -> Result<Option<SubmissionId>> {
    if !by.role.may_check() {
        return Err(Error::Forbidden);
    }
    let asked_at = ctx.now();
    let claimed = ctx
        .db()
        .tx("review.claim", async |tx: &mut Tx| {
            // Two clicks of one checker must not take two submissions.
            submission::lock_checker(tx, by.id).await?;
            if let Some(held) = submission::held_by(tx, by.id, now).await?.first() {
                return Ok(Some(held.id));
            }
            let Some(mut row) = submission::lock_next_waiting(tx, now).await? else { return Ok(None) };
            let event = Event::Claimed { by: by.id, lease_for: ctx.config().review.lease };
            transition(tx, &mut row, event, Actor::Staff(by.id), now).await?;
            Ok(Some(row.id))
        })
        .await;
    ctx.metrics().claimed(ctx.now() - asked_at);
    claimed
}

/// Keeps the lease; answers until when.
///
/// # Errors
/// [`Error::Refused`] with `LeaseLost` when it is no longer this checker's.
pub async fn heartbeat(
    ctx: &Ctx,
    by: &Staff,
    (id, fence): (SubmissionId, u64),
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>> {
    let lease_for = ctx.config().review.lease;
    let event = || Event::LeaseExtended { by: by.id, fence, lease_for };
    ctx.db()
        .tx("review.heartbeat", async |tx: &mut Tx| {
            let mut row = submission::lock(tx, id).await?;
            transition(tx, &mut row, event(), Actor::Staff(by.id), now).await?;
            row.status.lease().map(|lease| lease.until).ok_or(Error::Refused(Refused::LeaseLost))
        })
        .await
}

/// Returns the submission to the queue.
///
/// # Errors
/// As [`heartbeat`].
pub async fn release(ctx: &Ctx, by: &Staff, (id, fence): (SubmissionId, u64), now: DateTime<Utc>) -> Result<()> {
    act(ctx, by, id, &|| Event::Returned { by: by.id, fence }, now).await
}

/// Sets the submission aside for a stated reason; its clock keeps running.
///
/// # Errors
/// As [`heartbeat`].
pub async fn hold(
    ctx: &Ctx,
    by: &Staff,
    (id, fence): (SubmissionId, u64),
    reason: HoldReason,
    now: DateTime<Utc>,
) -> Result<()> {
    act(ctx, by, id, &|| Event::Held { by: by.id, fence, reason }, now).await
}

/// Takes a submission off hold, back into the queue.
///
/// # Errors
/// [`Error::Refused`] when it is not on hold; [`Error::Forbidden`] for a role that does not check.
pub async fn resume(ctx: &Ctx, by: &Staff, id: SubmissionId, now: DateTime<Utc>) -> Result<()> {
    if !by.role.may_check() {
        return Err(Error::Forbidden);
    }
    act(ctx, by, id, &|| Event::Resumed { by: by.id }, now).await
}

/// Stores the checker's answer to the face question; only after it are the machine's findings given out.
///
/// # Errors
/// As [`heartbeat`].
pub async fn rate(
    ctx: &Ctx,
    by: &Staff,
    (id, fence): (SubmissionId, u64),
    face: FaceRating,
    now: DateTime<Utc>,
) -> Result<()> {
    ctx.db()
        .tx("review.rate", async |tx: &mut Tx| {
            let row = submission::lock(tx, id).await?;
            let lease =
                row.status.lease().filter(|lease| lease.held_by == by.id && lease.fence == fence && lease.until > now);
            if lease.is_none() {
                return Err(Error::Refused(Refused::LeaseLost));
            }
            let after_findings = decision::rating(tx, id, by.id).await?.is_some();
            let reading = decision::NewReading {
                id: ReadingId::new(new_uuid(now)),
                submission: id,
                by: by.id,
                fence,
                face,
                after_findings,
            };
            decision::insert_reading(tx, &reading, now).await?;
            let detail = json!({ "reading": reading.id, "face": face, "after_findings": after_findings });
            let actor = Actor::Staff(by.id);
            audit::append(tx, AuditEvent { submission: Some(id), actor, action: "face_rated", detail }, now).await
        })
        .await
}

async fn act(
    ctx: &Ctx,
    by: &Staff,
    id: SubmissionId,
    event: &(dyn Fn() -> Event + Send + Sync),
    now: DateTime<Utc>,
) -> Result<()> {
    ctx.db()
        .tx("review.act", async |tx: &mut Tx| {
            let mut row = submission::lock(tx, id).await?;
            transition(tx, &mut row, event(), Actor::Staff(by.id), now).await
        })
        .await
}
