//! Rows of `beat`: which doors are open, and when the sweep last did its work.

use super::Connection;
use super::schema::beat;
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz};
use diesel_async::RunQueryDsl;

/// A sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = beat)]
pub struct Beat {
    pub name: String,
    /// `backend`, `console`, `all` or `sweep`.
    pub kind: String,
    /// What it does, in words.
    pub detail: String,
    pub since: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

/// A clock that runs behind never takes a later sign back.
pub(crate) async fn write(conn: &mut Connection, sign: &Beat) -> Result<()> {
    let sql = "INSERT INTO beat (name, kind, detail, since, at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (name) DO UPDATE SET at = excluded.at, detail = excluded.detail WHERE beat.at <= excluded.at";
    diesel::sql_query(sql)
        .bind::<Text, _>(&sign.name)
        .bind::<Text, _>(&sign.kind)
        .bind::<Text, _>(&sign.detail)
        .bind::<Timestamptz, _>(sign.since)
        .bind::<Timestamptz, _>(sign.at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Every sign of life, the freshest first.
pub(crate) async fn all(conn: &mut Connection, limit: i64) -> Result<Vec<Beat>> {
    Ok(beat::table.order((beat::at.desc(), beat::name)).limit(limit).select(Beat::as_select()).load(conn).await?)
}

/// A process that ended in good order has no sign of life to miss.
pub(crate) async fn remove(conn: &mut Connection, name: &str) -> Result<()> {
    diesel::delete(beat::table.find(name)).execute(conn).await?;
    Ok(())
}

pub(crate) async fn forget_before(conn: &mut Connection, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(beat::table.filter(beat::at.lt(before))).execute(conn).await?)
}
