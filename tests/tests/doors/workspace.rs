//! The check before and after the checker's own answer: what the page says, and above all what it does not.

use crate::{app, signed_in};
use acceptance::{App, Console, Submitted, claim, tiny_photo, tiny_video};
use domain::precheck::Check;

/// A check that is open in front of Ada.
async fn opened_check(app: &App) -> (Console, Submitted) {
    let submitted = app.submit_good().await;
    app.drain().await;
    let console = signed_in(app, "Ada").await;
    let page = console.post("/console/next", &[]).await;
    assert_eq!((page.status, page.header("location")), (303, "/console/submission"));
    (console, submitted)
}

#[tokio::test]
async fn before_the_answer_the_page_holds_no_finding_no_number_and_no_identity() {
    let app = app().await;
    let (console, submitted) = opened_check(&app).await;
    let page = console.get("/console/submission").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(&submitted.reference) && page.body.contains("Are these the same person?"));
    let digits: String = submitted.challenge.split_whitespace().collect();
    let hidden = [
        submitted.challenge.as_str(),
        &digits,
        "Specimen",
        "Mary Ann",
        "9912003888",
        "991 200 3888",
        "SW1A",
        "1987",
        "mary@example.org",
        "sharpness",
        "loudness_lufs",
        "nhsuk-tag",
        "/console/submission/review",
    ];
    let checks = Check::ALL.iter().map(|check| check.label());
    let seen = without_ids(&page.body);
    for text in hidden.into_iter().chain(checks) {
        assert!(!seen.contains(text), "{text} is shown before the answer");
    }
}

#[tokio::test]
async fn the_document_is_not_given_out_before_the_answer_even_to_who_knows_its_address() {
    let app = app().await;
    let (console, _) = opened_check(&app).await;
    let artefact = async |kind: &str| {
        let id = app.sql(&format!("SELECT id FROM artefact WHERE kind = '{kind}' AND evidence_id IN (SELECT id FROM evidence WHERE kind = 'id_photo_front')")).await;
        format!("/console/media/art_{}", id.replace('-', ""))
    };
    let (face, card) = (artefact("portrait").await, artefact("document_large").await);
    let page = console.get("/console/submission").await;
    assert!(page.body.contains(&face) && !page.body.contains(&card), "{}", page.body);
    assert_eq!(console.get(&face).await.status, 200);
    assert_eq!(console.get(&card).await.status, 409);
    assert_eq!(app.sql("SELECT count(*) FROM evidence_view").await, "1", "only the face was seen");
    let (id, fence) = (field(&page.body, "id"), field(&page.body, "fence"));
    let answer = [("id", id.as_str()), ("fence", &fence), ("rating", "probably_same")];
    assert_eq!(console.post("/console/submission/rating", &answer).await.status, 303);
    assert!(console.get("/console/submission").await.body.contains(&card));
    assert_eq!(console.get(&card).await.status, 200);
}

#[tokio::test]
async fn after_the_answer_the_page_shows_everything_and_asks_for_the_decision() {
    let app = app().await;
    let (console, submitted) = opened_check(&app).await;
    let page = console.get("/console/submission").await;
    let (id, fence) = (field(&page.body, "id"), field(&page.body, "fence"));
    let unanswered = console.post("/console/submission/rating", &[("id", &id), ("fence", &fence)]).await;
    assert!(unanswered.body.contains("Choose what you see"), "{}", unanswered.body);
    let answer = [("id", id.as_str()), ("fence", &fence), ("rating", "probably_same")];
    assert_eq!(console.post("/console/submission/rating", &answer).await.status, 303);
    let page = console.get("/console/submission").await;
    for text in [submitted.challenge.as_str(), "Specimen", "SW1A 1AA", "No concern", "/console/submission/review"] {
        assert!(page.body.contains(text), "{text}");
    }
}

#[tokio::test]
async fn every_console_page_brings_a_policy_that_runs_only_its_own_scripts() {
    let app = app().await;
    let (console, _) = opened_check(&app).await;
    let mut nonces = Vec::new();
    for path in ["/console", "/console/submission", "/console"] {
        let page = console.get(path).await;
        let policy = page.header("content-security-policy").to_owned();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "object-src 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {part}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert!(nonce.len() >= 16, "{nonce}");
        for script in page.body.split("<script").skip(1) {
            assert!(
                script.split('>').next().unwrap().contains(&nonce),
                "{path}: a script without the nonce: {script:.80}"
            );
        }
        assert!(
            !page.body.contains(" style=\"") && !page.body.contains(" onclick="),
            "{path}: inline style or handler"
        );
        nonces.push(nonce);
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
    }
    assert_ne!(nonces[0], nonces[2], "a nonce is used once");
    let plain = console.get("/help").await;
    assert!(!plain.header("content-security-policy").contains("script-src") && !plain.body.contains("<script"));
}

#[tokio::test]
async fn a_check_can_be_returned_put_on_hold_and_taken_off_hold_by_forms() {
    let app = app().await;
    let submitted = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    app.drain_unseen().await;
    let console = signed_in(&app, "Ada").await;
    let open = async || {
        assert_eq!(console.post("/console/next", &[]).await.status, 303);
        let page = console.get("/console/submission").await;
        (field(&page.body, "id"), field(&page.body, "fence"))
    };
    let (id, fence) = open().await;
    let back = console.post("/console/submission/return", &[("id", &id), ("fence", &fence)]).await;
    assert_eq!(back.status, 303);
    assert!(console.get("/console/submission").await.body.contains("You have no check open"));

    let (id, fence) = open().await;
    let hold = [("id", id.as_str()), ("fence", &fence), ("hold_reason", "possible_duplicate")];
    assert_eq!(console.post("/console/submission/hold", &hold).await.status, 303);
    let record = console.get(&format!("/console/submission/{}", submitted.reference)).await;
    assert!(record.body.contains("Put on hold"), "{}", record.body);
    assert_eq!(console.post("/console/resume", &[("id", &id)]).await.status, 303);
    let (again, _) = open().await;
    assert_eq!(again, id);
}

/// The value of a hidden field.
pub fn field(html: &str, name: &str) -> String {
    let found = html.split("<input").find(|input| input.contains(&format!("name=\"{name}\""))).unwrap();
    found.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// The page without its identifiers and addresses, whose digits may by chance be the challenge's.
fn without_ids(html: &str) -> String {
    let long = |part: &&str| part.len() > 16 && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let parts = html.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ' '));
    parts.filter(|part| !long(part)).collect::<Vec<_>>().join("|")
}
