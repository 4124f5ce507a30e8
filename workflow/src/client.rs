//! Client apps: added by ops, known by a key of 256 random bits that is stored only as its hash.

use crate::Result;
use crate::audit::{self, Actor, AuditEvent};
use crate::clock::new_uuid;
use crate::crypto::random_bytes;
use crate::ctx::Ctx;
use crate::db::{Tx, client};
use crate::error::Error;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::ids::ClientId;
use domain::redacted::Redacted;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Every key starts so, to be recognised by secret scanners.
const KEY_PREFIX: &str = "pdk_";

/// Adds a client; the key is shown once and cannot be shown again.
///
/// # Errors
/// [`Error::Invalid`] for an empty name.
pub async fn add(ctx: &Ctx, name: &str, now: DateTime<Utc>) -> Result<(ClientId, Redacted<String>)> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::invalid("name", "missing", "Give the client a name."));
    }
    let key = format!("{KEY_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
    let hash = hash(&key);
    let id = ClientId::new(new_uuid(now));
    ctx.db()
        .tx("client.add", async |tx: &mut Tx| {
            client::insert(tx, id, name, &hash, now).await?;
            let detail = json!({ "client": id });
            let event = AuditEvent { submission: None, actor: Actor::System, action: "client_added", detail };
            audit::append(tx, event, now).await
        })
        .await?;
    Ok((id, Redacted::new(key)))
}

/// Whose key this is; `None` when it is nobody's.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be asked.
pub async fn authenticate(ctx: &Ctx, key: &str) -> Result<Option<ClientId>> {
    // Looked up by its hash: how long a comparison takes says nothing about the key.
    client::by_key_hash(&mut *ctx.db().conn().await?, &hash(key)).await
}

fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key).to_vec()
}
