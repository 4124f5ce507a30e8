//! Which submission a checker gets next, and which one is made ready for them. Each question is answered from a partial
//! index that holds only what waits.

use super::Tx;
use super::schema::submission;
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{StaffId, SubmissionId};
use uuid::Uuid;

/// Which waiting submissions are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// First and second readings, as they come.
    Checks,
    Second,
    Arbitration,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// What a checker may be given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub lane: Lane,
    pub by: StaffId,
    /// Leaves out what is due before.
    pub due_after: Option<DateTime<Utc>>,
    /// Whether what is reserved for others is left to them.
    pub leaves_reserved: bool,
}

/// The most urgent submission that is wanted, that nobody holds or is just taking, and this checker has not read; locked.
pub(crate) async fn lock_next(tx: &mut Tx, wanted: Wanted, now: DateTime<Utc>) -> Result<Option<SubmissionId>> {
    let stage = match wanted.lane {
        Lane::Checks => "(stage IS NULL OR stage IN ('first', 'second'))",
        Lane::Second => "stage = 'second'",
        Lane::Arbitration => "stage = 'arbitration'",
    };
    let sql = format!(
        "SELECT id FROM submission WHERE status = 'awaiting_review' AND {stage} \
           AND (lease_until IS NULL OR lease_until <= $1) \
           AND (NOT $5 OR reserved_until IS NULL OR reserved_until <= $1 OR reserved_by = $2) \
           AND NOT coalesce(state -> 'readings' -> 'done', '[]'::jsonb) @> jsonb_build_array(jsonb_build_object('by', $3)) \
           AND ($4 IS NULL OR due_at > $4) \
         ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
    );
    let query = diesel::sql_query(sql)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(wanted.by.uuid())
        .bind::<Text, _>(wanted.by.to_string())
        .bind::<Nullable<Timestamptz>, _>(wanted.due_after)
        .bind::<Bool, _>(wanted.leaves_reserved);
    let found: Option<Found> = query.get_result(&mut **tx).await.optional()?;
    Ok(found.map(|found| SubmissionId::new(found.id)))
}

/// What is reserved for this checker and still free; locked.
pub(crate) async fn lock_reserved(tx: &mut Tx, by: StaffId, now: DateTime<Utc>) -> Result<Option<SubmissionId>> {
    let sql = "SELECT id FROM submission WHERE reserved_by = $2 AND reserved_until > $1 AND status = 'awaiting_review' \
                 AND (stage IS NULL OR stage IN ('first', 'second')) AND (lease_until IS NULL OR lease_until <= $1) \
               ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED";
    let query = diesel::sql_query(sql).bind::<Timestamptz, _>(now).bind::<SqlUuid, _>(by.uuid());
    let found: Option<Found> = query.get_result(&mut **tx).await.optional()?;
    Ok(found.map(|found| SubmissionId::new(found.id)))
}

pub(crate) async fn reserve(tx: &mut Tx, id: SubmissionId, by: StaffId, until: DateTime<Utc>) -> Result<()> {
    diesel::update(submission::table.find(id.uuid()))
        .set((submission::reserved_by.eq(by.uuid()), submission::reserved_until.eq(until)))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends the reservation of one submission, whoever has it.
pub(crate) async fn end_reservation(tx: &mut Tx, id: SubmissionId) -> Result<()> {
    diesel::update(submission::table.find(id.uuid()))
        .set((submission::reserved_by.eq(None::<Uuid>), submission::reserved_until.eq(None::<DateTime<Utc>>)))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Gives up whatever is reserved for this checker, but for one.
pub(crate) async fn unreserve(tx: &mut Tx, by: StaffId, except: Option<SubmissionId>) -> Result<()> {
    let theirs = submission::table.filter(submission::reserved_by.eq(by.uuid()));
    let kept = except.map_or(Uuid::nil(), SubmissionId::uuid);
    diesel::update(theirs.filter(submission::id.ne(kept)))
        .set((submission::reserved_by.eq(None::<Uuid>), submission::reserved_until.eq(None::<DateTime<Utc>>)))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether this submission is reserved for this checker now.
pub(crate) async fn is_reserved(
    conn: &mut super::Connection,
    id: SubmissionId,
    by: StaffId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let query = submission::table
        .find(id.uuid())
        .filter(submission::reserved_by.eq(by.uuid()))
        .filter(submission::reserved_until.gt(now))
        .filter(submission::status.eq("awaiting_review"))
        .count();
    let count: i64 = query.get_result(conn).await?;
    Ok(count > 0)
}
