//! What breaks behind the door delays an upload and never loses what was acknowledged.

use crate::{PART, Tus, app, must_verify, photo, sha256, stored, video};
use acceptance::claim;
use chrono::TimeDelta;
use embedded::s3::Fault;

#[tokio::test]
async fn a_store_that_fails_costs_no_acknowledged_byte() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = video(3 * PART);
    let tus = Tus::create(&app.api, &opened.id, "face_video", file.len()).await;
    tus.send(0, &file[..PART + 3]).await;
    for fault in [Fault::Unavailable, Fault::Reset, Fault::Hang] {
        app.s3.set_fault(fault);
        let answer = tus.patch(PART + 3, &file[PART + 3..2 * PART + 9]).await;
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()), "{fault:?}");
        assert!(!answer.header("retry-after").is_empty());
        assert_eq!(tus.offset().await, PART + 3);
    }
    app.s3.set_fault(Fault::None);
    tus.send(PART + 3, &file[PART + 3..]).await;
    assert_eq!(stored(&app).await, (sha256(&file), file.len()));
    must_verify(&app, &opened.id).await;
}

#[tokio::test]
async fn parts_whose_joining_was_refused_are_joined_by_the_next_question() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = video(PART + 700);
    let tus = Tus::create(&app.api, &opened.id, "face_video", file.len()).await;
    app.s3.set_fault(Fault::JoinRefused);
    assert_eq!(tus.patch(0, &file).await.problem(), (503, "unavailable".to_owned()));
    assert_eq!(app.sql("SELECT state, received FROM upload").await, format!("completing|{}", file.len()));
    // Not evidence before it is joined: the client must not believe that it is done.
    assert_eq!(app.api.complete(&opened.id).await.status, 422);
    app.s3.set_fault(Fault::None);
    app.advance(TimeDelta::seconds(20));
    assert_eq!(tus.offset().await, file.len());
    assert_eq!(stored(&app).await, (sha256(&file), file.len()));
    must_verify(&app, &opened.id).await;
}

#[tokio::test]
async fn a_joining_whose_answer_was_lost_is_found_done() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = video(PART + 700);
    let tus = Tus::create(&app.api, &opened.id, "face_video", file.len()).await;
    app.s3.set_fault(Fault::JoinUnanswered);
    tus.send(0, &file).await;
    app.s3.set_fault(Fault::None);
    assert_eq!(stored(&app).await, (sha256(&file), file.len()));
    must_verify(&app, &opened.id).await;
}

#[tokio::test]
async fn parts_that_were_sent_but_never_acknowledged_are_not_in_the_file() {
    let app = app().await;
    let opened = app.open(&claim()).await;
    let file = video(2 * PART);
    let tus = Tus::create(&app.api, &opened.id, "face_video", file.len()).await;
    tus.send(0, &file[..PART]).await;
    // Sent by writers that never acknowledge: their parts stay in the store under numbers of their own.
    for _ in 0..3 {
        let wrong = tus
            .piece(PART, &photo(PART))
            .header("upload-checksum", "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(acceptance::Answer::of(wrong).await.status, 460);
    }
    tus.send(PART, &file[PART..]).await;
    assert_eq!(stored(&app).await, (sha256(&file), file.len()));
    must_verify(&app, &opened.id).await;
}
