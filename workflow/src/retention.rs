//! What has outlived its purpose goes: objects without an owner, answers kept for repeats, ended sessions.

use crate::Result;
use crate::ctx::Ctx;
use crate::db::upload::State;
use crate::db::{Tx, client, clip_print, object, staff, upload};
use crate::seen_before;
use crate::upload::erase;
use chrono::{DateTime, TimeDelta, Utc};

/// A writer that has not finished by then is dead: uploads and pre-checks have far shorter limits.
const ORPHAN_AFTER: TimeDelta = TimeDelta::hours(24);
/// How long an answer to a creating call is kept for its repeat.
const ANSWERS_KEPT: TimeDelta = TimeDelta::hours(24);
const BATCH: i64 = 100;

/// What one run removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    pub uploads: usize,
    pub objects: usize,
    pub answers: usize,
    pub sessions: usize,
    pub prints: usize,
}

/// Removes what is past its time. Objects are found in our table, never by listing the store.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the store or the database cannot be asked; a later run continues.
pub async fn purge(ctx: &Ctx, now: DateTime<Utc>) -> Result<Purged> {
    let mut purged = Purged::default();
    loop {
        let batch = ctx.db().tx("retention.uploads", async |tx: &mut Tx| purge_uploads(ctx, tx, now).await).await?;
        purged.uploads += batch;
        if batch < BATCH as usize {
            break;
        }
    }
    loop {
        let batch = ctx.db().tx("retention.objects", async |tx: &mut Tx| purge_objects(ctx, tx, now).await).await?;
        purged.objects += batch;
        if batch < BATCH as usize {
            break;
        }
    }
    let mut conn = ctx.db().conn().await?;
    purged.answers = client::forget_calls_before(&mut conn, now - ANSWERS_KEPT).await?;
    purged.sessions = staff::delete_ended_sessions(&mut conn, now).await?;
    purged.prints = clip_print::forget_before(&mut conn, now - seen_before::COMPARED_FOR).await?;
    Ok(purged)
}

/// Uploads whose time is over, with their parts and tails. What became evidence stays.
async fn purge_uploads(ctx: &Ctx, tx: &mut Tx, now: DateTime<Utc>) -> Result<usize> {
    let expired = upload::lock_expired(tx, now, BATCH).await?;
    for row in &expired {
        let unfinished = row.progress.object.filter(|_| row.state != State::Stored);
        upload::delete(tx, row.id).await?;
        for id in unfinished.into_iter().chain(row.progress.tail) {
            let multipart_id = object::find(tx, id.uuid()).await?.multipart_id;
            erase(ctx, id, multipart_id.as_deref()).await?;
            object::delete(tx, id).await?;
        }
    }
    Ok(expired.len())
}

async fn purge_objects(ctx: &Ctx, tx: &mut Tx, now: DateTime<Utc>) -> Result<usize> {
    let orphans = object::lock_orphans(tx, now - ORPHAN_AFTER, BATCH).await?;
    for orphan in &orphans {
        erase(ctx, orphan.id, orphan.multipart_id.as_deref()).await?;
        object::delete(tx, orphan.id).await?;
    }
    Ok(orphans.len())
}
