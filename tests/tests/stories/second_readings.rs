//! Second readings, arbitration and holds: who gets a submission next, what they are shown, and when it ends.

use crate::app;
use acceptance::App;
use chrono::TimeDelta;
use domain::decision::{Outcome, OutcomeKind};
use domain::fusion::{Next, Rule};
use domain::reading::FaceRating;
use domain::reasons::{HoldReason, Reason};
use domain::submission::Stage;
use workflow::Error;
use workflow::review::{self, Another, Case, Decide, Lane};
use workflow::staff::{self, Role, Staff};

fn rejected() -> Outcome {
    Outcome::Rejected { reasons: vec![Reason::FaceDiffers] }
}

async fn senior(app: &App, name: &str) -> Staff {
    let id = app.staff(name, Role::Senior).await;
    Staff { id, name: name.to_owned(), role: Role::Senior }
}

/// Reads the next one as a rejection on the face, which the rule sends to a second reader.
async fn first_reading(app: &App, by: &Staff) -> Case {
    let case = app.decide_next(by, FaceRating::SureDifferent, rejected()).await;
    app.advance(TimeDelta::seconds(1));
    assert_eq!(app.sql("SELECT status, stage FROM submission").await, "awaiting_review|second");
    case
}

#[tokio::test]
async fn a_second_reader_sees_nothing_of_the_first_and_agreement_ends_it() {
    let app = app().await;
    let submitted = app.submit_unseen().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    first_reading(&app, &ada).await;
    app.let_undo_pass().await;
    assert!(app.smtp.letters().is_empty(), "nothing is owed after one reading");
    assert_eq!(review::claim(&app.ctx, &ada, app.now()).await.unwrap(), None, "nobody reads a case twice");

    let case = app.claim_next(&ben).await;
    assert_eq!((case.stage, case.answers.face.clone(), case.earlier.is_none()), (Stage::Second, None, true));
    let record = review::record(&app.ctx, &ben, &submitted.reference, app.now()).await.unwrap();
    let told = serde_json::to_string(&record.timeline.iter().map(|entry| &entry.detail).collect::<Vec<_>>()).unwrap();
    for hidden in ["sure_different", "rejected", "face_differs", "second_reading"] {
        assert!(!told.contains(hidden), "{hidden}: {told}");
    }
    app.rate(&ben, &case, FaceRating::ProbablyDifferent).await;
    app.try_decide(&ben, &case, rejected()).await.unwrap();
    assert_eq!(app.sql("SELECT status FROM submission").await, "decided");
    app.let_undo_pass().await;
    assert_eq!(app.smtp.letters().len(), 1);
    let rows = app.sql("SELECT stage, rule_row, leads_to FROM conclusion ORDER BY concluded_at").await;
    assert_eq!(rows, "first|rejected on the face|second_reading\nsecond|two readings agree|ends");
    let whole = review::record(&app.ctx, &ben, &submitted.reference, app.now()).await.unwrap();
    assert!(
        whole.chain_intact && format!("{:?}", whole.timeline).contains("sure_different"),
        "open once it is decided"
    );
}

#[tokio::test]
async fn two_that_differ_go_to_a_senior_who_judges_first_and_is_shown_both_on_request() {
    let app = app().await;
    app.submit_unseen().await;
    let (ada, ben, sidney) = (app.checker("Ada").await, app.checker("Ben").await, senior(&app, "Sidney").await);
    first_reading(&app, &ada).await;
    app.decide_next(&ben, FaceRating::SureSame, Outcome::Approved).await;
    assert_eq!(app.sql("SELECT stage FROM submission").await, "arbitration");
    let cara = app.checker("Cara").await;
    for checker in [&ada, &ben, &cara] {
        assert_eq!(review::claim(&app.ctx, checker, app.now()).await.unwrap(), None);
        let lane = review::claim_from(&app.ctx, checker, Lane::Arbitration, app.now()).await;
        assert!(matches!(lane, Err(Error::Forbidden)), "arbitration is for seniors");
    }
    review::claim_from(&app.ctx, &sidney, Lane::Arbitration, app.now()).await.unwrap().unwrap();
    let case = app.case(&sidney).await;
    let held = (case.id, case.fence);
    let early = review::show_earlier(&app.ctx, &sidney, held, app.now()).await;
    assert!(matches!(early, Err(Error::Reading(_))), "first the own answers: {early:?}");
    app.rate(&sidney, &case, FaceRating::SureSame).await;
    assert!(app.case(&sidney).await.earlier.is_none());
    review::show_earlier(&app.ctx, &sidney, held, app.now()).await.unwrap();
    let earlier = app.case(&sidney).await.earlier.unwrap();
    let outcomes: Vec<OutcomeKind> = earlier.iter().map(|one| one.outcome.kind()).collect();
    assert_eq!(outcomes, [OutcomeKind::Rejected, OutcomeKind::Approved]);
    assert!(app.trail(case.id).await.contains(&"earlier_readings_shown".to_owned()));
    app.try_decide(&sidney, &case, Outcome::Approved).await.unwrap();
    app.let_undo_pass().await;
    assert_eq!(app.smtp.letters().len(), 1);
}

#[tokio::test]
async fn a_senior_who_has_read_it_does_not_arbitrate() {
    let app = app().await;
    app.submit_unseen().await;
    let (sidney, ben) = (senior(&app, "Sidney").await, app.checker("Ben").await);
    first_reading(&app, &sidney).await;
    app.decide_next(&ben, FaceRating::SureSame, Outcome::Approved).await;
    let lane = review::claim_from(&app.ctx, &sidney, Lane::Arbitration, app.now()).await.unwrap();
    assert_eq!(lane, None);
    let other = senior(&app, "Olive").await;
    assert!(review::claim_from(&app.ctx, &other, Lane::Arbitration, app.now()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_reading_is_taken_back_until_somebody_else_has_it_and_asking_for_another_reader_is_enough() {
    let app = app().await;
    app.submit_unseen().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    let case = app.claim_next(&ada).await;
    app.rate(&ada, &case, FaceRating::SureSame).await;
    let decide = |fence| Decide {
        id: case.id,
        fence,
        outcome: Outcome::Approved,
        patient_note: None,
        internal_note: None,
        another: Another::Asked,
    };
    let concluded = review::decide(&app.ctx, &ada, decide(case.fence), app.now()).await.unwrap();
    assert_eq!(concluded.leads_to, Next::SecondReading);
    let again = review::decide(&app.ctx, &ada, decide(case.fence), app.now()).await.unwrap();
    assert_eq!(again, concluded, "the same press twice is one reading");
    let home = review::home(&app.ctx, &ada, app.now()).await.unwrap();
    assert!(home.recent[0].undo_until.is_some() && home.counts.second == 1);
    app.advance(TimeDelta::seconds(1));
    review::undo(&app.ctx, &ada, case.id, app.now()).await.unwrap();
    let fence = app.case(&ada).await.fence;
    review::decide(&app.ctx, &ada, decide(fence), app.now()).await.unwrap();
    app.claim_next(&ben).await;
    let home = review::home(&app.ctx, &ada, app.now()).await.unwrap();
    assert_eq!((home.recent[0].undo_until, home.recent[1].undone), (None, true));
    assert!(matches!(review::undo(&app.ctx, &ada, case.id, app.now()).await, Err(Error::Refused(_))));
    assert_eq!(app.sql("SELECT count(*) FROM conclusion WHERE undone_at IS NULL").await, "1");
}

#[tokio::test]
async fn undo_of_the_last_decision_puts_back_what_is_held_now() {
    let app = app().await;
    app.submit_unseen().await;
    app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    let first = app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    let second = app.claim_next(&ada).await;
    app.advance(app.ctx.config().review.undo - TimeDelta::microseconds(1));
    review::undo(&app.ctx, &ada, first.id, app.now()).await.unwrap();
    assert_eq!(app.case(&ada).await.id, first.id, "at the last moment");
    assert_eq!(app.trail(second.id).await.last().map(String::as_str), Some("returned"));
    app.sweep().await;
    assert!(app.smtp.letters().is_empty());
}

#[tokio::test]
async fn a_safeguarding_hold_needs_a_senior_and_a_next_step() {
    let app = app().await;
    app.submit_unseen().await;
    let (ada, sidney) = (app.checker("Ada").await, senior(&app, "Sidney").await);
    let case = app.claim_next(&ada).await;
    let why = (HoldReason::PossibleSafeguarding, Some("Somebody answers for her."));
    review::hold(&app.ctx, &ada, (case.id, case.fence), why, app.now()).await.unwrap();
    assert!(matches!(review::holds(&app.ctx, &ada).await, Err(Error::Forbidden)));
    let holds = review::holds(&app.ctx, &sidney).await.unwrap();
    assert_eq!(holds[0].note.as_deref(), Some("Somebody answers for her."));
    assert!(!app.dump(&["--data-only"]).await.contains("answers for her"), "the note is sealed");
    let by_checker = review::resume(&app.ctx, &ada, case.id, Some("Call the surgery"), app.now()).await;
    assert!(matches!(by_checker, Err(Error::Forbidden)));
    let nameless = review::resume(&app.ctx, &sidney, case.id, Some("  "), app.now()).await;
    assert!(matches!(nameless, Err(Error::Invalid(_))), "{nameless:?}");
    review::resume(&app.ctx, &sidney, case.id, Some("The surgery calls her back"), app.now()).await.unwrap();
    assert!(review::holds(&app.ctx, &sidney).await.unwrap().is_empty());
    assert_eq!(app.sql("SELECT ended_by IS NOT NULL, next_step_sealed IS NOT NULL FROM hold").await, "t|t");
}

#[tokio::test]
async fn suspending_a_checker_returns_what_they_hold_at_once() {
    let app = app().await;
    app.submit_unseen().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    let case = app.claim_next(&ada).await;
    staff::suspend(&app.ctx, "ada@staff.example", app.now()).await.unwrap();
    assert_eq!(app.claim_next(&ben).await.id, case.id);
    let late = review::heartbeat(&app.ctx, &ada, (case.id, case.fence), app.now()).await;
    assert!(late.is_err());
    assert_eq!(app.sql("SELECT count(*) FROM staff_session").await, "1", "only Ben's is left");
}

#[tokio::test]
async fn the_next_one_is_made_ready_and_left_to_its_checker_while_others_wait() {
    let app = app().await;
    for _ in 0..3 {
        app.submit_unseen().await;
    }
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    app.claim_next(&ada).await;
    let ready = review::make_ready(&app.ctx, &ada, app.now()).await.unwrap().unwrap();
    let counts = review::counts(&app.ctx, app.now()).await.unwrap();
    assert_eq!((counts.waiting, counts.in_progress), (2, 1), "a reservation is not in progress");
    assert_ne!(app.claim_next(&ben).await.id, ready.id, "another one waits, though it is due later");
    let held = app.case(&ada).await;
    review::release(&app.ctx, &ada, (held.id, held.fence), app.now()).await.unwrap();
    assert_eq!(app.claim_next(&ada).await.id, ready.id, "what is reserved comes before what is more urgent");
    review::make_ready(&app.ctx, &ada, app.now()).await.unwrap().unwrap();
    app.advance(TimeDelta::seconds(90));
    app.submit_unseen().await;
    let carl = app.checker("Carl").await;
    assert_eq!(app.claim_next(&carl).await.id, held.id, "it lapses silently");
}

#[tokio::test]
async fn nobody_is_told_that_nothing_waits_because_the_last_one_is_reserved() {
    let app = app().await;
    for _ in 0..2 {
        app.submit_unseen().await;
    }
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    app.claim_next(&ada).await;
    let ready = review::make_ready(&app.ctx, &ada, app.now()).await.unwrap().unwrap();
    let taken = app.claim_next(&ben).await;
    assert_eq!(taken.id, ready.id);
    assert_eq!(app.sql("SELECT count(*) FROM submission WHERE reserved_by IS NOT NULL").await, "0");
    assert!(review::make_ready(&app.ctx, &ada, app.now()).await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_due_soon_is_reserved_for_nobody() {
    let app = app().await;
    app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    app.advance(TimeDelta::minutes(106));
    assert!(review::make_ready(&app.ctx, &ada, app.now()).await.unwrap().is_none());
    app.sweep().await;
}

#[tokio::test]
async fn a_rule_is_replayed_over_what_was_read_and_changes_nothing() {
    let app = app().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    for _ in 0..2 {
        app.submit_unseen().await;
        app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    }
    app.submit_unseen().await;
    app.decide_next(&ada, FaceRating::SureDifferent, rejected()).await;
    app.decide_next(&ben, FaceRating::SureSame, Outcome::Approved).await;
    let since = app.now() - TimeDelta::days(1);
    let now_in_force = review::replay(&app.ctx, &Rule::standard(), since).await.unwrap();
    assert_eq!((now_in_force.readings, now_in_force.went_on, now_in_force.would_go_on), (4, 1, 1));
    let mut strict = Rule { name: "B".to_owned(), ..Rule::standard() };
    strict.first.retain(|row| row.then != Next::Ends);
    let replayed = review::replay(&app.ctx, &strict, since).await.unwrap();
    assert_eq!((replayed.went_on, replayed.would_go_on), (1, 3));
    assert_eq!(replayed.moves[&(Next::Ends, Next::SecondReading)], 2);
    assert_eq!(app.sql("SELECT string_agg(DISTINCT rule, ',') FROM conclusion").await, "B");
    app.let_undo_pass().await;
}
