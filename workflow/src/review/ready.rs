//! The next submission, made ready before it is asked for: reserved softly, and what its first step shows may be fetched.
//! A reservation is not a lease: it counts nowhere, lapses silently, and keeps neither an urgent submission from anybody nor
//! the last one that waits from whoever is free.

use super::case::{CaseMedia, media_at};
use crate::Result;
use crate::ctx::Ctx;
use crate::db::claim::{self, Lane, Wanted};
use crate::db::{Tx, submission};
use crate::error::Error;
use crate::staff::Staff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::SubmissionId;
use domain::reading::Step;

/// How long the next one is likely to be this checker's.
const RESERVED_FOR: TimeDelta = TimeDelta::seconds(90);

/// What the first step of the reserved submission will show.
#[derive(Debug, Clone)]
pub struct Ready {
    pub id: SubmissionId,
    pub media: Vec<CaseMedia>,
}

/// Reserves the most urgent submission that is not at risk; `None` when there is none. Asked again, it stays the same one
/// for as long as it is free.
///
/// # Errors
/// [`Error::Forbidden`] for a role that does not check.
pub async fn make_ready(ctx: &Ctx, by: &Staff, now: DateTime<Utc>) -> Result<Option<Ready>> {
    if !by.role.may_check() {
        return Err(Error::Forbidden);
    }
    // What is due soon goes to whoever is free first.
    let due_after = now + ctx.config().sla.at_risk;
    let wanted = Wanted { lane: Lane::Checks, by: by.id, due_after: Some(due_after), leaves_reserved: true };
    let reserved = ctx
        .db()
        .tx("review.make_ready", async |tx: &mut Tx| {
            submission::lock_checker(tx, by.id).await?;
            let next = match claim::lock_reserved(tx, by.id, now).await? {
                Some(id) => Some(id),
                None => claim::lock_next(tx, wanted, now).await?,
            };
            claim::unreserve(tx, by.id, next).await?;
            if let Some(id) = next {
                claim::reserve(tx, id, by.id, now + RESERVED_FOR).await?;
            }
            Ok(next)
        })
        .await?;
    let Some(id) = reserved else { return Ok(None) };
    let mut conn = ctx.db().conn().await?;
    let row = submission::find(&mut conn, id).await?;
    Ok(Some(Ready { id, media: media_at(&mut conn, &row, Step::Face).await? }))
}
