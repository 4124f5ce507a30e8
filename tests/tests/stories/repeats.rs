//! A client that repeats a call, because it never saw the answer.

use crate::app;
use acceptance::{Answer, App, claim};
use reqwest::Method;
use serde_json::Value;

async fn open(app: &App, key: &str, claim: &Value) -> Answer {
    let request = app.api.request(Method::POST, "/v1/submissions").header("idempotency-key", key).json(claim);
    Answer::of(request).await
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_opens_nothing_new() {
    let app = app().await;
    let first = open(&app, "order-7", &claim()).await;
    let again = open(&app, "order-7", &claim()).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!(app.sql("SELECT count(*) FROM submission").await, "1");
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let app = app().await;
    assert_eq!(open(&app, "order-7", &claim()).await.status, 201);
    let mut other = claim();
    other["postcode"] = "EC1A 1BB".into();
    assert_eq!(open(&app, "order-7", &other).await.problem(), (422, "idempotency_key_reused".to_owned()));
    assert_eq!(app.sql("SELECT count(*) FROM submission").await, "1");
}

#[tokio::test]
async fn a_call_that_failed_may_be_mended_under_its_key() {
    let app = app().await;
    let mut wrong = claim();
    wrong["nhs_number"] = "8527685222".into();
    assert_eq!(open(&app, "order-7", &wrong).await.problem(), (422, "invalid".to_owned()));
    assert_eq!(open(&app, "order-7", &claim()).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_calls_at_once_with_one_key_only_one_opens() {
    let app = app().await;
    let claim = claim();
    let (one, two) = tokio::join!(open(&app, "order-7", &claim), open(&app, "order-7", &claim));
    for answer in [&one, &two] {
        assert!(matches!(answer.status, 201 | 409), "{}", answer.body);
    }
    assert!(one.status == 201 || two.status == 201);
    assert_eq!(app.sql("SELECT count(*) FROM submission").await, "1");
}

#[tokio::test]
async fn completing_and_withdrawing_twice_answer_the_same() {
    let app = app().await;
    let submitted = app.submit_unseen().await;
    assert_eq!(app.api.complete(&submitted.id).await.expect(202)["status"], "awaiting_review");
    assert_eq!(app.api.withdraw(&submitted.id).await.expect(200)["status"], "withdrawn");
    assert_eq!(app.api.withdraw(&submitted.id).await.expect(200)["status"], "withdrawn");
    assert_eq!(app.trail(submitted.id()).await.iter().filter(|action| *action == "withdrawn").count(), 1);
}
