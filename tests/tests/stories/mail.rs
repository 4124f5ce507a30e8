//! The letter arrives once, is tried again while that helps, and keeps its identity through all of it.

use crate::app;
use acceptance::{App, Mood};
use chrono::TimeDelta;
use domain::decision::Outcome;
use domain::reading::FaceRating;
use workflow::due;

/// Approved, and its undo window passed while the mail server was in this mood.
async fn approved_in(app: &App, mood: Mood) {
    app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    app.smtp.set_mood(mood);
    app.let_undo_pass().await;
}

async fn notice(app: &App) -> String {
    app.sql("SELECT state FROM notice").await
}

#[tokio::test]
async fn while_the_mail_server_is_down_the_letter_waits_and_then_goes_once() {
    let app = app().await;
    approved_in(&app, Mood::Down).await;
    let state = notice(&app).await;
    assert_eq!(state, "owed", "nothing was handed over");
    app.advance(TimeDelta::minutes(1));
    app.drain().await;
    assert!(app.smtp.letters().is_empty());

    app.smtp.set_mood(Mood::Accepting);
    app.advance(TimeDelta::hours(1));
    app.drain().await;
    assert_eq!(notice(&app).await, "sent");
    app.advance(TimeDelta::days(1));
    app.drain().await;
    assert_eq!(app.smtp.letters().len(), 1);
}

#[tokio::test]
async fn a_server_that_asks_to_try_later_is_tried_later() {
    let app = app().await;
    approved_in(&app, Mood::Later).await;
    assert_eq!(notice(&app).await, "owed");
    app.smtp.set_mood(Mood::Accepting);
    app.advance(TimeDelta::hours(1));
    app.drain().await;
    assert_eq!((notice(&app).await.as_str(), app.smtp.letters().len()), ("sent", 1));
}

#[tokio::test]
async fn a_refused_address_is_not_tried_again_and_staff_see_it() {
    let app = app().await;
    approved_in(&app, Mood::Refusing).await;
    assert_eq!(notice(&app).await, "failed");
    let board = due::board(&app.ctx, app.now()).await.unwrap();
    assert_eq!((board.notices_failed, board.notices_owed), (1, 0));
    app.smtp.set_mood(Mood::Accepting);
    app.advance(TimeDelta::days(1));
    app.drain().await;
    assert!(app.smtp.letters().is_empty());
}

#[tokio::test]
async fn a_letter_whose_arrival_nobody_confirmed_goes_again_as_the_same_letter() {
    let app = app().await;
    approved_in(&app, Mood::DroppingAfterData).await;
    assert_eq!(notice(&app).await, "unknown");
    app.smtp.set_mood(Mood::Accepting);
    app.advance(TimeDelta::hours(1));
    app.drain().await;
    assert_eq!(notice(&app).await, "sent");
    let letters = app.smtp.letters();
    assert_eq!(letters.iter().map(|letter| letter.confirmed).collect::<Vec<_>>(), [false, true]);
    assert!(!letters[0].header("message-id").is_empty());
    assert_eq!(letters[0].raw, letters[1].raw, "byte for byte, so that mailboxes show one");
}

#[tokio::test]
async fn a_server_that_stays_down_for_a_day_is_given_up_and_shown() {
    let app = app().await;
    approved_in(&app, Mood::Down).await;
    for _ in 0..60 {
        app.advance(TimeDelta::minutes(31));
        app.drain().await;
    }
    assert_eq!(notice(&app).await, "failed");
    assert_eq!(due::board(&app.ctx, app.now()).await.unwrap().notices_failed, 1);
}
