//! The check before and after the checker's own answer: what the page says, and above all what it does not.

use crate::{app, app_with, signed_in};
use acceptance::{App, Console, RecordService, Submitted, claim, recorded, tiny_photo, tiny_video};
use domain::precheck::Check;
use embedded::demographics::Person;

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

/// Asks for everything that waits for a later step, by page, by data, by address and by form; none of it may come.
async fn nothing_of_a_later_step_leaves(app: &App, console: &Console, submitted: &Submitted, reached: usize) {
    let page = console.get("/console/submission").await;
    let (id, fence) = (field(&page.body, "id"), field(&page.body, "fence"));
    let held = [("id", id.as_str()), ("fence", fence.as_str())];
    let data = [("accept", "application/json"), ("sec-fetch-site", "same-origin")];
    let asked = console.get_with("/console/submission", &data[..1]).await;
    let forms = [
        ("face", ("rating", "maybe")),
        ("numbers", ("typed", "12")),
        ("document", ("seen_readable", "maybe")),
        ("review", ("outcome", "approved")),
        ("decision", ("outcome", "approved")),
        ("earlier", ("outcome", "approved")),
    ];
    let mut seen = vec![("page", without_ids(&page.body)), ("data", without_ids(&asked.body))];
    for (name, extra) in forms {
        let form: Vec<_> = held.iter().copied().chain([extra]).collect();
        let answer = console.post_with(&format!("/console/submission/{name}"), &form, &data).await;
        assert!(answer.status >= 400, "{name} at step {reached}: {}", answer.body);
        seen.push((name, without_ids(&answer.body)));
    }
    let digits: String = submitted.challenge.split_whitespace().collect();
    let numbers_and_claim = [
        submitted.challenge.as_str(),
        &digits,
        "Specimen",
        "Mary Ann",
        "991 200 3888",
        "SW1A",
        "1987",
        "ZZ99",
        "the record",
    ];
    let mut hidden: Vec<&str> = Vec::new();
    if reached < 3 {
        hidden.extend(numbers_and_claim);
    }
    if reached < 4 {
        hidden.extend([
            "SPECIMEN",
            "Told us",
            "sharpness",
            "loudness_lufs",
            "No concern",
            "Agrees with you",
            "/console/submission/review",
        ]);
        hidden.extend(Check::ALL.iter().map(|check| check.label()));
    }
    for (where_from, body) in &seen {
        for text in &hidden {
            assert!(!body.contains(text), "{text} came from {where_from} at step {reached}");
        }
    }
    for kind in ["document_large", "document_small", "photo_large", "photo_small"] {
        let status = console.get(&artefact(app, kind).await).await.status;
        assert_eq!(status, if reached < 3 { 409 } else { 200 }, "{kind} at step {reached}");
    }
    assert_eq!(console.get(&artefact(app, "machine_report").await).await.status, 404, "at every step");
    assert_eq!(app.sql("SELECT count(*) FROM decision").await, "0");
}

async fn artefact(app: &App, kind: &str) -> String {
    let id = app.sql(&format!("SELECT id FROM artefact WHERE kind = '{kind}' AND evidence_id IN (SELECT id FROM evidence WHERE kind = 'id_photo_front')")).await;
    format!("/console/media/art_{}", id.replace('-', ""))
}

#[tokio::test]
async fn each_step_is_refused_before_the_one_before_it_and_shows_nothing_of_a_later_one() {
    let service = RecordService::start(vec![Person { postcode: "ZZ99 9ZZ".to_owned(), ..recorded() }]);
    let app = app_with([service.setting()]).await;
    let (console, submitted) = opened_check(&app).await;
    let page = console.get("/console/submission").await;
    let (id, fence) = (field(&page.body, "id"), field(&page.body, "fence"));
    let digits: String = submitted.challenge.split_whitespace().collect();
    let held = [("id", id.as_str()), ("fence", fence.as_str())];
    let face = [held[0], held[1], ("rating", "sure_same")];
    let numbers = [held[0], held[1], ("given", "said"), ("typed", &digits)];
    let document: Vec<_> = held.iter().copied().chain(DOCUMENT_GOOD).collect();
    let send = async |step: &str, form: &[(&str, &str)]| {
        console.post(&format!("/console/submission/{step}"), form).await.status
    };
    assert_eq!((send("numbers", &numbers).await, send("document", &document).await), (409, 409));
    nothing_of_a_later_step_leaves(&app, &console, &submitted, 1).await;
    assert_eq!(send("face", &face).await, 303);
    assert_eq!(send("document", &document).await, 409);
    nothing_of_a_later_step_leaves(&app, &console, &submitted, 2).await;
    assert_eq!(send("numbers", &numbers).await, 303);
    nothing_of_a_later_step_leaves(&app, &console, &submitted, 3).await;
    let page = console.get("/console/submission").await;
    for text in ["In the record: ", "ZZ99 9ZZ", "Record agrees", "Record differs"] {
        assert!(page.body.contains(text), "{text}");
    }
    assert_eq!(send("document", &document).await, 303);
    let page = console.get("/console/submission").await;
    let on_the_document = ["Read on the document", "TESTERSEN", "12 August ’76", "1 May 2033", "Told us"];
    let all = [submitted.challenge.as_str(), "Specimen", "SW1A 1AA", "No concern", "Agrees with you"];
    for text in all.into_iter().chain(on_the_document) {
        assert!(page.body.contains(text), "{text}");
    }
    assert_eq!(app.sql("SELECT string_agg(step, ' ' ORDER BY ordinal) FROM reading").await, "face numbers document");
    let stored = app.sql("SELECT string_agg(answer::text, ' ') FROM reading").await;
    assert!(!stored.contains(&digits), "what was typed is sealed: {stored}");
}

#[tokio::test]
async fn what_the_checker_made_out_is_compared_with_what_was_asked_for() {
    let app = app().await;
    let (console, submitted) = opened_check(&app).await;
    let page = console.get("/console/submission").await;
    let (id, fence) = (field(&page.body, "id"), field(&page.body, "fence"));
    let empty = console.post("/console/submission/face", &[("id", &id), ("fence", &fence)]).await;
    assert!(empty.status == 422 && empty.body.contains("Choose what you see"), "{}", empty.body);
    let unsure = [("id", id.as_str()), ("fence", &fence), ("rating", "unsure")];
    let features = console.post("/console/submission/face", &unsure).await;
    assert!(features.status == 422 && features.body.contains("Compare the five features"), "{}", features.body);
    let face = [("id", id.as_str()), ("fence", &fence), ("rating", "sure_same")];
    assert_eq!(console.post("/console/submission/face", &face).await.status, 303);
    let typed = async |typed: &str| {
        let form = [("id", id.as_str()), ("fence", &fence), ("given", "signed"), ("typed", typed)];
        console.post("/console/submission/numbers", &form).await
    };
    let refused = typed("37").await;
    assert!(refused.status == 422 && refused.body.contains(r#"value="37""#), "what was typed stays: {}", refused.body);
    let wrong = if submitted.challenge.starts_with('1') { "2???" } else { "1???" };
    assert_eq!(typed(wrong).await.status, 303);
    let page = console.get("/console/submission").await;
    assert!(page.body.contains("At least one number is not the one"), "{}", page.body);
    assert!(page.body.contains(&submitted.challenge));
    let sealed =
        app.sql("SELECT typed_sealed IS NOT NULL, answer ->> 'matched' FROM reading WHERE step = 'numbers'").await;
    assert_eq!(sealed, "t|different");
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

/// Every question about the document answered with yes.
pub const DOCUMENT_GOOD: [(&str, &str); 5] = [
    ("seen_readable", "yes"),
    ("seen_genuine", "yes"),
    ("seen_in_date", "yes"),
    ("seen_names_match", "yes"),
    ("seen_birth_matches", "yes"),
];

/// Answers the three steps by forms: the faces as told, the numbers as they were asked for, the document as good.
pub async fn answer_all(app: &App, console: &Console, (id, fence): (&str, &str), rating: &str) {
    let held = [("id", id), ("fence", fence)];
    let features = ["feature_ears", "feature_eyes", "feature_nose", "feature_mouth_and_chin", "feature_marks"]
        .map(|name| (name, "alike"));
    let numbers = app.challenge_of(id.parse().unwrap());
    let face: Vec<_> = held.into_iter().chain([("rating", rating)]).chain(features).collect();
    let numbers: Vec<_> = held.into_iter().chain([("given", "said"), ("typed", &numbers)]).collect();
    let document: Vec<_> = held.into_iter().chain(DOCUMENT_GOOD).collect();
    for (step, form) in [("face", face), ("numbers", numbers), ("document", document)] {
        let answer = console.post(&format!("/console/submission/{step}"), &form).await;
        assert_eq!(answer.status, 303, "{step}: {}", answer.body);
    }
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
