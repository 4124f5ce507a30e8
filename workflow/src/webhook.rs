//! Alarms to a receiver of ops' choosing: JSON without anything personal, signed, so that nobody else can raise or change one.

use crate::Result;
use crate::alert::{self, Alert};
use crate::ctx::Ctx;
use crate::post::{Endpoint, PostError, post};
use aws_lc_rs::hmac;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::redacted::Redacted;
use serde_json::{Value, json};
use uuid::Uuid;

/// Unix seconds of the sending, then HMAC-SHA-256 in hex over those seconds, a full stop and the body.
pub const SIGNATURE_HEADER: &str = "Proofdesk-Signature";
/// The same for every attempt of one delivery, so that a receiver can drop repeats.
pub const DELIVERY_HEADER: &str = "Proofdesk-Delivery";
/// A shorter secret can be guessed.
pub const SECRET_CHARS_MIN: usize = 16;

/// Where alarms go, and what they are signed with.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    pub to: Endpoint,
    pub secret: Redacted<String>,
}

/// Sends one alarm, if a receiver is set. `delivery` stays the same when it is sent again.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the facts cannot be read; the inner one says how the receiver answered.
pub async fn tell(
    ctx: &Ctx,
    alert: Alert,
    delivery: Uuid,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), PostError>> {
    let Some(settings) = &ctx.config().ops.webhook else { return Ok(Ok(())) };
    let body = body(alert, &alert::facts(ctx, alert, now).await?, delivery, now).to_string();
    let signature = signature(settings.secret.expose(), now, body.as_bytes());
    let delivery = delivery.to_string();
    let headers = [(SIGNATURE_HEADER, signature.as_str()), (DELIVERY_HEADER, delivery.as_str())];
    Ok(post(&settings.to, &headers, body.as_bytes()).await)
}

fn body(alert: Alert, facts: &[(&'static str, String)], delivery: Uuid, now: DateTime<Utc>) -> Value {
    let words = alert.kind.words();
    let facts: serde_json::Map<String, Value> =
        facts.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect();
    json!({
        "delivery": delivery, "alert": alert.kind.code(), "severity": alert.kind.severity().code(),
        "subject": words.subject, "what_happened": words.what_happened, "what_to_do": words.what_to_do,
        "runbook": words.page, "submission": alert.submission.map(|submission| submission.reference()),
        "sent_at": now.to_rfc3339_opts(SecondsFormat::Secs, true), "facts": facts,
    })
}

/// `t=1772445600,v1=…`
pub fn signature(secret: &str, now: DateTime<Utc>, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("{}.", now.timestamp()).as_bytes());
    context.update(body);
    let hex: String = context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={},v1={hex}", now.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_hmac_that_any_other_tool_computes() {
        let now = DateTime::from_timestamp(1_772_445_600, 0).unwrap();
        // printf '1772445600.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        let expected = "t=1772445600,v1=53c32c3d74bd4745473c767ad7e8c57e64b01bed02e8f224e49ca71f759828d3";
        assert_eq!(signature("0123456789abcdef", now, br#"{"a":1}"#), expected);
        assert_ne!(signature("0123456789abcdef", now, br#"{"a":2}"#), expected);
    }
}
