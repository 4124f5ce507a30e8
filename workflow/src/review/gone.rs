//! Where a submission went that a checker no longer holds, so that it can be said in a sentence.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::{staff, submission};
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::ids::SubmissionId;
use domain::submission::Status;

/// What became of it. Who and when is told to seniors only: a name must not weigh on the next reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gone {
    /// Back in the queue, or about to be.
    Queue,
    /// In other hands.
    WithAnother {
        name: Option<String>,
    },
    Decided {
        name: Option<String>,
        at: DateTime<Utc>,
    },
    OnHold,
    /// Closed, withdrawn or sent back: nothing is left to check.
    Over,
}

/// # Errors
/// [`crate::Error::NotFound`] when there never was such a submission.
pub async fn gone(ctx: &Ctx, by: &Staff, id: SubmissionId, now: DateTime<Utc>) -> Result<Gone> {
    let mut conn = ctx.db().conn().await?;
    let row = submission::find(&mut conn, id).await?;
    let other = match &row.status {
        Status::AwaitingReview { lease: Some(lease), .. } if lease.until > now && lease.held_by != by.id => {
            Some(lease.held_by)
        }
        Status::Decided { decided_by, .. } if *decided_by != by.id => Some(*decided_by),
        _ => None,
    };
    let name = match other.filter(|_| by.role.may_arbitrate()) {
        Some(id) => staff::name_of(&mut conn, id).await?,
        None => None,
    };
    Ok(match row.status {
        Status::AwaitingReview { .. } if other.is_some() => Gone::WithAnother { name },
        Status::AwaitingReview { .. } => Gone::Queue,
        Status::Decided { decided_at, .. } => Gone::Decided { name, at: decided_at },
        Status::OnHold { .. } => Gone::OnHold,
        _ => Gone::Over,
    })
}
