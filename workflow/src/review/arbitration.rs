//! The readings before an arbitration. A senior judges first; then both are shown, if asked for, and the asking is recorded.

use super::answers::{stage, step_of};
use super::decide::open_note;
use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::ctx::Ctx;
use crate::db::audit as trail;
use crate::db::submission::Submission;
use crate::db::{Connection, Tx, conclusion, submission};
use crate::error::Error;
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::decision::Outcome;
use domain::ids::SubmissionId;
use domain::reading::{ReadingRefused, Step};
use domain::submission::{Refused, Stage};
use serde_json::json;

/// What an arbitrator asked for, as the trail names it.
const ASKED: &str = "earlier_readings_shown";

/// One reading before the arbitration. Who read is not told: it is not needed to judge.
#[derive(Debug, Clone)]
pub struct Earlier {
    pub stage: Stage,
    pub outcome: Outcome,
    pub patient_note: Option<String>,
    pub internal_note: Option<String>,
}

/// Shows the readings before, from now on, to the senior who holds the arbitration and has answered every step.
///
/// # Errors
/// [`Error::Refused`] when it is not theirs, or no arbitration; [`Error::Reading`] before the last step.
pub async fn show_earlier(ctx: &Ctx, by: &Staff, (id, fence): (SubmissionId, u64), now: DateTime<Utc>) -> Result<()> {
    ctx.db()
        .tx("review.show_earlier", async |tx: &mut Tx| {
            let row = submission::lock(tx, id).await?;
            let lease = row.status.lease();
            let held = lease.filter(|lease| lease.held_by == by.id && lease.fence == fence && lease.until > now);
            if held.is_none() {
                return Err(Error::Refused(Refused::LeaseLost));
            }
            if stage(&row) != Stage::Arbitration {
                return Err(Error::Forbidden);
            }
            let step = step_of(tx, id, by).await?;
            if step != Step::Decision {
                return Err(ReadingRefused::AnswerFirst(step).into());
            }
            let event =
                AuditEvent { submission: Some(id), actor: Actor::Staff(by.id), action: ASKED, detail: json!({}) };
            audit::append(tx, event, now).await
        })
        .await
}

/// The readings before, where this senior has asked for them.
pub(super) async fn if_asked_for(
    ctx: &Ctx,
    conn: &mut Connection,
    row: &Submission,
    by: &Staff,
) -> Result<Option<Vec<Earlier>>> {
    if stage(row) != Stage::Arbitration {
        return Ok(None);
    }
    let actor = Actor::Staff(by.id).to_string();
    let events = trail::chain(conn, row.id.uuid()).await?;
    if !events.iter().any(|event| event.action == ASKED && event.actor == actor) {
        return Ok(None);
    }
    let concluded = conclusion::of(conn, row.id).await?;
    let earlier = concluded.into_iter().map(|one| {
        Ok(Earlier {
            stage: one.stage,
            patient_note: open_note(ctx, row, (one.id, "patient_note_sealed"), one.patient_note_sealed.as_deref())?,
            internal_note: open_note(ctx, row, (one.id, "internal_note_sealed"), one.internal_note_sealed.as_deref())?,
            outcome: one.outcome,
        })
    });
    Ok(Some(earlier.collect::<Result<_>>()?))
}
