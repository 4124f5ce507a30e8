//! Whether a face video was sent before in another verification: remembered, compared, and told to people.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::clip_print::{self, Printed, Wanted};
use crate::db::{Tx, submission};
use crate::precheck::Item;
use crate::staff::{Role, Staff};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::SubmissionId;
use domain::precheck::{ClipPrint, Likeness, Table, likeness};

/// Older videos are not compared with, and their prints are forgotten.
pub(crate) const COMPARED_FOR: TimeDelta = TimeDelta::days(183);

/// Remembers a video's print and answers how the nearest one of another verification is like it.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn remember(
    ctx: &Ctx,
    item: &Item,
    (print, seconds): (&ClipPrint, f64),
    now: DateTime<Utc>,
) -> Result<Option<Likeness>> {
    let limits = Table::default().video;
    ctx.db()
        .tx("seen_before.remember", async |tx: &mut Tx| {
            clip_print::lock(tx).await?;
            let new = Printed { submission: item.submission(), print: print.clone(), seconds };
            let row = submission::find(tx, new.submission).await?;
            let wanted = Wanted {
                other_than: row.verification.uuid(),
                since: now - COMPARED_FOR,
                within_seconds: limits.alike_duration_most_seconds,
            };
            let others = clip_print::candidates(tx, &new, &wanted).await?;
            let like = |other: &Printed| likeness(&limits, (print, seconds), (&other.print, other.seconds));
            let mut found = others.iter().filter_map(|other| like(other).map(|how| (other.submission, how)));
            let first = found.next();
            // The very same recording says more than one that only looks the same.
            let nearest = first.filter(|(_, how)| *how == Likeness::Same);
            let nearest = nearest.or_else(|| found.find(|(_, how)| *how == Likeness::Same)).or(first);
            clip_print::put(tx, item.evidence, &new, nearest.map(|(of, _)| of), now).await?;
            Ok(nearest.map(|(_, how)| how))
        })
        .await
}

/// The reference of the other case, for those who may follow it up; `None` for everybody else.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn other_case(ctx: &Ctx, viewer: &Staff, of: SubmissionId) -> Result<Option<String>> {
    if viewer.role == Role::Reviewer {
        return Ok(None);
    }
    let other = clip_print::matched(&mut *ctx.db().conn().await?, of).await?;
    Ok(other.map(|other| other.reference()))
}
