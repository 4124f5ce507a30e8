//! Rows of `client`, `verification` and `idempotency`: who calls, for whom, and what was answered.

use super::Tx;
use super::schema::{client, idempotency, verification};
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{ClientId, VerificationId};
use uuid::Uuid;

pub(crate) async fn insert(tx: &mut Tx, id: ClientId, name: &str, key_hash: &[u8], now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(client::table)
        .values((
            client::id.eq(id.uuid()),
            client::name.eq(name),
            client::key_hash.eq(key_hash),
            client::created_at.eq(now),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn by_key_hash(conn: &mut AsyncPgConnection, key_hash: &[u8]) -> Result<Option<ClientId>> {
    let query =
        client::table.filter(client::key_hash.eq(key_hash)).filter(client::disabled_at.is_null()).select(client::id);
    let id: Option<Uuid> = query.first(conn).await.optional()?;
    Ok(id.map(ClientId::new))
}

pub(crate) async fn insert_verification(
    tx: &mut Tx,
    id: VerificationId,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(verification::table)
        .values((
            verification::id.eq(id.uuid()),
            verification::client_id.eq(client.uuid()),
            verification::created_at.eq(now),
        ))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Locks a verification so that two attempts cannot be opened at once; `None` when it is not this client's.
pub(crate) async fn lock_verification(tx: &mut Tx, id: VerificationId, client: ClientId) -> Result<Option<()>> {
    let query = verification::table
        .find(id.uuid())
        .filter(verification::client_id.eq(client.uuid()))
        .for_update()
        .select(verification::id);
    let found: Option<Uuid> = query.first(&mut **tx).await.optional()?;
    Ok(found.map(|_| ()))
}

/// An answered or running call.
#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency)]
pub(crate) struct Answered {
    pub request_hash: Vec<u8>,
    pub status: Option<i16>,
    pub response: Option<Vec<u8>>,
    pub created_at: DateTime<Utc>,
}

/// Whether this call is the first with its key.
pub(crate) async fn begin_call(
    tx: &mut Tx,
    client: ClientId,
    key: &str,
    request_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool> {
    let inserted = diesel::insert_into(idempotency::table)
        .values((
            idempotency::client_id.eq(client.uuid()),
            idempotency::key.eq(key),
            idempotency::request_hash.eq(request_hash),
            idempotency::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(&mut **tx)
        .await?;
    Ok(inserted == 1)
}

pub(crate) async fn lock_call(tx: &mut Tx, client: ClientId, key: &str) -> Result<Option<Answered>> {
    let query = idempotency::table.find((client.uuid(), key)).for_update().select(Answered::as_select());
    Ok(query.first(&mut **tx).await.optional()?)
}

pub(crate) async fn finish_call(tx: &mut Tx, client: ClientId, key: &str, answer: (i16, &[u8])) -> Result<()> {
    diesel::update(idempotency::table.find((client.uuid(), key)))
        .set((idempotency::status.eq(answer.0), idempotency::response.eq(answer.1)))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn forget_call(tx: &mut Tx, client: ClientId, key: &str) -> Result<()> {
    diesel::delete(idempotency::table.find((client.uuid(), key))).execute(&mut **tx).await?;
    Ok(())
}

pub(crate) async fn forget_calls_before(conn: &mut AsyncPgConnection, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(idempotency::table.filter(idempotency::created_at.lt(before))).execute(conn).await?)
}
