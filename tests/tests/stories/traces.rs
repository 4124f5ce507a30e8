//! Traces: from a client's call through the job it owed, with nothing personal, and only where a collector is set.

use acceptance::{App, Hook, Setup, claim, tiny_photo, tiny_video};
use serde_json::Value;
use workflow::{CancellationToken, trace};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

async fn app_with(hook: &Hook) -> App {
    let settings = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", hook.address))];
    App::start(Setup { settings, ..Setup::usual(env!("CARGO_BIN_EXE_inspect")) }).await
}

fn attribute<'a>(span: &'a Value, key: &str) -> &'a str {
    let all = span["attributes"].as_array().unwrap();
    all.iter().find(|one| one["key"] == key).map_or("", |one| one["value"]["stringValue"].as_str().unwrap())
}

#[tokio::test]
async fn a_job_continues_the_trace_of_the_call_that_owed_it() {
    let hook = Hook::start().await;
    let app = app_with(&hook).await;
    let opened = app.open(&claim()).await;
    assert_eq!(app.api.upload(&opened.id, "id_photo_front", tiny_photo()).await.status, 200);
    assert_eq!(app.api.upload(&opened.id, "face_video", tiny_video()).await.status, 200);
    let complete = app.api.request(reqwest::Method::POST, &format!("/v1/submissions/{}/complete", opened.id));
    let complete = complete.header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    assert_eq!(complete.send().await.unwrap().status(), 202);
    let carried = app.sql("SELECT trace FROM job WHERE kind = 'run_precheck'").await;
    assert!(carried.starts_with(&format!("00-{TRACE}-")), "{carried}");
    app.drain().await;
    let stop = CancellationToken::new();
    stop.cancel();
    trace::send(app.ctx.clone(), "test", stop).await;

    let [sent] = hook.received().try_into().unwrap();
    assert!(sent.head.starts_with("POST /v1/traces HTTP/1.1"), "{}", sent.head);
    let spans = sent.json()["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
    let named =
        |name: &str| spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("{name}: {spans:?}"));
    let call = named("POST /v1/submissions/{id}/complete");
    assert_eq!((&call["traceId"], &call["parentSpanId"]), (&TRACE.into(), &"00f067aa0ba902b7".into()));
    assert_eq!(attribute(call, "http.response.status_code"), "202");
    let job = named("process run_precheck");
    assert_eq!(
        (&job["traceId"], &job["parentSpanId"]),
        (&TRACE.into(), &call["spanId"]),
        "the job is the call's child"
    );
    assert_eq!(attribute(job, "messaging.destination.name"), "media");
    assert_ne!(named("POST /v1/submissions")["traceId"], TRACE, "a call without a parent begins a trace");
    for personal in ["Mary", "Specimen", "1987", "9912003888", "SW1A", "mary@", opened.id.as_str()] {
        assert!(!sent.body.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn without_a_collector_nothing_is_kept_and_jobs_carry_only_what_their_caller_named() {
    let app = crate::app().await;
    app.submit_unseen().await;
    assert_eq!(app.sql("SELECT count(*) FROM job WHERE trace IS NOT NULL").await, "0");
    let stop = CancellationToken::new();
    stop.cancel();
    trace::send(app.ctx.clone(), "test", stop).await;
}
