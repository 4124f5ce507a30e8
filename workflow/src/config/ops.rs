//! How those who run it are told: escalation, webhook, metrics and traces.

use super::keys::Settings;
use super::read_optional;
use crate::post::Endpoint;
use crate::webhook::{SECRET_CHARS_MIN, WebhookSettings};
use domain::identity::EmailAddress;
use domain::redacted::Redacted;
use std::net::SocketAddr;

/// How those who run it are told, beside the mail.
#[derive(Debug, Clone)]
pub struct OpsSettings {
    /// Who gets what is escalated, beside the address of every alarm.
    pub escalation_email: Option<EmailAddress>,
    pub webhook: Option<WebhookSettings>,
    /// Where this process shows its metrics; nowhere when empty.
    pub metrics_listen: Option<SocketAddr>,
    /// Where traces go; nowhere when empty.
    pub traces: Option<Endpoint>,
}

pub(super) fn read(s: &mut Settings) -> OpsSettings {
    let address = |text: &str| EmailAddress::parse(text).ok();
    let to = read_optional(s, "ops.webhook_url", "https://…, or http:// to this machine", Endpoint::parse);
    let secret = read_optional(s, "ops.webhook_secret", "at least 16 characters", |text| {
        (text.chars().count() >= SECRET_CHARS_MIN).then(|| Redacted::new(text.to_owned()))
    });
    if to.is_some() != secret.is_some() {
        s.problem("ops.webhook_url, ops.webhook_secret: set both or none");
    }
    OpsSettings {
        escalation_email: read_optional(s, "ops.escalation_email", "an email address", address),
        webhook: to.zip(secret).map(|(to, secret)| WebhookSettings { to, secret }),
        metrics_listen: read_optional(s, "ops.metrics_listen", "an address such as 127.0.0.1:9100", |text| {
            text.parse().ok()
        }),
        traces: read_optional(s, "ops.otlp_endpoint", "https://…, or http:// to this machine", Endpoint::parse),
    }
}
