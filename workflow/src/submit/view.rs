//! What a patient may know of a submission: nothing of who checks it, nothing of the outcome before it is released.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::submission::Submission;
use crate::db::{Connection, decision, tally};
use crate::sealing;
use crate::{ops, policy};
use chrono::{DateTime, TimeDelta, Utc};
use domain::challenge::Challenge;
use domain::decision::OutcomeKind;
use domain::evidence::EvidenceKind;
use domain::ids::{SubmissionId, VerificationId};
use domain::reasons::Reason;
use domain::sla::{Estimate, estimate};
use domain::submission::{Status, StatusName};

/// A submission as its patient sees it.
#[derive(Debug, Clone)]
pub struct PatientView {
    pub id: SubmissionId,
    pub verification: VerificationId,
    pub reference: String,
    /// `decided` is shown as `awaiting_review` until the undo window has closed.
    pub status: StatusName,
    /// What is still to be uploaded, or to be sent again in a new submission.
    pub wanted: Vec<EvidenceKind>,
    pub received_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub estimate: Option<Estimate>,
    /// What ops tell every waiting patient at the moment.
    pub wait_message: Option<String>,
    pub outcome: Option<OutcomeKind>,
    pub reasons: Vec<ReasonTold>,
    /// The numbers to say, while the submission is open.
    pub challenge: Option<Challenge>,
}

/// A reason in the patient's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonTold {
    /// `None` where the code alone would tell of a suspicion; words are always given.
    pub reason: Option<Reason>,
    pub text: &'static str,
    pub remedy: &'static str,
}

pub(super) async fn of(ctx: &Ctx, conn: &mut Connection, row: &Submission, now: DateTime<Utc>) -> Result<PatientView> {
    let mut view = PatientView {
        id: row.id,
        verification: row.verification,
        reference: row.id.reference(),
        status: row.status.name(),
        wanted: Vec::new(),
        received_at: row.status.promise().map(|promise| promise.clock.received_at),
        expires_at: None,
        estimate: None,
        wait_message: None,
        outcome: None,
        reasons: Vec::new(),
        challenge: None,
    };
    match &row.status {
        Status::Open { expires_at, .. } => {
            view.wanted = super::missing(conn, row.id).await?;
            view.expires_at = Some(*expires_at);
            view.challenge = Some(sealing::challenge(ctx, row)?);
        }
        Status::Decided { .. } => {
            view.status = StatusName::AwaitingReview;
            view.estimate = promised(ctx, conn, row, now).await?;
            view.wait_message = ops::told(conn, now).await?.map(|message| message.body);
        }
        status if status.is_undecided() => {
            view.estimate = promised(ctx, conn, row, now).await?;
            view.wait_message = ops::told(conn, now).await?.map(|message| message.body);
        }
        Status::RetakeWanted { what, reasons, .. } => {
            view.wanted.clone_from(what);
            view.outcome = Some(OutcomeKind::AskAgain);
            view.reasons = told(reasons);
        }
        Status::Closed { outcome, .. } => {
            view.outcome = Some(*outcome);
            view.reasons = told(&decision::reasons(conn, row.id).await?);
        }
        _ => {}
    }
    Ok(view)
}

async fn promised(ctx: &Ctx, conn: &mut Connection, row: &Submission, now: DateTime<Utc>) -> Result<Option<Estimate>> {
    let Some(promise) = row.status.promise() else { return Ok(None) };
    let ahead = tally::ahead(conn, promise.clock.due_at).await?;
    let pace = decision::count_since(conn, now - TimeDelta::hours(1)).await?;
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let policy = policy::holding(ctx, conn).await?;
    Ok(Some(estimate(&policy, &promise.clock, now, count(ahead), count(pace))))
}

fn told(reasons: &[Reason]) -> Vec<ReasonTold> {
    let words = |reason: &Reason| ReasonTold {
        reason: Some(*reason).filter(|reason| !reason.is_suspicion()),
        text: reason.patient_text(),
        remedy: reason.remedy(),
    };
    reasons.iter().map(words).collect()
}
