//! A creating call answered once: its repeat gets the same answer, another request with the same key is refused.

use crate::Result;
use crate::crypto::SubmissionKey;
use crate::ctx::Ctx;
use crate::db::{Tx, client};
use crate::error::Error;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::ClientId;
use serde::{Deserialize, Serialize};

/// A first call that has not answered for this long has died with its process; the repeat may take its place.
const ABANDONED_AFTER: TimeDelta = TimeDelta::minutes(2);

/// The right to answer for a key.
#[derive(Debug)]
pub struct Ticket {
    client: ClientId,
    key: String,
}

/// How a call with a key begins.
#[derive(Debug)]
pub enum Begun {
    New(Ticket),
    Replay {
        status: u16,
        body: String,
    },
    /// The key was used for another request.
    Mismatch,
    /// The first call with this key has not answered yet.
    InProgress,
}

/// Begins a call. `request_hash` is over method, path and body.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn begin(
    ctx: &Ctx,
    client: ClientId,
    key: &str,
    request_hash: [u8; 32],
    now: DateTime<Utc>,
) -> Result<Begun> {
    ctx.db()
        .tx("idempotency.begin", async |tx: &mut Tx| {
            let ticket = || Ticket { client, key: key.to_owned() };
            if client::begin_call(tx, client, key, &request_hash, now).await? {
                return Ok(Begun::New(ticket()));
            }
            let Some(earlier) = client::lock_call(tx, client, key).await? else {
                return Ok(Begun::InProgress);
            };
            if earlier.request_hash != request_hash {
                return Ok(Begun::Mismatch);
            }
            match (earlier.status, earlier.response) {
                (Some(status), Some(sealed)) => replay(ctx, status, &sealed),
                _ if earlier.created_at + ABANDONED_AFTER <= now => {
                    client::forget_call(tx, client, key).await?;
                    client::begin_call(tx, client, key, &request_hash, now).await?;
                    Ok(Begun::New(ticket()))
                }
                _ => Ok(Begun::InProgress),
            }
        })
        .await
}

/// Keeps the answer for repeats. It may hold a challenge, so it is sealed.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn finish(ctx: &Ctx, ticket: Ticket, status: u16, body: &str) -> Result<()> {
    let sealed = seal(ctx, body)?;
    let status = i16::try_from(status).map_err(Error::internal)?;
    ctx.db()
        .tx("idempotency.finish", async |tx: &mut Tx| {
            client::finish_call(tx, ticket.client, &ticket.key, (status, &sealed)).await
        })
        .await
}

/// Frees the key: the call failed in a way that a repeat may mend.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn abandon(ctx: &Ctx, ticket: Ticket) -> Result<()> {
    ctx.db()
        .tx("idempotency.abandon", async |tx: &mut Tx| client::forget_call(tx, ticket.client, &ticket.key).await)
        .await
}

/// An answer is sealed under a key of its own, wrapped by the key file.
#[derive(Serialize, Deserialize)]
struct SealedAnswer {
    key: Vec<u8>,
    body: Vec<u8>,
}

const TABLE: &str = "idempotency";

fn seal(ctx: &Ctx, body: &str) -> Result<Vec<u8>> {
    let key = SubmissionKey::generate();
    let sealed = SealedAnswer {
        key: ctx.kek().wrap_submission_key(uuid::Uuid::nil(), &key),
        body: key.seal_column(TABLE, "response", uuid::Uuid::nil(), body.as_bytes()),
    };
    serde_json::to_vec(&sealed).map_err(Error::internal)
}

fn replay(ctx: &Ctx, status: i16, sealed: &[u8]) -> Result<Begun> {
    let sealed: SealedAnswer = serde_json::from_slice(sealed).map_err(Error::internal)?;
    let key = ctx.kek().unwrap_submission_key(uuid::Uuid::nil(), &sealed.key)?;
    let body = key.open_column(TABLE, "response", uuid::Uuid::nil(), &sealed.body)?;
    Ok(Begun::Replay { status: status.unsigned_abs(), body: String::from_utf8(body).map_err(Error::internal)? })
}
