//! What the door keeps without asking any dependency: who may call, what is refused, and the shape of every answer.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should panic")]

use actix_web::App;
use actix_web::http::header::HeaderMap;
use actix_web::middleware::from_fn;
use actix_web::test::{self, TestRequest};
use backend::{Door, every_answer};
use chrono::DateTime;
use serde_json::Value;
use workflow::Ctx;
use workflow::clock::Clock;
use workflow::config::Config;
use workflow::crypto::Kek;
use workflow::objects::Objects;

const SUBMISSION: &str = "/v1/submissions/sub_0193a6f05c7e7c1a9d3e4b5a69788796";
const KEY: (&str, &str) = ("authorization", "Bearer pdk_nobody");

/// A context whose database cannot be reached: nothing listens on the discard port of this machine.
fn ctx(mode: &str) -> Ctx {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("kek");
    Kek::generate_file(&key_file).unwrap();
    let environment = [
        ("PROOFDESK_MODE", mode.to_owned()),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none".to_owned()),
        ("PROOFDESK_KEY_FILE", key_file.display().to_string()),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    let config = Config::load(None, environment).unwrap();
    Ctx::with_objects(config, Clock::fixed(DateTime::UNIX_EPOCH), Objects::memory()).unwrap()
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        problem
    }

    fn code(&self) -> String {
        self.problem()["code"].as_str().unwrap().to_owned()
    }
}

async fn call(request: TestRequest) -> Answer {
    call_door(Door::new(ctx("development")), request).await
}

async fn call_door(door: Door, request: TestRequest) -> Answer {
    let app = App::new().wrap(from_fn(every_answer::every_answer)).configure(move |config| door.configure(config));
    let answer = test::call_service(&test::init_service(app).await, request.to_request()).await;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = test::read_body(answer).await;
    Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

fn request(method: &str, path: &str) -> TestRequest {
    TestRequest::with_uri(path).method(method.parse().unwrap())
}

#[actix_web::test]
async fn nobody_gets_in_without_a_key() {
    let closed = [
        ("POST", "/v1/submissions".to_owned()),
        ("GET", SUBMISSION.to_owned()),
        ("PUT", format!("{SUBMISSION}/evidence/face_video")),
        ("POST", format!("{SUBMISSION}/complete")),
        ("POST", format!("{SUBMISSION}/withdraw")),
    ];
    for (method, path) in closed {
        for key in [None, Some("Basic dXNlcjpwYXNz"), Some("Bearer ")] {
            let sent =
                key.map_or(request(method, &path), |key| request(method, &path).insert_header(("authorization", key)));
            let answer = call(sent).await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"proofdesk\"");
        }
    }
}

#[actix_web::test]
async fn a_cookie_is_no_key_so_no_other_site_can_make_a_browser_call() {
    let answer = call(request("POST", "/v1/submissions").insert_header(("cookie", "key=pdk_nobody"))).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[actix_web::test]
async fn a_database_that_is_down_is_a_passing_failure_and_not_a_refused_key() {
    let answer = call(request("GET", SUBMISSION).insert_header(KEY)).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"));
    assert_eq!(answer.header("retry-after"), "5");
    assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
}

#[actix_web::test]
async fn readiness_names_what_is_down_and_liveness_does_not_care() {
    let answer = call(request("GET", "/readyz")).await;
    let problem = answer.problem();
    assert_eq!((answer.status, problem["code"].as_str()), (503, Some("not_ready")));
    assert_eq!(problem["problems"].as_array().unwrap().len(), 1, "{problem}");
    assert_eq!(problem["problems"][0]["field"], "database");
    assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
    assert_eq!(call(request("GET", "/livez")).await.status, 200);
}

#[actix_web::test]
async fn addresses_that_lead_nowhere_are_problems_too() {
    for (method, path) in [("GET", "/"), ("GET", "/v1/submissions/"), ("DELETE", "/v2"), ("GET", "/v1/%ff")] {
        let answer = call(request(method, path)).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{method} {path}");
    }
}

#[actix_web::test]
async fn a_method_that_does_not_fit_is_told_which_do() {
    for (method, path, allow) in [
        ("GET", "/v1/submissions", "POST"),
        ("POST", "/v1/submissions/x/evidence/face_video", "PUT"),
        ("DELETE", SUBMISSION, "GET, HEAD"),
        ("OPTIONS", "/v1/submissions", "POST"),
    ] {
        let answer = call(request(method, path)).await;
        assert_eq!((answer.status, answer.code().as_str()), (405, "method_not_allowed"), "{method} {path}");
        assert_eq!(answer.header("allow"), allow);
    }
}

#[actix_web::test]
async fn every_answer_has_an_id_of_its_own_and_may_not_be_stored_framed_or_guessed_at() {
    let mut ids = std::collections::BTreeSet::new();
    for path in ["/livez", "/docs", "/docs/docs.css", "/openapi.json", SUBMISSION, "/nowhere"] {
        let answer = call(request("GET", path)).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{path}: {policy}");
        assert_eq!(answer.header("x-request-id").len(), 32, "{path}");
        assert!(ids.insert(answer.header("x-request-id").to_owned()));
    }
}

#[actix_web::test]
async fn an_id_that_the_caller_brings_is_not_taken_over() {
    let answer = call(request("GET", "/livez").insert_header(("x-request-id", "forged"))).await;
    assert_ne!(answer.header("x-request-id"), "forged");
}

#[actix_web::test]
async fn production_keeps_browsers_on_tls() {
    let answer = call_door(Door::new(ctx("production")), request("GET", "/livez")).await;
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
    assert_eq!(call(request("GET", "/livez")).await.header("strict-transport-security"), "");
}

#[actix_web::test]
async fn the_description_and_its_page_are_served() {
    let described = call(request("GET", "/openapi.json")).await;
    assert_eq!(serde_json::from_str::<Value>(&described.body).unwrap()["openapi"], "3.1.0");
    let page = call(request("GET", "/docs")).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.body.starts_with("<!DOCTYPE html>") && page.body.ends_with("</html>"));
    assert!(page.header("content-security-policy").contains("style-src 'self'"));
    assert_eq!(call(request("HEAD", "/docs")).await.status, 200);
}
