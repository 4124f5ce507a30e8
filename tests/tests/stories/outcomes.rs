//! Every outcome from the client's first call to the patient's letter, and taking a decision back.

use crate::app;
use chrono::TimeDelta;
use domain::decision::Outcome;
use domain::reading::FaceRating;
use domain::reasons::Reason;
use serde_json::json;
use workflow::review::{self, Another, Decide};

#[tokio::test]
async fn an_approved_patient_gets_one_letter_after_the_undo_window() {
    let app = app().await;
    let submitted = app.submit_good().await;
    assert_eq!(app.drain().await, 1, "the pre-check");
    assert_eq!(app.api.status(&submitted.id).await["status"], "awaiting_review");

    // The numbers in the video are not those of this submission, so that the machine disagrees and two have to agree.
    for name in ["Ada", "Ben"] {
        let reader = app.checker(name).await;
        let case = app.decide_next(&reader, FaceRating::SureSame, Outcome::Approved).await;
        assert_eq!(case.reference, submitted.reference);
    }
    let status = app.api.status(&submitted.id).await;
    assert_eq!((&status["status"], &status["outcome"]), (&json!("awaiting_review"), &json!(null)));
    app.drain().await;
    assert!(app.smtp.letters().is_empty(), "inside the undo window nothing is sent");

    app.let_undo_pass().await;
    let status = app.api.status(&submitted.id).await;
    assert_eq!((&status["status"], &status["outcome"]), (&json!("closed"), &json!("approved")));
    let letters = app.smtp.letters();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!((letter.to.as_str(), letter.confirmed), ("mary@example.org", true));
    let notice = app.sql("SELECT replace(id::text, '-', '') FROM notice").await;
    assert_eq!(letter.header("message-id"), format!("<ntc_{notice}@proofdesk.invalid>"));
    assert_eq!(letter.header("subject"), format!("You have proved who you are ({})", submitted.reference));
    for part in ["text/plain", "text/html"] {
        assert!(letter.part(part).contains("Your identity check is complete."), "{part}: {}", letter.raw);
        assert!(letter.part(part).contains(&submitted.reference), "{part}");
    }
    assert_eq!(app.drain().await, 0);
    assert_eq!(app.smtp.letters().len(), 1);
}

#[tokio::test]
async fn a_rejected_patient_reads_the_reasons_and_never_the_internal_note() {
    let app = app().await;
    let submitted = app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    let case = app.claim_next(&ada).await;
    app.rate(&ada, &case, FaceRating::CannotTell).await;
    let outcome = Outcome::Rejected { reasons: vec![Reason::FaceDiffers, Reason::NotGenuine] };
    let decide = Decide {
        id: case.id,
        fence: case.fence,
        outcome,
        patient_note: Some("Please bring your passport.".to_owned()),
        internal_note: Some("Second portrait under the laminate".to_owned()),
        another: Another::NotAsked,
    };
    review::decide(&app.ctx, &ada, decide, app.now()).await.unwrap();
    app.let_undo_pass().await;

    let status = app.api.status(&submitted.id).await;
    assert_eq!((&status["status"], &status["outcome"]), (&json!("closed"), &json!("rejected")));
    assert_eq!(status["reasons"].as_array().unwrap().len(), 2);
    let letter = &app.smtp.letters()[0];
    for part in [letter.part("text/plain"), letter.part("text/html")] {
        assert!(part.contains("Please bring your passport."), "{part}");
        assert!(part.contains(Reason::FaceDiffers.patient_text().split('.').next().unwrap()), "{part}");
        assert!(!part.contains("laminate"), "{part}");
    }
}

#[tokio::test]
async fn a_decision_undone_in_time_leaves_no_letter_and_the_second_gives_exactly_one() {
    let app = app().await;
    let submitted = app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    let rejected = Outcome::Rejected { reasons: vec![Reason::FaceDiffers] };
    let case = app.decide_next(&ada, FaceRating::CannotTell, rejected).await;
    app.advance(TimeDelta::seconds(119));
    review::undo(&app.ctx, &ada, case.id, app.now()).await.unwrap();
    app.advance(TimeDelta::seconds(60));
    app.sweep().await;
    assert!(app.smtp.letters().is_empty());

    let again = app.case(&ada).await;
    assert_eq!(again.id, case.id);
    assert!(again.fence > case.fence, "what the first holding showed is void");
    app.rate(&ada, &again, FaceRating::SureSame).await;
    app.try_decide(&ada, &again, Outcome::Approved).await.unwrap();
    app.let_undo_pass().await;
    let letters = app.smtp.letters();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].header("subject").starts_with("You have proved who you are"));
    assert_eq!(app.api.status(&submitted.id).await["outcome"], "approved");
}

#[tokio::test]
async fn undo_is_refused_to_others_and_once_the_window_has_closed() {
    let app = app().await;
    app.submit_unseen().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    let case = app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    assert!(review::undo(&app.ctx, &ben, case.id, app.now()).await.is_err());
    app.let_undo_pass().await;
    assert!(review::undo(&app.ctx, &ada, case.id, app.now()).await.is_err());
    assert_eq!(app.smtp.letters().len(), 1);
}

#[tokio::test]
async fn the_same_decision_twice_is_one_decision_and_another_is_refused() {
    let app = app().await;
    app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    let case = app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    app.try_decide(&ada, &case, Outcome::Approved).await.unwrap();
    let otherwise = Outcome::Rejected { reasons: vec![Reason::FaceDiffers] };
    assert!(app.try_decide(&ada, &case, otherwise).await.is_err());
    assert_eq!(app.sql("SELECT count(*) FROM decision").await, "1");
    app.let_undo_pass().await;
    assert_eq!(app.smtp.letters().len(), 1);
}

#[tokio::test]
async fn a_withdrawn_submission_reaches_no_checker_and_no_letter_is_sent() {
    let app = app().await;
    let submitted = app.submit_unseen().await;
    assert_eq!(app.api.withdraw(&submitted.id).await.expect(200)["status"], "withdrawn");
    let ada = app.checker("Ada").await;
    assert_eq!(review::claim(&app.ctx, &ada, app.now()).await.unwrap(), None);
    app.let_undo_pass().await;
    assert!(app.smtp.letters().is_empty());
}
