//! Infrastructure trouble costs time and never a submission.

use crate::app;
use acceptance::{claim, fixture, tiny_photo};
use chrono::TimeDelta;
use domain::reading::FaceRating;
use embedded::s3::Fault;
use std::collections::BTreeSet;
use workflow::review::Case;

#[tokio::test]
async fn while_the_object_store_is_down_an_upload_is_answered_503_and_nothing_is_recorded() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    app.s3.set_fault(Fault::Unavailable);
    let answer = app.api.upload(&opened.id, "id_photo_front", tiny_photo()).await;
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
    assert_eq!(app.sql("SELECT count(*) FROM evidence").await, "0");
    app.s3.set_fault(Fault::None);
    assert_eq!(app.api.upload(&opened.id, "id_photo_front", tiny_photo()).await.status, 200);
}

#[tokio::test]
async fn a_precheck_that_finds_the_object_store_down_succeeds_once_it_is_back() {
    let app = app().await;
    let submitted = app.submit_good().await;
    app.s3.set_fault(Fault::Unavailable);
    app.drain().await;
    assert_eq!(app.api.status(&submitted.id).await["status"], "checking");
    app.s3.set_fault(Fault::None);
    app.advance(TimeDelta::seconds(30));
    app.drain().await;
    assert_eq!(app.api.status(&submitted.id).await["status"], "awaiting_review");
    assert_eq!(app.sql("SELECT count(DISTINCT kind) FROM artefact").await, "11");
}

#[tokio::test]
async fn a_large_photo_and_ten_seconds_of_video_become_reviewable() {
    let app = app().await;
    let (photo, video) = (fixture("passport-good-12mp.jpg"), fixture("face-3719-good-mov.mov"));
    let submitted = app.submit_claim(&claim(), photo, video).await;
    app.drain().await;
    assert_eq!(app.api.status(&submitted.id).await["status"], "awaiting_review");
    let ada = app.checker("Ada").await;
    let case = app.claim_next(&ada).await;
    let kinds = |case: &Case| case.media.iter().map(|media| media.kind.code()).collect::<BTreeSet<_>>();
    let faces = ["face_frames", "frame_strip", "number_segments", "portrait", "video_playable", "waveform"];
    assert_eq!(kinds(&case), BTreeSet::from(faces), "the document waits for the answer");
    app.rate(&ada, &case, FaceRating::SureSame).await;
    let document = ["document_large", "document_small", "photo_large", "photo_small"];
    let all = faces.into_iter().chain(document).collect();
    assert_eq!(kinds(&app.case(&ada).await), all, "and no machine report");
}
