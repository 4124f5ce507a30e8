//! Deciding by plain forms, from the start page to the letter.

use crate::workspace::{answer_all, field};
use crate::{app, signed_in};
use acceptance::{App, Console};
use chrono::TimeDelta;

/// Takes the next check and answers the three steps: the faces as told, the rest as good.
async fn rated(app: &App, console: &Console, rating: &str) -> (String, String) {
    assert_eq!(console.post("/console/next", &[]).await.status, 303);
    let page = console.get("/console/submission").await;
    let (id, fence) = (field(&page.body, "id"), field(&page.body, "fence"));
    answer_all(app, console, (&id, &fence), rating).await;
    (id, fence)
}

async fn waiting(app: &App) -> Console {
    app.submit_unseen().await;
    signed_in(app, "Ada").await
}

#[tokio::test]
async fn a_rejection_is_previewed_confirmed_undone_and_confirmed_again() {
    let app = app().await;
    let console = waiting(&app).await;
    let (id, fence) = rated(&app, &console, "cannot_tell").await;
    let mut form = vec![
        ("id", id.as_str()),
        ("fence", &fence),
        ("outcome", "rejected"),
        ("reason", "face_differs"),
        ("patient_note", "Please <b>ask</b> your surgery."),
        ("internal_note", "Ears differ"),
    ];
    let confirm = console.post("/console/submission/review", &form).await;
    assert_eq!(confirm.status, 200);
    for text in [
        "We could not prove who you are",
        "Please &lt;b&gt;ask&lt;/b&gt; your surgery.",
        "Ears differ",
        "Nothing is stored yet",
    ] {
        assert!(confirm.body.contains(text), "{text}: {}", confirm.body);
    }
    assert_eq!(app.sql("SELECT count(*) FROM decision").await, "0");
    form.push(("then", "home"));
    let decided = console.post("/console/submission/decision", &form).await;
    assert_eq!(decided.status, 303);
    let home = console.get(decided.header("location")).await;
    assert!(home.body.contains("You can undo it until"), "{}", home.body);

    app.advance(TimeDelta::seconds(30));
    assert_eq!(console.post("/console/undo", &[("id", &id)]).await.header("location"), "/console?said=undone");
    let page = console.get("/console/submission").await;
    let fence = field(&page.body, "fence");
    let form =
        [("id", id.as_str()), ("fence", &fence), ("outcome", "rejected"), ("reason", "face_differs"), ("then", "home")];
    assert_eq!(console.post("/console/submission/decision", &form).await.status, 303);
    app.let_undo_pass().await;
    assert_eq!(app.smtp.letters().len(), 1);
    assert!(!app.smtp.letters()[0].raw.contains("Ears"));
    let late = console.post("/console/undo", &[("id", &id)]).await;
    assert_eq!(late.status, 409, "{}", late.body);
}

#[tokio::test]
async fn what_is_missing_is_named_and_what_was_typed_is_kept() {
    let app = app().await;
    let console = waiting(&app).await;
    let (id, fence) = rated(&app, &console, "unsure").await;
    let held = [("id", id.as_str()), ("fence", fence.as_str())];
    let review = async |fields: &[(&str, &str)]| {
        let all: Vec<_> = held.iter().chain(fields).copied().collect();
        console.post("/console/submission/review", &all).await
    };
    let page = review(&[("patient_note", "typed-and-kept")]).await;
    assert!(page.body.contains("Choose what you decide.") && page.body.contains("typed-and-kept"), "{}", page.body);
    let page = review(&[("outcome", "ask_again"), ("reason", "blurred")]).await;
    assert!(page.body.contains("Choose what the patient should send again."), "{}", page.body);
    let page = review(&[("outcome", "rejected")]).await;
    assert!(page.body.contains("Choose at least one reason."), "{}", page.body);
    let page = review(&[("outcome", "approved")]).await;
    assert!(page.body.contains("You can approve only after answering"), "{}", page.body);
    assert_eq!(app.sql("SELECT count(*) FROM decision").await, "0");
}

#[tokio::test]
async fn a_lapsed_check_cannot_be_decided_and_the_page_says_why() {
    let app = app().await;
    let console = waiting(&app).await;
    let (id, fence) = rated(&app, &console, "sure_same").await;
    app.advance(app.ctx.config().review.lease);
    app.sweep().await;
    let form = [("id", id.as_str()), ("fence", &fence), ("outcome", "approved"), ("then", "home")];
    let page = console.post("/console/submission/decision", &form).await;
    assert_eq!((page.status, page.header("location")), (303, "/console?said=returned"));
    let home = console.get("/console?said=returned").await;
    assert!(home.body.contains("returned to the queue"), "{}", home.body);
    assert_eq!(app.sql("SELECT count(*) FROM decision").await, "0");
}

#[tokio::test]
async fn the_record_tells_the_story_and_reading_it_is_part_of_it() {
    let app = app().await;
    let console = waiting(&app).await;
    let (id, fence) = rated(&app, &console, "sure_same").await;
    let form = [("id", id.as_str()), ("fence", &fence), ("outcome", "approved"), ("then", "home")];
    assert_eq!(console.post("/console/submission/decision", &form).await.status, 303);
    let reference = app.sql("SELECT reference FROM submission").await;
    let record = console.get(&format!("/console/submission/{reference}")).await;
    for text in ["Submission opened", "Face question answered", "Decided", "Ada"] {
        assert!(record.body.contains(text), "{text}");
    }
    assert_eq!(app.sql("SELECT count(*) FROM audit_event WHERE action = 'record_viewed'").await, "1");
    let ben = signed_in(&app, "Ben").await;
    assert_eq!(ben.get(&format!("/console/submission/{reference}")).await.status, 403, "he never had it");
    app.let_undo_pass().await;
}
