//! Asked to send something again, by a checker or by the machine: the good half is kept.

use crate::app;
use acceptance::{claim, fixture, tiny_photo, tiny_video};
use domain::decision::Outcome;
use domain::evidence::EvidenceKind;
use domain::reading::FaceRating;
use domain::reasons::Reason;
use serde_json::json;

#[tokio::test]
async fn a_retake_of_the_photo_keeps_the_video_and_its_numbers() {
    let app = app().await;
    let first = app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    let outcome = Outcome::AskAgain { what: vec![EvidenceKind::IdPhotoFront], reasons: vec![Reason::Blurred] };
    app.decide_next(&ada, FaceRating::CannotTell, outcome).await;
    app.let_undo_pass().await;
    let status = app.api.status(&first.id).await;
    assert_eq!((&status["status"], &status["wanted"]), (&json!("retake_wanted"), &json!(["id_photo_front"])));
    assert!(app.smtp.letters()[0].header("subject").starts_with("We need you to send something again"));

    let mut again = claim();
    again["verification"] = json!(first.verification);
    let opened = app.api.open(&again).await.expect(201);
    assert_eq!(opened["kept"], json!(["face_video"]));
    assert_eq!(opened["challenge"]["text"], first.challenge);
    app.remember(&opened);
    let id = opened["id"].as_str().unwrap();
    assert_eq!(app.api.complete(id).await.problem(), (422, "invalid".to_owned()));
    assert_eq!(app.api.upload(id, "id_photo_front", tiny_photo()).await.status, 200);
    assert_eq!(app.api.complete(id).await.status, 202);
    app.drain_unseen().await;

    let case = app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    assert_eq!((case.id.to_string().as_str(), case.attempt), (id, 2));
    app.let_undo_pass().await;
    assert_eq!(app.api.status(id).await["outcome"], "approved");
    assert_eq!(app.smtp.letters().len(), 2);
    let mut third = claim();
    third["verification"] = json!(first.verification);
    assert_eq!(app.api.open(&third).await.problem(), (409, "already_proved".to_owned()));
}

#[tokio::test]
async fn a_retake_of_the_video_brings_new_numbers_and_keeps_the_photo() {
    let app = app().await;
    let first = app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    let outcome = Outcome::AskAgain { what: vec![EvidenceKind::FaceVideo], reasons: vec![Reason::NoSound] };
    app.decide_next(&ada, FaceRating::CannotTell, outcome).await;
    app.let_undo_pass().await;
    let mut again = claim();
    again["verification"] = json!(first.verification);
    let opened = app.api.open(&again).await.expect(201);
    assert_eq!(opened["kept"], json!(["id_photo_front"]));
    assert_eq!(opened["wanted"][0]["kind"], "id_photo_back");
    assert_eq!(opened["wanted"][1]["kind"], "face_video");
}

#[tokio::test]
async fn a_photo_that_cannot_be_read_goes_back_with_its_reason_and_a_letter_without_a_person() {
    let app = app().await;
    let video = fixture("face-3719-good-720p.mp4");
    let submitted = app.submit_claim(&claim(), fixture("truncated.jpg"), video).await;
    app.drain().await;
    let status = app.api.status(&submitted.id).await;
    assert_eq!((&status["status"], &status["wanted"]), (&json!("retake_wanted"), &json!(["id_photo_front"])));
    assert_eq!(status["reasons"][0]["code"], "no_document");
    let letters = app.smtp.letters();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].part("text/plain").contains("photo of the front of your ID"), "{}", letters[0].raw);
    assert_eq!(app.sql("SELECT count(*) FROM decision").await, "0");
}

#[tokio::test]
async fn a_second_photo_that_cannot_be_read_goes_to_people() {
    let app = app().await;
    let first = app.submit_claim(&claim(), fixture("truncated.jpg"), tiny_video()).await;
    app.drain().await;
    assert_eq!(app.api.status(&first.id).await["status"], "retake_wanted");
    let mut again = claim();
    again["verification"] = json!(first.verification);
    let second = app.submit_claim(&again, fixture("truncated.jpg"), tiny_video()).await;
    app.drain().await;
    assert_eq!(app.api.status(&second.id).await["status"], "awaiting_review");
}

#[tokio::test]
async fn five_attempts_in_six_hours_are_enough() {
    let app = app().await;
    let mut claim = claim();
    let first = app.open(&claim).await;
    claim["verification"] = json!(first.verification);
    let mut latest = first.id;
    for _ in 1..domain::submission::ATTEMPTS_MAX {
        assert_eq!(app.api.withdraw(&latest).await.status, 200);
        latest = app.open(&claim).await.id;
    }
    assert_eq!(app.api.withdraw(&latest).await.status, 200);
    let spent = app.api.open(&claim).await;
    assert_eq!(spent.header("retry-after"), "Mon, 02 Mar 2026 16:00:00 GMT");
    assert_eq!(spent.problem(), (429, "attempts_spent".to_owned()));
    app.advance(chrono::TimeDelta::hours(6));
    assert_eq!(app.api.open(&claim).await.status, 201);
}

#[tokio::test]
async fn what_is_no_media_at_all_is_refused_at_the_door() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    for (kind, file) in [("id_photo_front", "not-an-image.jpg"), ("face_video", "not-a-video.mp4")] {
        let answer = app.api.upload(&opened.id, kind, fixture(file)).await;
        assert_eq!(answer.problem(), (415, "unsupported_media".to_owned()), "{file}");
    }
    assert_eq!(app.sql("SELECT count(*) FROM evidence").await, "0");
}
