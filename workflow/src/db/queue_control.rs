//! Pausing a queue for the whole fleet: a row pauses it, and no row means that it runs.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::error::Error;

pub(crate) async fn pause(
    conn: &mut AsyncPgConnection,
    queue: &str,
    by: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let rows = sql_query(
        "INSERT INTO queue_control (queue, paused_at, paused_by, reason) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (queue) DO NOTHING",
    )
    .bind::<Text, _>(queue)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(by)
    .bind::<Text, _>(reason)
    .execute(conn)
    .await?;
    Ok(rows == 1)
}

pub(crate) async fn resume(conn: &mut AsyncPgConnection, queue: &str) -> Result<bool, Error> {
    let rows = sql_query("DELETE FROM queue_control WHERE queue = $1").bind::<Text, _>(queue).execute(conn).await?;
    Ok(rows == 1)
}
