//! Several checkers and one queue: a submission is in one pair of hands, and judged blind first.

use crate::app;
use chrono::TimeDelta;
use domain::decision::Outcome;
use domain::reading::{FaceAnswer, FaceRating};
use domain::reasons::{HoldReason, Reason};
use futures::future::join_all;
use std::collections::BTreeSet;
use workflow::review::Given;
use workflow::staff::{Role, Staff};
use workflow::{Error, review};

#[tokio::test]
async fn a_lapsed_lease_frees_the_submission_and_the_old_holder_cannot_decide() {
    let app = app().await;
    app.submit_unseen().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    let old = app.claim_next(&ada).await;
    app.rate(&ada, &old, FaceRating::SureSame).await;
    assert_eq!(review::claim(&app.ctx, &ben, app.now()).await.unwrap(), None);

    app.advance(app.ctx.config().review.lease);
    app.sweep().await;
    assert!(app.trail(old.id).await.contains(&"lease_lapsed".to_owned()));
    let new = app.claim_next(&ben).await;
    assert_eq!(new.id, old.id);
    assert!(new.fence > old.fence);
    let refused = app.try_decide(&ada, &old, Outcome::Approved).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let late = review::heartbeat(&app.ctx, &ada, (old.id, old.fence), app.now()).await;
    assert!(late.is_err(), "an old fence extends nothing");
    assert_eq!(app.sql("SELECT count(*) FROM decision").await, "0");
}

#[tokio::test]
async fn a_heartbeat_keeps_the_submission_in_hand() {
    let app = app().await;
    app.submit_unseen().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    let case = app.claim_next(&ada).await;
    for _ in 0..3 {
        app.advance(app.ctx.config().review.lease - TimeDelta::seconds(1));
        review::heartbeat(&app.ctx, &ada, (case.id, case.fence), app.now()).await.unwrap();
        app.sweep().await;
        assert_eq!(review::claim(&app.ctx, &ben, app.now()).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_checkers_who_race_for_one_submission_exactly_one_gets_it() {
    let app = app().await;
    app.submit_unseen().await;
    let checkers = checkers(&app, 8).await;
    let taken = race(&app, &checkers).await;
    assert_eq!(taken.iter().flatten().count(), 1, "{taken:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_racing_checkers_hold_none_of_twenty_submissions_twice() {
    let app = app().await;
    for _ in 0..20 {
        app.submit_unseen().await;
    }
    let checkers = checkers(&app, 10).await;
    let mut seen = BTreeSet::new();
    for _round in 0..2 {
        let taken: Vec<_> = race(&app, &checkers).await.into_iter().flatten().collect();
        assert_eq!(taken.len(), 10, "everybody gets one while there are enough");
        for id in taken {
            assert!(seen.insert(id), "{id} was given to two");
        }
        for checker in &checkers {
            let case = app.case(checker).await;
            app.rate(checker, &case, FaceRating::SureSame).await;
            app.try_decide(checker, &case, Outcome::Approved).await.unwrap();
        }
    }
    assert_eq!(seen.len(), 20);
    assert!(race(&app, &checkers).await.iter().all(Option::is_none));
    app.let_undo_pass().await;
    assert_eq!(app.smtp.letters().len(), 20);
}

#[tokio::test]
async fn two_clicks_of_one_checker_take_one_submission() {
    let app = app().await;
    app.submit_unseen().await;
    app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    let (first, second) =
        tokio::join!(review::claim(&app.ctx, &ada, app.now()), review::claim(&app.ctx, &ada, app.now()));
    assert_eq!(first.unwrap().unwrap(), second.unwrap().unwrap());
}

#[tokio::test]
async fn nothing_is_told_and_nothing_decided_before_the_checkers_own_answers() {
    let app = app().await;
    app.submit_good().await;
    app.drain().await;
    let ada = app.checker("Ada").await;
    let case = app.claim_next(&ada).await;
    assert!(case.challenge.is_none() && case.claimed.is_none() && case.findings.is_none());
    assert!(matches!(app.try_decide(&ada, &case, Outcome::Approved).await, Err(Error::Reading(_))));

    app.rate(&ada, &case, FaceRating::ProbablyDifferent).await;
    let told = app.case(&ada).await;
    assert_eq!(told.claimed.unwrap().nhs_number.unwrap().expose(), "9912003888");
    assert!(!told.findings.unwrap().is_empty());
    let contradiction = app.try_decide(&ada, &case, Outcome::Approved).await;
    assert!(matches!(contradiction, Err(Error::Reading(_))), "{contradiction:?}");
    app.rate(&ada, &case, FaceRating::SureSame).await;
    app.try_decide(&ada, &case, Outcome::Approved).await.unwrap();
    let readings = app.sql("SELECT step, after_findings, session_position FROM reading ORDER BY ordinal").await;
    let expected = "face|f|1\nnumbers|f|1\ndocument|f|1\nface|t|1";
    assert_eq!(readings, expected, "every answer is kept, in its order, and which were blind");
    app.let_undo_pass().await;
}

#[tokio::test]
async fn an_answer_is_kept_with_how_long_it_took_and_which_of_the_session_it_was() {
    let app = app().await;
    let ada = app.checker("Ada").await;
    for place in 1..=2 {
        app.submit_unseen().await;
        let case = app.claim_next(&ada).await;
        app.advance(TimeDelta::seconds(20));
        app.answer(&ada, &case, Given::Face(FaceAnswer::of(FaceRating::SureSame))).await.unwrap();
        app.advance(TimeDelta::seconds(40));
        app.rate(&ada, &case, FaceRating::SureSame).await;
        let sql = format!(
            "SELECT step, extract(epoch FROM answered_at - shown_at)::int, session_position FROM reading \
             WHERE submission_id = '{}' AND step <> 'document' ORDER BY ordinal",
            case.id.uuid()
        );
        assert_eq!(app.sql(&sql).await, format!("face|20|{place}\nface|40|{place}\nnumbers|0|{place}"));
        app.try_decide(&ada, &case, Outcome::Approved).await.unwrap();
    }
    app.let_undo_pass().await;
}

#[tokio::test]
async fn a_submission_on_hold_waits_for_its_release_and_its_promise_runs_on() {
    let app = app().await;
    app.submit_unseen().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    let case = app.claim_next(&ada).await;
    review::hold(&app.ctx, &ada, (case.id, case.fence), (HoldReason::ALL[0], None), app.now()).await.unwrap();
    assert_eq!(review::claim(&app.ctx, &ben, app.now()).await.unwrap(), None);
    app.advance(TimeDelta::hours(2));
    app.sweep().await;
    assert!(app.trail(case.id).await.contains(&"breached".to_owned()));
    review::resume(&app.ctx, &ben, case.id, None, app.now()).await.unwrap();
    assert_eq!(app.claim_next(&ben).await.id, case.id);
}

#[tokio::test]
async fn the_most_urgent_submission_comes_first() {
    let app = app().await;
    let first = app.submit_unseen().await;
    app.advance(TimeDelta::minutes(1));
    let second = app.submit_unseen().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    assert_eq!(app.claim_next(&ada).await.id, first.id());
    assert_eq!(app.claim_next(&ben).await.id, second.id());
}

#[tokio::test]
async fn a_role_that_does_not_check_gets_nothing() {
    let app = app().await;
    app.submit_unseen().await;
    let id = app.staff("Olga", Role::Ops).await;
    let olga = Staff { id, name: "Olga".to_owned(), role: Role::Ops };
    assert!(matches!(review::claim(&app.ctx, &olga, app.now()).await, Err(Error::Forbidden)));
}

#[tokio::test]
async fn an_incomplete_refusal_is_not_stored() {
    let app = app().await;
    app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    let case = app.claim_next(&ada).await;
    app.rate(&ada, &case, FaceRating::Unsure).await;
    let incomplete =
        [Outcome::Rejected { reasons: vec![] }, Outcome::AskAgain { what: vec![], reasons: vec![Reason::Blurred] }];
    for outcome in incomplete {
        assert!(app.try_decide(&ada, &case, outcome).await.is_err());
    }
    assert_eq!(app.sql("SELECT count(*) FROM decision").await, "0");
}

async fn checkers(app: &acceptance::App, count: usize) -> Vec<Staff> {
    let mut checkers = Vec::new();
    for n in 0..count {
        let name = format!("Checker{n}");
        let id = app.staff(&name, Role::Reviewer).await;
        checkers.push(Staff { id, name, role: Role::Reviewer });
    }
    checkers
}

/// Everybody claims at once, each on a task of its own.
async fn race(app: &acceptance::App, checkers: &[Staff]) -> Vec<Option<domain::ids::SubmissionId>> {
    let claims = checkers.iter().cloned().map(|checker| {
        let ctx = app.ctx.clone();
        tokio::spawn(async move { review::claim(&ctx, &checker, ctx.now()).await.unwrap() })
    });
    join_all(claims).await.into_iter().map(Result::unwrap).collect()
}
