//! A recording sent in another verification is noticed, told to people and never refused; what was heard stays sealed.

use crate::app;
use acceptance::{App, claim, fixture};
use chrono::TimeDelta;
use domain::decision::Outcome;
use domain::precheck::{Check, Finding, FindingResult};
use domain::reading::FaceRating;
use domain::reasons::Reason;
use serde_json::json;
use workflow::error::Error;
use workflow::review;
use workflow::staff::{Role, Staff};

#[tokio::test]
async fn the_same_recording_in_another_verification_is_told_to_people_and_its_case_to_seniors() {
    let app = app().await;
    let first = app.submit_claim(&claim(), fixture("passport-good.jpg"), fixture("face-3719-vfr.mp4")).await;
    app.drain().await;
    app.advance(TimeDelta::minutes(1));
    // Another photo, another patient, the same recording.
    let second = app.submit_claim(&claim(), fixture("passport-second-good.jpg"), fixture("face-3719-vfr.mp4")).await;
    app.drain().await;
    assert_eq!(app.api.status(&second.id).await["status"], "awaiting_review");

    let ada = app.checker("Ada").await;
    let unseen = seen_before(&app, &ada, FaceRating::SureSame).await;
    assert_eq!((unseen.result, unseen.reason), (FindingResult::Ok, None));
    let case = app.case(&ada).await;
    assert_eq!(case.id.to_string(), first.id);
    app.try_decide(&ada, &case, Outcome::Approved).await.unwrap();
    let ben = app.checker("Ben").await;
    app.decide_next(&ben, FaceRating::SureSame, Outcome::Approved).await;

    let seen = seen_before(&app, &ada, FaceRating::Unsure).await;
    assert_eq!((seen.result, seen.reason), (FindingResult::Attention, Some(Reason::ChallengeReused)));
    assert!(!seen.note.unwrap().contains("Other case"), "a checker is not told which");
    let case = app.case(&ada).await;
    review::release(&app.ctx, &ada, (case.id, case.fence), app.now()).await.unwrap();

    let id = app.staff("Sam", Role::Senior).await;
    let sam = Staff { id, name: "Sam".to_owned(), role: Role::Senior };
    let told = seen_before(&app, &sam, FaceRating::Unsure).await.note.unwrap();
    assert!(told.ends_with(&format!("Other case: {}.", first.reference)), "{told}");
}

#[tokio::test]
async fn the_same_recording_in_a_retake_of_the_same_verification_is_no_sign() {
    let app = app().await;
    let first = app.submit_claim(&claim(), fixture("passport-good.jpg"), fixture("face-3719-vfr.mp4")).await;
    app.drain().await;
    let ada = app.checker("Ada").await;
    let what = vec![domain::evidence::EvidenceKind::IdPhotoFront];
    app.decide_next(&ada, FaceRating::CannotTell, Outcome::AskAgain { what, reasons: vec![Reason::Blurred] }).await;
    app.let_undo_pass().await;
    let mut again = claim();
    again["verification"] = json!(first.verification);
    let opened = app.api.open(&again).await.expect(201);
    let id = opened["id"].as_str().unwrap();
    assert_eq!(app.api.upload(id, "id_photo_front", fixture("passport-second-good.jpg")).await.status, 200);
    assert_eq!(app.api.complete(id).await.status, 202);
    app.drain().await;
    let found = seen_before(&app, &ada, FaceRating::SureSame).await;
    assert_eq!(found.result, FindingResult::Ok);
    assert_eq!(app.sql("SELECT count(*) FROM clip_print").await, "2");
}

#[tokio::test]
async fn the_machine_report_is_kept_and_shown_to_no_checker() {
    let app = app().await;
    app.submit_claim(&claim(), fixture("passport-good.jpg"), fixture("face-3719-vfr.mp4")).await;
    app.drain().await;
    let ada = app.checker("Ada").await;
    app.claim_next(&ada).await;
    let report = app.sql("SELECT id FROM artefact WHERE kind = 'machine_report' ORDER BY id").await;
    assert_eq!(report.lines().count(), 2, "one for each item of evidence");
    let id = domain::ids::ArtefactId::new(report.lines().next().unwrap().parse().unwrap());
    let shown = workflow::media::open_view(&app.ctx, &ada, id, None, app.now()).await;
    assert!(matches!(shown, Err(Error::NotFound(_))));
    let findings = app.sql("SELECT body FROM finding").await;
    assert!(findings.contains("video_numbers") && !findings.contains("digit"), "what was heard is in no row");
}

/// Takes the next submission, answers for it, and reads what the machine says of earlier recordings.
async fn seen_before(app: &App, by: &Staff, face: FaceRating) -> Finding {
    let case = app.claim_next(by).await;
    app.rate(by, &case, face).await;
    let findings = app.case(by).await.findings.unwrap();
    findings.into_iter().find(|finding| finding.check == Check::VideoSeenBefore).unwrap()
}
