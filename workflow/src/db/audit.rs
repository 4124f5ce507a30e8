//! Rows of `audit_event`: appended by one database function that chains the hashes, read for timelines and verification.

use super::Tx;
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Int8, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// One event, with the exact text of its detail, which the hash covers.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Event {
    #[diesel(sql_type = SqlUuid)]
    pub chain: Uuid,
    #[diesel(sql_type = Int8)]
    pub seq: i64,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub actor: String,
    #[diesel(sql_type = Text)]
    pub action: String,
    #[diesel(sql_type = Text)]
    pub detail: String,
    #[diesel(sql_type = diesel::sql_types::Bytea)]
    pub previous_hash: Vec<u8>,
    #[diesel(sql_type = diesel::sql_types::Bytea)]
    pub hash: Vec<u8>,
}

/// What an event says.
pub(crate) struct NewEvent<'a> {
    pub chain: Uuid,
    pub at: DateTime<Utc>,
    pub actor: &'a str,
    pub action: &'a str,
    pub detail: &'a serde_json::Value,
}

pub(crate) async fn append(tx: &mut Tx, event: &NewEvent<'_>) -> Result<()> {
    diesel::sql_query("SELECT audit_append($1, $2, $3, $4, $5)")
        .bind::<SqlUuid, _>(event.chain)
        .bind::<Timestamptz, _>(event.at)
        .bind::<Text, _>(event.actor)
        .bind::<Text, _>(event.action)
        .bind::<Jsonb, _>(event.detail)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The same event in each of many chains, each with its own detail. The caller has the table to itself.
pub(crate) async fn append_to_each(
    tx: &mut Tx,
    event: &NewEvent<'_>,
    (chains, details): (&[Uuid], &[serde_json::Value]),
) -> Result<()> {
    use diesel::sql_types::Array;
    diesel::sql_query("SELECT audit_append_to_each($1, $2, $3, $4, $5)")
        .bind::<Array<SqlUuid>, _>(chains)
        .bind::<Timestamptz, _>(event.at)
        .bind::<Text, _>(event.actor)
        .bind::<Text, _>(event.action)
        .bind::<Array<Jsonb>, _>(details)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A page of all events in the order of their chains, after the given place.
pub(crate) async fn page(conn: &mut AsyncPgConnection, after: (Uuid, i64), limit: i64) -> Result<Vec<Event>> {
    let sql = "SELECT chain, seq, at, actor, action, detail::text AS detail, previous_hash, hash FROM audit_event \
               WHERE (chain, seq) > ($1, $2) ORDER BY chain, seq LIMIT $3";
    let query = diesel::sql_query(sql).bind::<SqlUuid, _>(after.0).bind::<Int8, _>(after.1).bind::<Int8, _>(limit);
    Ok(query.load(conn).await?)
}

pub(crate) async fn chain(conn: &mut AsyncPgConnection, chain: Uuid) -> Result<Vec<Event>> {
    let sql = "SELECT chain, seq, at, actor, action, detail::text AS detail, previous_hash, hash FROM audit_event \
               WHERE chain = $1 ORDER BY seq";
    Ok(diesel::sql_query(sql).bind::<SqlUuid, _>(chain).load(conn).await?)
}
