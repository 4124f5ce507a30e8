//! Traces across the doors: a client's call, the jobs it owes, the letter at the end. Written by us in OTLP's JSON (OTLP 1.x over HTTP,
//! `/v1/traces`) and only where a collector is set: without one nothing is kept, and a job still carries what its caller named.
//!
//! A span has a name, times and codes. It has no place for free text, so nothing personal can get into one: attributes are names
//! fixed here with values that are patterns, codes or ids.

use crate::ctx::Ctx;
use crate::post::post;
use crate::{Result, db};
use chrono::{DateTime, Utc};
use domain::ids::JobId;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Spans kept until they are sent; with a collector away the newest are dropped, never a request.
const KEPT_MAX: usize = 4_096;
const SEND_EVERY: Duration = Duration::from_secs(2);

tokio::task_local! {
    static CURRENT: Parent;
}

/// Where in which trace we are (W3C Trace Context, version 00).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    trace: [u8; 16],
    span: [u8; 8],
}

/// What a span is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An answer of a door.
    Server,
    /// A start of a job.
    Consumer,
}

/// One finished piece of work.
#[derive(Debug, Clone, PartialEq)]
struct Span {
    of: Parent,
    parent: Option<[u8; 8]>,
    name: String,
    kind: Kind,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    attributes: Vec<(&'static str, String)>,
    failed: bool,
}

/// How a piece of work ended, in codes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ended {
    pub name: String,
    pub attributes: Vec<(&'static str, String)>,
    pub failed: bool,
}

/// The spans of this process that were not sent yet; in its context.
#[derive(Debug, Default)]
pub struct Spans(Mutex<Vec<Span>>);

impl Parent {
    /// Reads `00-<32 hex>-<16 hex>-<flags>`; `None` for anything else, and for ids that are all zero.
    pub fn parse(header: &str) -> Option<Parent> {
        let mut parts = header.trim().split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if version != "00" || flags.len() != 2 || parts.next().is_some() {
            return None;
        }
        let parent = Parent { trace: bytes(trace)?, span: bytes(span)? };
        (parent.trace != [0; 16] && parent.span != [0; 8]).then_some(parent)
    }

    /// The header, as it is stored with a job.
    pub fn header(&self) -> String {
        format!("00-{}-{}-01", hex(&self.trace), hex(&self.span))
    }

    fn child(parent: Option<Parent>) -> Parent {
        Parent {
            trace: parent.map_or_else(crate::crypto::random_bytes, |of| of.trace),
            span: crate::crypto::random_bytes(),
        }
    }
}

/// The header for what is owed by the work that runs now.
pub(crate) fn current() -> Option<String> {
    CURRENT.try_with(|of| of.header()).ok()
}

/// Does `work` as a span under `parent`; `ended` says of its result what the span tells. Without a collector only the work is done, and
/// what it owes carries on the caller's own trace.
pub async fn span<T>(
    ctx: &Ctx,
    (kind, parent): (Kind, Option<Parent>),
    work: impl Future<Output = T>,
    ended: impl FnOnce(&T) -> Ended,
) -> T {
    if ctx.config().ops.traces.is_none() {
        return match parent {
            Some(parent) => CURRENT.scope(parent, work).await,
            None => work.await,
        };
    }
    let (of, from) = (Parent::child(parent), ctx.now());
    let result = CURRENT.scope(of, work).await;
    let Ended { name, attributes, failed } = ended(&result);
    let parent = parent.map(|parent| parent.span);
    ctx.spans().keep(Span { of, parent, name, kind, from, until: ctx.now(), attributes, failed });
    result
}

/// What owed this job, where that is on record. Asked only where a collector is set.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn of_job(ctx: &Ctx, job: JobId) -> Result<Option<Parent>> {
    if ctx.config().ops.traces.is_none() {
        return Ok(None);
    }
    let header = db::job::trace(&mut *ctx.db().conn().await?, job.uuid()).await?;
    Ok(header.as_deref().and_then(Parent::parse))
}

/// Sends spans to the collector until `stop`, and the last of them then.
pub async fn send(ctx: Ctx, service: &'static str, stop: CancellationToken) {
    let Some(collector) = ctx.config().ops.traces.as_ref().map(|base| base.below("/v1/traces")) else { return };
    loop {
        let stopping = tokio::select! {
            () = stop.cancelled() => true,
            () = tokio::time::sleep(SEND_EVERY) => false,
        };
        let spans = ctx.spans().take();
        if !spans.is_empty() {
            let body = request(service, &spans).to_string();
            if let Err(error) = post(&collector, &[], body.as_bytes()).await {
                tracing::debug!(%error, spans = spans.len(), "the collector did not take traces");
            }
        }
        if stopping {
            return;
        }
    }
}

impl Spans {
    fn keep(&self, span: Span) {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spans.len() < KEPT_MAX {
            spans.push(span);
        }
    }

    fn take(&self) -> Vec<Span> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An ExportTraceServiceRequest in the JSON mapping of OTLP: ids in hex, times as strings of nanoseconds.
fn request(service: &str, spans: &[Span]) -> Value {
    let spans: Vec<Value> = spans.iter().map(written).collect();
    let resource = [("service.name", service.to_owned()), ("service.version", env!("CARGO_PKG_VERSION").to_owned())];
    json!({"resourceSpans": [{
        "resource": {"attributes": attributes(&resource)},
        "scopeSpans": [{"scope": {"name": "proofdesk"}, "spans": spans}],
    }]})
}

fn written(span: &Span) -> Value {
    let nanoseconds = |at: DateTime<Utc>| (i128::from(at.timestamp_micros()) * 1_000).to_string();
    json!({
        "traceId": hex(&span.of.trace), "spanId": hex(&span.of.span),
        "parentSpanId": span.parent.map(|id| hex(&id)).unwrap_or_default(),
        "name": span.name,
        "kind": match span.kind { Kind::Server => 2, Kind::Consumer => 5 },
        "startTimeUnixNano": nanoseconds(span.from), "endTimeUnixNano": nanoseconds(span.until),
        "attributes": attributes(&span.attributes),
        "status": {"code": if span.failed { 2 } else { 0 }},
    })
}

fn attributes(pairs: &[(&'static str, String)]) -> Vec<Value> {
    pairs.iter().map(|(key, value)| json!({"key": key, "value": {"stringValue": value}})).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 2 * N || !text.bytes().all(is_hex) {
        return None;
    }
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the W3C recommendation.
    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_is_read_and_written_and_anything_else_is_no_parent() {
        assert_eq!(Parent::parse(HEADER).unwrap().header(), HEADER);
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e47é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(Parent::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_span_is_written_as_the_json_mapping_of_otlp_wants_it() {
        let of = Parent::parse(HEADER).unwrap();
        let at = DateTime::from_timestamp(1_772_445_600, 5_000).unwrap();
        let span = Span {
            of,
            parent: Some([1; 8]),
            name: "GET /livez".to_owned(),
            kind: Kind::Server,
            from: at,
            until: at,
            attributes: vec![("http.route", "/livez".to_owned())],
            failed: true,
        };
        let request = request("backend", &[span]);
        let written = &request["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(written["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!((&written["parentSpanId"], &written["kind"]), (&json!("0101010101010101"), &json!(2)));
        assert_eq!(written["startTimeUnixNano"], "1772445600000005000");
        assert_eq!(written["attributes"][0]["value"]["stringValue"], "/livez");
        assert_eq!(written["status"]["code"], 2);
        assert_eq!(request["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"], "backend");
    }
}
