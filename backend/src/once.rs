//! A creating call is answered once: its repeat with the same `Idempotency-Key` gets the stored answer.

use crate::error::{Failure, Kind};
use actix_web::http::header::HeaderMap;
use chrono::{DateTime, Utc};
use domain::ids::ClientId;
use sha2::{Digest, Sha256};
use std::future::Future;
use workflow::Ctx;
use workflow::idempotency::{self, Begun};

/// The header with the key.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The header that tells a stored answer from a first one.
pub const IDEMPOTENCY_REPLAYED: &str = "idempotency-replayed";

const KEY_CHARS_MAX: usize = 255;

/// One call, as far as its repeats must agree with it.
#[derive(Debug)]
pub struct Call {
    client: ClientId,
    key: Option<String>,
    request: [u8; 32],
}

/// What was answered, now or the first time.
#[derive(Debug)]
pub struct Answered {
    pub body: String,
    pub replayed: bool,
}

impl Call {
    /// # Errors
    /// [`Kind::HeaderInvalid`] for a key that is empty, too long or not printable ASCII.
    pub fn new(client: ClientId, operation: &str, headers: &HeaderMap, body: &[u8]) -> Result<Call, Failure> {
        let key = key(headers)?;
        let request = Sha256::new().chain_update(operation).chain_update([0]).chain_update(body).finalize().into();
        Ok(Call { client, key, request })
    }
}

/// Does `work` unless the call was answered before. A call that fails is not stored: its repeat may succeed.
///
/// # Errors
/// Those of `work`; [`Kind::IdempotencyKeyReused`] and [`Kind::IdempotencyInProgress`].
pub async fn once(
    ctx: &Ctx,
    call: Call,
    status: u16,
    work: impl Future<Output = Result<String, Failure>>,
    now: DateTime<Utc>,
) -> Result<Answered, Failure> {
    let Some(key) = call.key else {
        return Ok(Answered { body: work.await?, replayed: false });
    };
    let ticket = match idempotency::begin(ctx, call.client, &key, call.request, now).await? {
        Begun::New(ticket) => ticket,
        Begun::Replay { body, .. } => return Ok(Answered { body, replayed: true }),
        Begun::Mismatch => return Err(Failure::new(Kind::IdempotencyKeyReused)),
        Begun::InProgress => return Err(Failure::new(Kind::IdempotencyInProgress)),
    };
    let done = work.await;
    let kept = match &done {
        Ok(body) => idempotency::finish(ctx, ticket, status, body).await,
        Err(_) => idempotency::abandon(ctx, ticket).await,
    };
    if let Err(error) = kept {
        // The work is done and its answer is right; only a repeat will not find it.
        tracing::warn!(%error, client = %call.client, "an answer could not be kept for repeats");
    }
    Ok(Answered { body: done?, replayed: false })
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match value.to_str().map(str::trim) {
        Ok(key) if (1..=KEY_CHARS_MAX).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => {
            let detail = format!("`Idempotency-Key` has 1 to {KEY_CHARS_MAX} printable ASCII characters.");
            Err(Failure::saying(Kind::HeaderInvalid, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn headers(key: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(IDEMPOTENCY_KEY), HeaderValue::from_bytes(key).unwrap());
        headers
    }

    #[test]
    fn a_key_is_optional_but_never_nonsense() {
        assert_eq!(key(&HeaderMap::new()).unwrap(), None);
        assert_eq!(key(&headers(b"order-7")).unwrap().as_deref(), Some("order-7"));
        for nonsense in [b"".as_slice(), b"  ", &[b'a'; 256], b"caf\xe9"] {
            assert_eq!(key(&headers(nonsense)).unwrap_err().kind(), Kind::HeaderInvalid, "{nonsense:?}");
        }
    }

    #[test]
    fn another_operation_or_another_body_is_another_request() {
        let call = |operation, body: &[u8]| {
            let client = ClientId::new(workflow::clock::new_uuid(DateTime::UNIX_EPOCH));
            Call::new(client, operation, &HeaderMap::new(), body).unwrap().request
        };
        assert_eq!(call("open", b"{}"), call("open", b"{}"));
        assert_ne!(call("open", b"{}"), call("open", b"{ }"));
        assert_ne!(call("open", b"{}"), call("close", b"{}"));
    }
}
