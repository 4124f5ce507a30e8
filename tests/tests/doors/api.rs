//! The clients' door: who gets in, what is understood, and what every refusal says.

use crate::app;
use acceptance::{Answer, Api, claim};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_key_that_is_nobodys_opens_nothing_and_a_clients_key_only_its_own() {
    let app = app().await;
    let mine = app.open(&claim()).await;
    let path = format!("/v1/submissions/{}", mine.id);
    let with_key = |key: &str| {
        let (http, base) = (app.api.http.clone(), app.api.base.clone());
        Api { http, base, key: key.to_owned() }
    };
    assert_eq!(with_key("pdk_nobody").get(&path).await.problem(), (401, "unauthorized".to_owned()));
    let (_, key) = workflow::client::add(&app.ctx, "Another client", app.now()).await.unwrap();
    let other = with_key(key.expose());
    assert_eq!(other.get(&path).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(other.withdraw(&mine.id).await.problem(), (404, "not_found".to_owned()));
    let mut theirs = claim();
    theirs["verification"] = json!(mine.verification);
    assert_eq!(other.open(&theirs).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(app.api.get(&path).await.status, 200);
}

#[tokio::test]
async fn every_problem_of_a_claim_is_told_at_once_and_no_value_is_repeated() {
    let app = app().await;
    let wrong =
        json!({"document": "library_card", "date_of_birth": "2020-01-01", "nhs_number": "8527685222", "email": "x7x"});
    let answer = app.api.open(&wrong).await;
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let fields: Vec<&str> = body["problems"].as_array().unwrap().iter().map(|p| p["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["document", "date_of_birth", "nhs_number", "email"]);
    for value in ["library_card", "8527685222", "x7x"] {
        assert!(!answer.body.contains(value), "{}", answer.body);
    }
    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    assert_eq!(app.sql("SELECT count(*) FROM submission").await, "0");
}

#[tokio::test]
async fn what_is_not_understood_is_refused_by_its_kind() {
    let app = app().await;
    let post = |content_type: &'static str, body: &'static str| {
        app.api.request(Method::POST, "/v1/submissions").header("content-type", content_type).body(body)
    };
    let cases = [
        (post("application/json", "{"), 400, "not_json"),
        (post("text/plain", "{}"), 415, "content_type_not_json"),
        (post("application/json", r#"{"status":"approved"}"#), 422, "invalid"),
        (post("application/json", "{}").header("idempotency-key", " "), 400, "header_invalid"),
        (app.api.request(Method::DELETE, "/v1/submissions"), 405, "method_not_allowed"),
        (app.api.request(Method::GET, "/v2"), 404, "not_found"),
    ];
    for (request, status, code) in cases {
        assert_eq!(Answer::of(request).await.problem(), (status, code.to_owned()));
    }
    let large = "x".repeat(2 << 20);
    let answer = Answer::of(
        app.api.request(Method::POST, "/v1/submissions").header("content-type", "application/json").body(large),
    );
    assert_eq!(answer.await.problem(), (413, "too_large".to_owned()));
}

#[tokio::test]
async fn a_second_attempt_waits_for_the_first_to_end() {
    let app = app().await;
    let first = app.open(&claim()).await;
    let mut again = claim();
    again["verification"] = json!(first.verification);
    assert_eq!(app.api.open(&again).await.problem(), (409, "attempt_under_way".to_owned()));
    assert_eq!(app.api.withdraw(&first.id).await.status, 200);
    assert_eq!(app.api.open(&again).await.status, 201);
}

#[tokio::test]
async fn opening_tells_what_to_upload_and_completing_tells_what_is_missing() {
    let app = app().await;
    let opened = app.api.open(&claim()).await.expect(201);
    let numbers = opened["challenge"]["numbers"].as_array().unwrap();
    assert_eq!(numbers.len(), 4);
    let id = opened["id"].as_str().unwrap();
    let missing = app.api.complete(id).await.expect(422);
    let fields: Vec<&str> =
        missing["problems"].as_array().unwrap().iter().map(|p| p["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["id_photo_front", "face_video"]);
    let status = app.api.status(id).await;
    assert_eq!(status["challenge"], opened["challenge"], "shown again while it is open");
}
