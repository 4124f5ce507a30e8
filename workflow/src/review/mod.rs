//! A checker's work: claim the most urgent, answer, decide, undo. Each verb is one transaction under the lease's fence.

mod answers;
mod arbitration;
mod case;
mod decide;
mod facts;
mod gone;
mod holds;
mod home;
mod ready;
mod record;
mod replay;

pub use crate::db::claim::Lane;
pub use answers::{Given, answer};
pub use arbitration::{Earlier, show_earlier};
pub(crate) use case::waits_for_answer;
pub use case::{Case, CaseMedia, current};
pub(crate) use decide::give_back_all;
pub use decide::{Another, Concluded, Decide, decide, undo};
pub use facts::facts;
pub use gone::{Gone, gone};
pub use holds::{Hold, hold, holds, resume};
pub use home::{Counts, Home, Recent, counts, home};
pub use ready::{Ready, make_ready};
pub use record::{CaseRecord, TimelineEntry, record};
pub use replay::{Replayed, replay};

use crate::Result;
use crate::audit::Actor;
use crate::ctx::Ctx;
use crate::db::claim::Wanted;
use crate::db::{Tx, claim as rows, submission};
use crate::error::Error;
use crate::staff::Staff;
use crate::transition::transition;
use chrono::{DateTime, Utc};
use domain::ids::SubmissionId;
use domain::submission::{Event, Refused};

/// Gives the checker the most urgent submission, or the one they already hold; `None` when nothing waits.
///
/// # Errors
/// [`Error::Forbidden`] for a role that does not check.
pub async fn claim(ctx: &Ctx, by: &Staff, now: DateTime<Utc>) -> Result<Option<SubmissionId>> {
    claim_from(ctx, by, Lane::Checks, now).await
}

/// The same for one lane. Arbitrations are for seniors.
///
/// # Errors
/// [`Error::Forbidden`] for a role that does not do this.
pub async fn claim_from(ctx: &Ctx, by: &Staff, lane: Lane, now: DateTime<Utc>) -> Result<Option<SubmissionId>> {
    let permitted = match lane {
        Lane::Checks | Lane::Second => by.role.may_check(),
        Lane::Arbitration => by.role.may_arbitrate(),
    };
    if !permitted {
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
            let reserved = match lane {
                Lane::Checks => rows::lock_reserved(tx, by.id, now).await?,
                Lane::Second | Lane::Arbitration => None,
            };
            let wanted = Wanted { lane, by: by.id, due_after: None, leaves_reserved: true };
            let mut next = match reserved {
                Some(id) => Some(id),
                None => rows::lock_next(tx, wanted, now).await?,
            };
            if next.is_none() {
                next = rows::lock_next(tx, Wanted { leaves_reserved: false, ..wanted }, now).await?;
                if let Some(reserved_for_another) = next {
                    rows::end_reservation(tx, reserved_for_another).await?;
                }
            }
            let Some(id) = next else { return Ok(None) };
            let mut row = submission::lock(tx, id).await?;
            let event = Event::Claimed { by: by.id, lease_for: ctx.config().review.lease };
            transition(tx, &mut row, event, Actor::Staff(by.id), now).await?;
            rows::unreserve(tx, by.id, None).await?;
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
