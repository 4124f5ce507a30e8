//! The promise to the patient: broken once at most, told with the time it really broke, and written in a trail that shows tampering.

use crate::app;
use chrono::TimeDelta;
use domain::decision::Outcome;
use domain::reading::FaceRating;
use serde_json::json;
use workflow::{audit, due};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breach_is_recorded_once_by_three_sweeps_at_once_with_the_time_it_happened() {
    let app = app().await;
    let submitted = app.submit_unseen().await;
    app.advance(TimeDelta::hours(5));
    let sweeps = (0..3).map(|_| {
        let ctx = app.ctx.clone();
        tokio::spawn(async move { due::sweep(&ctx, ctx.now()).await.unwrap() })
    });
    futures::future::join_all(sweeps).await;
    let trail = app.trail(submitted.id()).await;
    assert_eq!(trail.iter().filter(|action| *action == "breached").count(), 1, "{trail:?}");
    let recorded = app.sql("SELECT state #>> '{promise,breached_at}' FROM submission").await;
    assert_eq!(recorded, "2026-03-02T12:00:00Z", "two hours after ten, although it is three");
    let told = app.sql("SELECT detail ->> 'due_at' FROM audit_event WHERE action = 'breached'").await;
    assert_eq!(told.trim(), recorded.trim(), "the trail tells the time at which it really happened");
    assert_eq!(due::board(&app.ctx, app.now()).await.unwrap().breached, 1);
    app.drain().await;
}

#[tokio::test]
async fn what_arrives_at_night_is_promised_for_eleven_and_breaks_then() {
    let app = app().await;
    app.advance(TimeDelta::hours(12));
    let submitted = app.submit_unseen().await;
    let estimate = app.api.status(&submitted.id).await["estimate"].clone();
    assert_eq!((&estimate["promised_by"], &estimate["overnight"]), (&json!("2026-03-03T11:00:00Z"), &json!(true)));
    app.advance(TimeDelta::hours(13) - TimeDelta::seconds(1));
    app.sweep().await;
    assert!(!app.trail(submitted.id()).await.contains(&"breached".to_owned()));
    app.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert!(app.trail(submitted.id()).await.contains(&"breached".to_owned()));
}

#[tokio::test]
async fn an_unfinished_submission_expires_without_a_letter() {
    let app = app().await;
    let opened = app.open(&acceptance::claim()).await;
    app.advance(TimeDelta::hours(24));
    app.sweep().await;
    assert_eq!(app.api.status(&opened.id).await["status"], "expired");
    assert!(app.smtp.letters().is_empty());
}

#[tokio::test]
async fn the_trail_of_a_whole_story_is_intact_and_one_changed_row_is_found() {
    let app = app().await;
    let submitted = app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    app.let_undo_pass().await;
    let report = audit::verify(&app.ctx).await.unwrap();
    assert!(report.broken.is_empty(), "{report:?}");
    assert_eq!(report.chains, 2, "the submission's and the one of everything else");
    let story = [
        "opened",
        "evidence_stored",
        "evidence_stored",
        "evidence_complete",
        "precheck_started",
        "precheck_finished",
        "claimed",
        "face_rated",
        "numbers_answered",
        "document_answered",
        "rule_applied",
        "decided",
        "undo_window_closed",
        "notice_sending",
        "notice_sent",
    ];
    assert_eq!(app.trail(submitted.id()).await, story);

    let chain = submitted.id().uuid();
    let refused = app.postmaster.cluster.run_sql(&app.database, "UPDATE audit_event SET action = 'x'").await;
    assert!(refused.is_err(), "the trail takes no changes");
    app.sql(&format!(
        "ALTER TABLE audit_event DISABLE TRIGGER ALL; \
         UPDATE audit_event SET detail = detail || '{{\"x\": 1}}' WHERE chain = '{chain}' AND action = 'decided'"
    ))
    .await;
    let broken = audit::verify(&app.ctx).await.unwrap().broken;
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!(broken[0].seq, 12);
}
