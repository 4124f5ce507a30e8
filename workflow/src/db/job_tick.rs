//! Periodic jobs, once per tick for the whole fleet and without a leader: who inserts the tick enqueues the job.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Text, Timestamptz};
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

pub(crate) async fn prune(conn: &mut AsyncPgConnection, before: DateTime<Utc>) -> Result<usize, Error> {
    Ok(sql_query("DELETE FROM job_tick WHERE tick < $1").bind::<Timestamptz, _>(before).execute(conn).await?)
}
