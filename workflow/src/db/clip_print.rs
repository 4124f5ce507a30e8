//! Rows of `clip_print`: what tells one face video from others.

use super::Tx;
use super::schema::{clip_print, submission};
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{EvidenceId, SubmissionId};
use domain::precheck::ClipPrint;
use uuid::Uuid;

/// Prints compared with a new one, newest first.
const COMPARED_MAX: i64 = 5_000;

/// A print with the submission it belongs to and its clip's length in seconds.
pub(crate) struct Printed {
    pub submission: SubmissionId,
    pub print: ClipPrint,
    pub seconds: f64,
}

/// Which prints to compare with: those of other verifications, recorded since, as long within a span of seconds or equal.
pub(crate) struct Wanted {
    pub other_than: Uuid,
    pub since: DateTime<Utc>,
    pub within_seconds: f64,
}

/// Lets one transaction at a time look and write, so that of two equal clips the later one is noticed.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('clip_print', 0))").execute(&mut **tx).await?;
    Ok(())
}

/// Writes the print of a clip; a second run replaces the first's.
pub(crate) async fn put(
    tx: &mut Tx,
    evidence: EvidenceId,
    new: &Printed,
    matched: Option<SubmissionId>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::delete(clip_print::table.find(evidence.uuid())).execute(&mut **tx).await?;
    diesel::insert_into(clip_print::table)
        .values((
            clip_print::evidence_id.eq(evidence.uuid()),
            clip_print::submission_id.eq(new.submission.uuid()),
            clip_print::stream_sha256.eq(&new.print.stream_sha256),
            clip_print::frames.eq(serde_json::to_value(&new.print.frames).map_err(Error::internal)?),
            clip_print::seconds.eq(new.seconds),
            clip_print::matched_submission_id.eq(matched.map(SubmissionId::uuid)),
            clip_print::recorded_at.eq(now),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn candidates(tx: &mut Tx, of: &Printed, wanted: &Wanted) -> Result<Vec<Printed>> {
    let near = clip_print::seconds.between(of.seconds - wanted.within_seconds, of.seconds + wanted.within_seconds);
    let same = clip_print::stream_sha256.eq(&of.print.stream_sha256);
    let rows: Vec<(Uuid, String, serde_json::Value, f64)> = clip_print::table
        .inner_join(submission::table.on(submission::id.eq(clip_print::submission_id)))
        .filter(submission::verification_id.ne(wanted.other_than))
        .filter(clip_print::recorded_at.ge(wanted.since))
        .filter(near.or(same))
        .order(clip_print::recorded_at.desc())
        .limit(COMPARED_MAX)
        .select((clip_print::submission_id, clip_print::stream_sha256, clip_print::frames, clip_print::seconds))
        .load(&mut **tx)
        .await?;
    let read = |(submission, stream_sha256, frames, seconds): (Uuid, String, serde_json::Value, f64)| {
        let print = ClipPrint { stream_sha256, frames: serde_json::from_value(frames).map_err(Error::internal)? };
        Ok(Printed { submission: SubmissionId::new(submission), print, seconds })
    };
    rows.into_iter().map(read).collect()
}

/// The submission whose clip was like this one's, if there was one.
pub(crate) async fn matched(conn: &mut AsyncPgConnection, of: SubmissionId) -> Result<Option<SubmissionId>> {
    let found: Option<Option<Uuid>> = clip_print::table
        .filter(clip_print::submission_id.eq(of.uuid()))
        .filter(clip_print::matched_submission_id.is_not_null())
        .select(clip_print::matched_submission_id)
        .first(conn)
        .await
        .optional()?;
    Ok(found.flatten().map(SubmissionId::new))
}

/// Forgets prints that are not compared any more; answers how many.
pub(crate) async fn forget_before(conn: &mut AsyncPgConnection, limit: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(clip_print::table.filter(clip_print::recorded_at.lt(limit))).execute(conn).await?)
}
