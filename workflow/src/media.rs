//! Evidence is shown through us only: who looked is written down before the first byte leaves.

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::staff::{self as rows, NewView};
use crate::db::{Tx, artefact, claim, evidence, object, submission};
use crate::error::Error;
use crate::objects::{self, ByteStream};
use crate::review::waits_for_answer;
use crate::sealing;
use crate::staff::Staff;
use chrono::{DateTime, Utc};
use domain::ids::ArtefactId;
use domain::submission::Refused;
use serde_json::json;
use std::ops::Range;

/// A byte range as a browser asks for it (RFC 9110, section 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// `bytes=FROM-` or `bytes=FROM-TO`, the last byte included.
    From { from: u64, to: Option<u64> },
    /// `bytes=-COUNT`: the last bytes.
    Last { count: u64 },
}

/// An artefact on its way to the checker's eyes.
pub struct Viewed {
    pub media_type: String,
    /// Length of the whole in bytes.
    pub total: u64,
    /// The bytes that follow; the whole unless a range was asked for.
    pub range: Range<u64>,
    pub body: ByteStream,
}

/// Opens an artefact for the checker who holds its submission.
///
/// # Errors
/// [`Error::Refused`] when the lease is gone, [`Error::Conflict`] for an item in quarantine or before the answer that it waits for,
/// [`Error::RangeNotSatisfiable`], [`Error::NotFound`].
pub async fn open_view(
    ctx: &Ctx,
    viewer: &Staff,
    id: ArtefactId,
    range: Option<ByteRange>,
    now: DateTime<Utc>,
) -> Result<Viewed> {
    let mut conn = ctx.db().conn().await?;
    let artefact = artefact::find(&mut conn, id).await?;
    if !artefact.kind.is_for_eyes() {
        return Err(Error::NotFound("artefact"));
    }
    let row = submission::find(&mut conn, artefact.submission).await?;
    let lease = row.status.lease().filter(|lease| lease.held_by == viewer.id && lease.until > now);
    // What the first step will show may be fetched ahead by the one it is reserved for.
    let (purpose, fence) = match lease {
        Some(lease) => ("review", lease.fence),
        None if claim::is_reserved(&mut conn, row.id, viewer.id, now).await? => ("prefetch", 0),
        None => return Err(Error::Refused(Refused::LeaseLost)),
    };
    if evidence::is_quarantined(&mut conn, artefact.evidence).await? {
        let message = "This file is not safe to open, so it is shown to nobody.".to_owned();
        return Err(Error::Conflict { code: "quarantined", message });
    }
    if waits_for_answer(&mut conn, viewer, &artefact).await? {
        let message = "Answer the question about the two faces first; then the document is shown.".to_owned();
        return Err(Error::Conflict { code: "answer_first", message });
    }
    let object = object::find(&mut conn, artefact.object).await?;
    let total = object.plain_bytes.unwrap_or(0).unsigned_abs();
    let wanted = resolve(range, total)?;
    let dek = sealing::object_key(ctx, &mut conn, &object).await?;
    drop(conn);
    let view = NewView {
        id: new_uuid(now),
        staff_id: viewer.id.uuid(),
        submission_id: row.id.uuid(),
        artefact_id: id.uuid(),
        fence: i64::try_from(fence).map_err(Error::internal)?,
        opened_at: now,
        requests: 1,
        bytes: i64::try_from(wanted.end - wanted.start).map_err(Error::internal)?,
    };
    ctx.db()
        .tx("media.view", async |tx: &mut Tx| {
            if !rows::record_view(tx, &view).await? {
                return Ok(());
            }
            let detail = json!({ "artefact": id, "kind": artefact.kind, "purpose": purpose, "fence": fence });
            let actor = Actor::Staff(viewer.id);
            let event = AuditEvent { submission: Some(row.id), actor, action: "evidence_viewed", detail };
            audit::append(tx, event, now).await
        })
        .await?;
    let body = objects::open_object(ctx.objects(), &sealing::located(&object)?, &dek, Some(wanted.clone())).await?;
    Ok(Viewed { media_type: artefact.media_type, total, range: wanted, body })
}

/// The bytes a range means. A suffix longer than the object is the whole object.
fn resolve(range: Option<ByteRange>, total: u64) -> Result<Range<u64>> {
    let unsatisfiable = Error::RangeNotSatisfiable { total };
    match range {
        None => Ok(0..total),
        Some(ByteRange::From { from, to }) => {
            let end = to.map_or(total, |to| to.saturating_add(1)).min(total);
            if from < end { Ok(from..end) } else { Err(unsatisfiable) }
        }
        Some(ByteRange::Last { count }) if count > 0 && total > 0 => Ok(total.saturating_sub(count)..total),
        Some(ByteRange::Last { .. }) => Err(unsatisfiable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_mean_what_rfc_9110_says() {
        let from = |from, to| Some(ByteRange::From { from, to });
        let last = |count| Some(ByteRange::Last { count });
        let cases = [
            (None, 10, Some(0..10)),
            (from(0, Some(99)), 10, Some(0..10)),
            (from(2, Some(4)), 10, Some(2..5)),
            (from(9, None), 10, Some(9..10)),
            (from(10, None), 10, None),
            (from(5, Some(4)), 10, None),
            (last(3), 10, Some(7..10)),
            (last(500), 10, Some(0..10)),
            (last(0), 10, None),
            (from(0, None), 0, None),
        ];
        for (range, total, expected) in cases {
            assert_eq!(resolve(range, total).ok(), expected, "{range:?} of {total}");
        }
    }
}
