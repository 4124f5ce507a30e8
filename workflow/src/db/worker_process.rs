//! Worker processes as they last told of themselves. Times are the database's, so that a wrong clock cannot hide behind them.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::error::Error;

/// One worker process.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct WorkerProcess {
    /// As in `JobView::lease_by`.
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub host: String,
    #[diesel(sql_type = Integer)]
    pub pid: i32,
    #[diesel(sql_type = Array<Text>)]
    pub pools: Vec<String>,
    #[diesel(sql_type = Text)]
    pub transport: String,
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    /// It beats every five seconds; one that is silent for longer is stuck or dead.
    #[diesel(sql_type = Timestamptz)]
    pub beat_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    pub running: i32,
    /// How far its clock is ahead of the database's.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub clock_skew_ms: Option<i64>,
}

/// What a process says of itself.
pub(crate) struct Beat<'a> {
    pub name: &'a str,
    pub host: &'a str,
    pub pid: u32,
    pub pools: &'a [&'static str],
    pub transport: &'static str,
    pub running: usize,
    pub clock_skew: Option<TimeDelta>,
}

pub(crate) async fn beat(conn: &mut AsyncPgConnection, beat: &Beat<'_>) -> Result<(), Error> {
    sql_query(
        "INSERT INTO worker_process (name, host, pid, pools, transport, started_at, beat_at, running, clock_skew_ms) \
         VALUES ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(), $6, $7) \
         ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at, running = excluded.running, \
             clock_skew_ms = excluded.clock_skew_ms",
    )
    .bind::<Text, _>(beat.name)
    .bind::<Text, _>(beat.host)
    .bind::<Integer, _>(beat.pid.cast_signed())
    .bind::<Array<Text>, _>(beat.pools)
    .bind::<Text, _>(beat.transport)
    .bind::<Integer, _>(i32::try_from(beat.running).unwrap_or(i32::MAX))
    .bind::<Nullable<BigInt>, _>(beat.clock_skew.map(|skew| skew.num_milliseconds()))
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn end(conn: &mut AsyncPgConnection, name: &str) -> Result<(), Error> {
    sql_query("DELETE FROM worker_process WHERE name = $1").bind::<Text, _>(name).execute(conn).await?;
    Ok(())
}

/// The newest first.
pub(crate) async fn list(conn: &mut AsyncPgConnection, limit: i64) -> Result<Vec<WorkerProcess>, Error> {
    Ok(sql_query(
        "SELECT name, host, pid, pools, transport, started_at, beat_at, running, clock_skew_ms \
         FROM worker_process ORDER BY beat_at DESC, name LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Forgets processes that died without a word a day ago.
pub(crate) async fn prune(conn: &mut AsyncPgConnection) -> Result<usize, Error> {
    Ok(sql_query("DELETE FROM worker_process WHERE beat_at < clock_timestamp() - interval '1 day'")
        .execute(conn)
        .await?)
}

/// What the database's clock says now.
pub(crate) async fn clock(conn: &mut AsyncPgConnection) -> Result<DateTime<Utc>, Error> {
    #[derive(QueryableByName)]
    #[diesel(check_for_backend(diesel::pg::Pg))]
    struct Row {
        #[diesel(sql_type = Timestamptz)]
        now: DateTime<Utc>,
    }
    let row: Row = sql_query("SELECT clock_timestamp() AS now").get_result(conn).await?;
    Ok(row.now)
}
