//! Counts over the live submissions, each answered from a partial index that holds only those.

use crate::Result;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Int8, Nullable, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The live submissions in numbers.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub(crate) struct Tally {
    /// Ready for a checker and held by nobody.
    #[diesel(sql_type = Int8)]
    pub waiting: i64,
    #[diesel(sql_type = Int8)]
    pub in_progress: i64,
    #[diesel(sql_type = Int8)]
    pub checking: i64,
    #[diesel(sql_type = Int8)]
    pub on_hold: i64,
    #[diesel(sql_type = Int8)]
    pub at_risk: i64,
    #[diesel(sql_type = Int8)]
    pub breached: i64,
    /// Of those waiting, the ones for a second reader and for a senior.
    #[diesel(sql_type = Int8)]
    pub second: i64,
    #[diesel(sql_type = Int8)]
    pub arbitration: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_received_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub next_due_at: Option<DateTime<Utc>>,
}

pub(crate) async fn tally(conn: &mut AsyncPgConnection, now: DateTime<Utc>, at_risk: TimeDelta) -> Result<Tally> {
    let sql = "SELECT \
        count(*) FILTER (WHERE status = 'awaiting_review' AND (lease_until IS NULL OR lease_until <= $1)) AS waiting, \
        count(*) FILTER (WHERE status = 'awaiting_review' AND lease_until > $1) AS in_progress, \
        count(*) FILTER (WHERE status IN ('received', 'checking')) AS checking, \
        count(*) FILTER (WHERE status = 'on_hold') AS on_hold, \
        count(*) FILTER (WHERE due_at > $1 AND due_at <= $2) AS at_risk, \
        count(*) FILTER (WHERE due_at <= $1) AS breached, \
        count(*) FILTER (WHERE status = 'awaiting_review' AND (lease_until IS NULL OR lease_until <= $1) \
            AND stage = 'second') AS second, \
        count(*) FILTER (WHERE status = 'awaiting_review' AND (lease_until IS NULL OR lease_until <= $1) \
            AND stage = 'arbitration') AS arbitration, \
        min(received_at) AS oldest_received_at, min(due_at) AS next_due_at \
        FROM submission WHERE status IN ('received', 'checking', 'awaiting_review', 'on_hold')";
    let query = diesel::sql_query(sql).bind::<Timestamptz, _>(now).bind::<Timestamptz, _>(now + at_risk);
    Ok(query.get_result(conn).await?)
}

#[derive(QueryableByName)]
struct Ahead {
    #[diesel(sql_type = Int8)]
    count: i64,
}

/// Undecided submissions that come before one due at `due_at`.
pub(crate) async fn ahead(conn: &mut AsyncPgConnection, due_at: DateTime<Utc>) -> Result<i64> {
    let sql = "SELECT count(*) FROM submission \
               WHERE status IN ('received', 'checking', 'awaiting_review') AND due_at < $1";
    let ahead: Ahead = diesel::sql_query(sql).bind::<Timestamptz, _>(due_at).get_result(conn).await?;
    Ok(ahead.count)
}
