//! Rows of `record_trace`: at most one for each submission, made when the record is first to be asked for.

use super::schema::record_trace;
use super::{Connection, Tx};
use crate::Result;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::demographics::TraceResult;
use domain::ids::SubmissionId;

/// What is known of one submission's record.
pub(crate) struct TraceRow {
    /// `None` while it is being asked for.
    pub result: Option<TraceResult>,
    pub record_sealed: Option<Vec<u8>>,
}

pub(crate) async fn insert(tx: &mut Tx, id: SubmissionId, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(record_trace::table)
        .values((record_trace::submission_id.eq(id.uuid()), record_trace::asked_at.eq(now)))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn find(conn: &mut Connection, id: SubmissionId) -> Result<Option<TraceRow>> {
    let query = record_trace::table.find(id.uuid()).select((record_trace::result, record_trace::record_sealed));
    let found: Option<(Option<String>, Option<Vec<u8>>)> = query.first(conn).await.optional()?;
    let Some((result, record_sealed)) = found else { return Ok(None) };
    let result = result.map(|code| code.parse().map_err(Error::internal)).transpose()?;
    Ok(Some(TraceRow { result, record_sealed }))
}

/// How many wait for their answer, and since when the oldest does.
pub(crate) async fn waiting(conn: &mut Connection) -> Result<(i64, Option<DateTime<Utc>>)> {
    use diesel::dsl::{count_star, min};
    let waiting = record_trace::table.filter(record_trace::result.is_null());
    Ok(waiting.select((count_star(), min(record_trace::asked_at))).first(conn).await?)
}

/// Stores an answer; whether that changed anything. What was found stays, and no answer is noted once.
pub(crate) async fn save(
    tx: &mut Tx,
    id: SubmissionId,
    result: TraceResult,
    record_sealed: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let is_open = record_trace::result.is_null().or(record_trace::result.eq(TraceResult::NotAnswered.code()));
    let is_new = record_trace::result.is_distinct_from(result.code());
    let changed = diesel::update(record_trace::table.find(id.uuid()).filter(is_open).filter(is_new))
        .set((
            record_trace::result.eq(result.code()),
            record_trace::record_sealed.eq(record_sealed),
            record_trace::answered_at.eq(now),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(changed == 1)
}
