//! Deciding, and taking it back inside the undo window.

use crate::Result;
use crate::audit::Actor;
use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::{Tx, decision, submission};
use crate::sealing;
use crate::staff::Staff;
use crate::transition::transition;
use chrono::{DateTime, Utc};
use domain::decision::{Outcome, check_notes};
use domain::ids::{DecisionId, SubmissionId};
use domain::reading::permits;
use domain::submission::{Event, Refused, Status};

/// A checker's decision with its two separate texts.
#[derive(Debug, Clone)]
pub struct Decide {
    pub id: SubmissionId,
    pub fence: u64,
    pub outcome: Outcome,
    /// Read by the patient.
    pub patient_note: Option<String>,
    /// Read by staff only.
    pub internal_note: Option<String>,
}

/// Decides: status, decision, audit event and owed notice are one transaction. Answers until when it can be undone.
///
/// Deciding the same again answers the same; deciding otherwise is refused (invariant I5).
///
/// # Errors
/// [`crate::Error::Refused`] when the lease is lost or the decision incomplete; [`crate::Error::Reading`] when the
/// checker's own answer contradicts it.
pub async fn decide(ctx: &Ctx, by: &Staff, decide: Decide, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    check_notes(decide.patient_note.as_deref(), decide.internal_note.as_deref())?;
    ctx.db()
        .tx("review.decide", async |tx: &mut Tx| {
            let mut row = submission::lock(tx, decide.id).await?;
            if let Status::Decided { decided_by, fence, outcome, undo_until, .. } = &row.status
                && (*decided_by, *fence, outcome) == (by.id, decide.fence, &decide.outcome)
            {
                return Ok(*undo_until);
            }
            permits(decision::rating(tx, decide.id, by.id).await?, &decide.outcome)?;
            let key = sealing::key(ctx, &row)?;
            let id = DecisionId::new(new_uuid(now));
            let note = |column, text: &Option<String>| {
                let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
                text.map(|text| sealing::seal_note(&key, column, id.uuid(), text))
            };
            let new = decision::NewDecision {
                id,
                submission: decide.id,
                by: by.id,
                outcome: &decide.outcome,
                patient_note_sealed: note("patient_note_sealed", &decide.patient_note),
                internal_note_sealed: note("internal_note_sealed", &decide.internal_note),
            };
            let undo_for = ctx.config().review.undo;
            let (outcome, fence) = (decide.outcome.clone(), decide.fence);
            let event = Event::Decided { by: by.id, fence, outcome, undo_for };
            // The decision's row first: the notice that the transition owes points to it. A refusal rolls it back.
            insert_if_undecided(tx, &row.status, new, now).await?;
            transition(tx, &mut row, event, Actor::Staff(by.id), now).await?;
            Ok(now + undo_for)
        })
        .await
}

async fn insert_if_undecided(
    tx: &mut Tx,
    status: &Status,
    new: decision::NewDecision<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    if status.is_undecided() {
        return decision::insert(tx, new, now).await;
    }
    Err(Refused::NotNow { status: status.name(), event: "decided" }.into())
}

/// Undoes the checker's own decision while its notice is held back: the submission is theirs again, with its due time.
///
/// # Errors
/// [`crate::Error::Refused`] when it is somebody else's or the window has closed.
pub async fn undo(ctx: &Ctx, by: &Staff, id: SubmissionId, now: DateTime<Utc>) -> Result<()> {
    ctx.db()
        .tx("review.undo", async |tx: &mut Tx| {
            let mut row = submission::lock(tx, id).await?;
            let event = Event::Undone { by: by.id, lease_for: ctx.config().review.lease };
            transition(tx, &mut row, event, Actor::Staff(by.id), now).await?;
            decision::undo(tx, id, now).await
        })
        .await
}
