//! The record service: a FHIR R4 search for a `Patient`, in the shape of the Personal Demographics Service.
//!
//! Searches are posted as forms (FHIR R4, "search by POST"), because the values of a search are personal and addresses of
//! requests stand in the logs of everything they pass.

mod fhir;

use std::time::Duration;

use domain::demographics::Trace;
use domain::identity::ClaimedIdentity;
use domain::redacted::Redacted;
use reqwest::{Client, StatusCode, redirect};
use workflow::config::Config;

/// Connecting, asking and the whole answer take no longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// A search that fits one or two people is some kilobytes long.
const ANSWER_BYTES_MAX: usize = 1_000_000;

/// A record service.
#[derive(Debug, Clone)]
pub struct Demographics {
    client: Client,
    search: String,
    token: Option<Redacted<String>>,
}

/// Why there is no answer. Nothing of it says anything about the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    #[error("the record service could not be asked: {0}")]
    Away(&'static str),
    #[error("the record service answered {0}")]
    Refused(StatusCode),
    #[error("the record service's answer was not understood: {0}")]
    NotUnderstood(&'static str),
}

impl Demographics {
    /// The service of the settings; `None` when none is set.
    ///
    /// # Errors
    /// When this machine has no usable certificates.
    pub fn of(config: &Config) -> Result<Option<Demographics>, reqwest::Error> {
        let Some(settings) = &config.demographics else { return Ok(None) };
        // What a redirect names is not what was set.
        let client = Client::builder().timeout(ANSWER_WITHIN).redirect(redirect::Policy::none()).build()?;
        let search = format!("{}/Patient/_search", settings.url);
        Ok(Some(Demographics { client, search, token: settings.token.clone() }))
    }

    /// Asks for the record of a claim: by the NHS number, or else by name, date of birth and postcode.
    ///
    /// # Errors
    /// [`TraceError`]; asking again may help.
    pub async fn trace(&self, claimed: &ClaimedIdentity) -> Result<Trace, TraceError> {
        let mut request =
            self.client.post(&self.search).header("accept", fhir::MEDIA_TYPE).form(&fhir::search(claimed));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        let mut response = request.send().await.map_err(away)?;
        match response.status() {
            status if status.is_success() || status == StatusCode::NOT_FOUND => {}
            status => return Err(TraceError::Refused(status)),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(away)? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                return Err(TraceError::NotUnderstood("it is too long"));
            }
        }
        fhir::trace(&body)
    }
}

/// Told by what failed, never by the library's words: they may repeat what was sent.
fn away(error: reqwest::Error) -> TraceError {
    TraceError::Away(if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    })
}
