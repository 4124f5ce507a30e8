//! Where the demographic record is asked for.

use super::keys::Settings;
use super::read_optional;
use crate::post::Endpoint;
use domain::redacted::Redacted;

/// A FHIR R4 service that answers searches for a `Patient`.
#[derive(Debug, Clone)]
pub struct DemographicsSettings {
    /// The base address, without `/Patient`.
    pub url: String,
    /// Sent as a bearer token.
    pub token: Option<Redacted<String>>,
}

pub(super) fn read(s: &mut Settings) -> Option<DemographicsSettings> {
    let url = read_optional(s, "demographics.url", "https://…, or http:// to this machine", |text| {
        Endpoint::parse(text).map(|_| text.trim_end_matches('/').to_owned())
    });
    let token = s.optional("demographics.token").map(Redacted::new);
    url.map(|url| DemographicsSettings { url, token })
}
