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
use workflow::trace::{self, Parent};

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
    let asked_at = ctx.now();
    let id = new_uuid(asked_at).simple().to_string();
    let parent = request.headers().get("traceparent").and_then(|header| Parent::parse(header.to_str().ok()?));
    let answered = trace::span(&ctx, (trace::Kind::Server, parent), next.call(request), |answer| match answer {
        Ok(answer) => told(answer),
        Err(_) => trace::Ended { failed: true, ..trace::Ended::default() },
    });
    let mut answer = answered.await?;
    log(&answer, &id);
    let (method, route, status) = seen(&answer);
    ctx.metrics().answered(&method, &route, status, ctx.now() - asked_at);
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

/// Method, pattern of the address and status: never the address itself.
fn seen<B>(answer: &ServiceResponse<B>) -> (String, String, u16) {
    let route = answer.request().match_pattern().unwrap_or_default();
    (answer.request().method().to_string(), route, answer.status().as_u16())
}

fn told<B>(answer: &ServiceResponse<B>) -> trace::Ended {
    let (method, route, status) = seen(answer);
    let name = format!("{method} {route}");
    let attributes =
        vec![("http.request.method", method), ("http.route", route), ("http.response.status_code", status.to_string())];
    trace::Ended { name, attributes, failed: status >= 500 }
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
