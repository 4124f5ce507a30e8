//! Periodic jobs, once per tick for the whole fleet and without a leader: who inserts the tick enqueues the job.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::error::Error;

/// Answers whether this transaction is the one that owns the tick.
pub(crate) async fn win(conn: &mut AsyncPgConnection, name: &str, tick: DateTime<Utc>) -> Result<bool, Error> {
    let rows = sql_query("INSERT INTO job_tick (name, tick) VALUES ($1, $2) ON CONFLICT (name, tick) DO NOTHING")
        .bind::<Text, _>(name)
        .bind::<Timestamptz, _>(tick)
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many ticks of this moment have a name that begins so.
pub(crate) async fn count(conn: &mut AsyncPgConnection, prefix: &str, tick: DateTime<Utc>) -> Result<i64, Error> {
    let row: CountRow = sql_query("SELECT count(*) AS n FROM job_tick WHERE starts_with(name, $1) AND tick = $2")
        .bind::<Text, _>(prefix)
        .bind::<Timestamptz, _>(tick)
        .get_result(conn)
        .await?;
    Ok(row.n)
}

pub(crate) async fn prune(conn: &mut AsyncPgConnection, before: DateTime<Utc>) -> Result<usize, Error> {
    Ok(sql_query("DELETE FROM job_tick WHERE tick < $1").bind::<Timestamptz, _>(before).execute(conn).await?)
}
