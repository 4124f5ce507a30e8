//! What every answer carries: a request id, headers that keep it from being stored or misread, and one log line at most.

use crate::error::Failure;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use workflow::Ctx;
use workflow::clock::new_uuid;
use workflow::config::Mode;

pub const REQUEST_ID: &str = "x-request-id";

/// A handler may set a policy of its own; only the readable page does.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const ALWAYS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// Wraps every call.
pub async fn every_answer(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let ctx = request.app_data::<web::Data<Ctx>>().cloned();
    let ctx = ctx.ok_or_else(|| Failure::internal("the door was built without its context"))?;
    let id = new_uuid(ctx.now()).simple().to_string();
    let mut answer = next.call(request).await?;
    log(&answer, &id);
    let headers = answer.headers_mut();
    for (name, value) in ALWAYS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if ctx.config().mode == Mode::Production {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static(REQUEST_ID), id);
    }
    Ok(answer)
}

/// Logs a failure of ours once, with the pattern of the address and never the address itself.
fn log<B>(answer: &ServiceResponse<B>, request_id: &str) {
    let request = answer.request();
    let (method, status) = (request.method(), answer.status().as_u16());
    let route = request.match_pattern().unwrap_or_default();
    let failure = answer.response().error().and_then(|error| error.as_error::<Failure>());
    match failure.and_then(Failure::cause) {
        Some(cause) if status == 500 => tracing::error!(request_id, %method, route, status, cause, "call failed"),
        Some(cause) => tracing::warn!(request_id, %method, route, status, cause, "call failed"),
        None => tracing::debug!(request_id, %method, route, status, "call answered"),
    }
}
