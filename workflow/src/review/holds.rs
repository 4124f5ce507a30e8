//! Submissions set aside: why, since when, and the next step. A hold stops no clock.

use crate::Result;
use crate::audit::Actor;
use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::{Tx, hold as rows, submission};
use crate::error::Error;
use crate::sealing::{self, Place};
use crate::staff::Staff;
use crate::transition::transition;
use chrono::{DateTime, Utc};
use domain::decision::INTERNAL_NOTE_CHARS_MAX;
use domain::ids::SubmissionId;
use domain::reasons::HoldReason;
use domain::submission::{Event, Refused, Status};

/// A hold that stands.
#[derive(Debug, Clone)]
pub struct Hold {
    pub id: SubmissionId,
    pub reference: String,
    pub reason: HoldReason,
    pub held_by: String,
    pub held_at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    pub note: Option<String>,
}

/// Sets the submission aside for a stated reason, with a note for whoever takes it on; its clock keeps running.
///
/// # Errors
/// [`Error::Refused`] with `LeaseLost` when it is no longer this checker's; [`Error::Invalid`] for a note that is too long.
pub async fn hold(
    ctx: &Ctx,
    by: &Staff,
    (id, fence): (SubmissionId, u64),
    (reason, note): (HoldReason, Option<&str>),
    now: DateTime<Utc>,
) -> Result<()> {
    let note = checked("hold_note", note)?;
    ctx.db()
        .tx("review.hold", async |tx: &mut Tx| {
            let mut row = submission::lock(tx, id).await?;
            let event = Event::Held { by: by.id, fence, reason };
            transition(tx, &mut row, event, Actor::Staff(by.id), now).await?;
            let key = sealing::key(ctx, &row)?;
            let hold = new_uuid(now);
            let place = Place { table: "hold", column: "note_sealed", row: hold };
            let note_sealed = note.map(|note| sealing::seal_text(&key, place, note));
            rows::insert(tx, rows::NewHold { id: hold, submission: id, reason, by: by.id, note_sealed }, now).await
        })
        .await
}

/// Takes a submission off hold, back into the queue. A safeguarding concern needs a senior and a named next step.
///
/// # Errors
/// [`Error::Refused`] when it is not on hold; [`Error::Forbidden`] for a role that does not check, or for a safeguarding
/// concern none but a senior; [`Error::Invalid`] without the next step that it needs.
pub async fn resume(
    ctx: &Ctx,
    by: &Staff,
    id: SubmissionId,
    next_step: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    if !by.role.may_check() {
        return Err(Error::Forbidden);
    }
    let next_step = checked("next_step", next_step)?;
    ctx.db()
        .tx("review.resume", async |tx: &mut Tx| {
            let mut row = submission::lock(tx, id).await?;
            let Status::OnHold { reason, .. } = &row.status else {
                return Err(Refused::NotNow { status: row.status.name(), event: "taken off hold" }.into());
            };
            if reason.needs_senior() && !by.role.may_arbitrate() {
                return Err(Error::Forbidden);
            }
            if reason.needs_senior() && next_step.is_none() {
                return Err(Error::invalid("next_step", "next_step_missing", "Name the next step that was agreed."));
            }
            transition(tx, &mut row, Event::Resumed { by: by.id }, Actor::Staff(by.id), now).await?;
            let Some(hold) = rows::standing_on(tx, id).await? else { return Ok(()) };
            let key = sealing::key(ctx, &row)?;
            let place = Place { table: "hold", column: "next_step_sealed", row: hold };
            let next_step_sealed = next_step.map(|text| sealing::seal_text(&key, place, text));
            rows::end(tx, hold, rows::Ended { by: by.id, next_step_sealed }, now).await
        })
        .await
}

/// Every hold that stands, the longest first. For seniors: notes may name people.
///
/// # Errors
/// [`Error::Forbidden`] for other roles.
pub async fn holds(ctx: &Ctx, by: &Staff) -> Result<Vec<Hold>> {
    if !by.role.may_arbitrate() {
        return Err(Error::Forbidden);
    }
    let mut conn = ctx.db().conn().await?;
    let mut listed = Vec::new();
    for standing in rows::standing(&mut conn).await? {
        let row = submission::find(&mut conn, standing.submission).await?;
        let place = Place { table: "hold", column: "note_sealed", row: standing.id };
        let open = |sealed: &[u8]| sealing::open_text(ctx, &row, place, sealed);
        listed.push(Hold {
            id: row.id,
            reference: row.id.reference(),
            reason: standing.reason,
            held_by: standing.held_by,
            held_at: standing.held_at,
            due_at: row.status.promise().map(|promise| promise.clock.due_at),
            note: standing.note_sealed.as_deref().map(open).transpose()?,
        });
    }
    Ok(listed)
}

fn checked<'a>(field: &str, text: Option<&'a str>) -> Result<Option<&'a str>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > INTERNAL_NOTE_CHARS_MAX) {
        let message = format!("Use {INTERNAL_NOTE_CHARS_MAX} characters or fewer.");
        return Err(Error::invalid(field, "too_long", message));
    }
    Ok(text)
}
