//! The promise as a versioned policy, what patients are told of waits, and what ops are told of the queue.

use crate::app;
use acceptance::{App, claim, tiny_photo, tiny_video};
use chrono::TimeDelta;
use domain::decision::Outcome;
use domain::reading::FaceRating;
use domain::sla::SlaPolicy;
use serde_json::json;
use workflow::staff::{Role, Staff};
use workflow::{Error, audit, ops, policy, staff};

async fn person(app: &App, name: &str, role: Role) -> Staff {
    app.staff(name, role).await;
    staff::named(&app.ctx, &format!("{name}@staff.example")).await.unwrap()
}

fn target(minutes: i64) -> SlaPolicy {
    SlaPolicy { target: TimeDelta::minutes(minutes), ..SlaPolicy::default() }
}

#[tokio::test]
async fn a_change_moves_what_waits_in_one_transaction_and_is_audited_in_every_chain() {
    let app = app().await;
    let olga = person(&app, "Olga", Role::Ops).await;
    let first = app.submit_unseen().await;
    let second = app.submit_unseen().await;
    let decided = app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    // The third is the least urgent; take the first two aside.
    app.advance(TimeDelta::minutes(70));
    app.sweep().await;
    assert_eq!(app.sql("SELECT DISTINCT alert_level FROM submission").await, "watch");
    let case = app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;

    let version = policy::change(&app.ctx, &olga, target(180), " storm ", app.now()).await.unwrap();
    assert_eq!((version.policy.version, version.moved, version.reason.as_str()), (1, 2, "storm"));
    let waiting = "SELECT to_char(due_at, 'HH24:MI'), to_char(alert_at, 'HH24:MI'), alert_level FROM submission \
                   WHERE status = 'awaiting_review'";
    assert_eq!(app.sql(waiting).await, "13:00|12:00|quiet\n13:00|12:00|quiet", "the level is told again in its time");
    let told: Vec<_> = [&first, &second, &decided].into_iter().filter(|one| one.id() != case.id).collect();
    for submitted in told {
        assert_eq!(app.trail(submitted.id()).await.last().unwrap(), "policy_changed");
        let estimate = app.api.status(&submitted.id).await["estimate"].clone();
        assert_eq!(estimate["promised_by"], "2026-03-02T13:00:00Z");
    }
    assert_eq!(app.trail(case.id).await.last().unwrap(), "decided", "what is decided keeps its promise");
    assert!(audit::verify(&app.ctx).await.unwrap().broken.is_empty(), "each chain goes on unbroken");

    let later = app.submit_unseen().await;
    let made = "SELECT state #>> '{promise,policy}', due_at - received_at FROM submission WHERE id =";
    let clock = app.sql(&format!("{made} '{}'", later.id().uuid())).await;
    assert_eq!(clock, "1|03:00:00", "what comes later is promised under the new version");
    let history = policy::history(&app.ctx).await.unwrap();
    assert_eq!((history.len(), history[0].made_by.as_str()), (1, "Olga"));
}

#[tokio::test]
async fn a_change_needs_a_reason_a_role_and_a_policy_that_can_be_kept() {
    let app = app().await;
    let olga = person(&app, "Olga", Role::Ops).await;
    let sidney = person(&app, "Sidney", Role::Senior).await;
    let change = async |by: &Staff, policy: SlaPolicy, reason: &str| {
        policy::change(&app.ctx, by, policy, reason, app.now()).await.unwrap_err()
    };
    assert!(matches!(change(&sidney, target(60), "why").await, Error::Forbidden));
    assert!(matches!(change(&olga, target(60), " ").await, Error::Invalid(_)));
    assert!(matches!(change(&olga, target(0), "why").await, Error::Invalid(_)));
    let elsewhere = SlaPolicy { zone: "Europe/Paris".parse().unwrap(), ..target(60) };
    assert!(matches!(change(&olga, elsewhere, "why").await, Error::Invalid(_)));
    assert_eq!(app.sql("SELECT count(*) FROM sla_policy").await, "0");
    assert_eq!(policy::current(&app.ctx).await.unwrap(), SlaPolicy::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_completed_while_the_policy_changes_is_promised_under_the_one_or_the_other_and_never_left_behind() {
    let app = app().await;
    let olga = person(&app, "Olga", Role::Ops).await;
    app.leaves_work();
    let mut opened = Vec::new();
    for _ in 0..6 {
        let one = app.open(&claim()).await;
        assert_eq!(app.api.upload(&one.id, "id_photo_front", tiny_photo()).await.status, 200);
        assert_eq!(app.api.upload(&one.id, "face_video", tiny_video()).await.status, 200);
        opened.push(one);
    }
    let completing = futures::future::join_all(opened.iter().map(|one| app.api.complete(&one.id)));
    let (completed, changed) =
        futures::join!(completing, policy::change(&app.ctx, &olga, target(90), "why", app.now()));
    assert!(completed.iter().all(|answer| answer.status == 202), "{completed:?}");
    changed.unwrap();
    let promised = "SELECT DISTINCT due_at - received_at FROM submission WHERE status = 'received'";
    assert_eq!(app.sql(promised).await, "01:30:00");
}

#[tokio::test]
async fn waiting_patients_are_told_what_ops_publish_for_as_long_as_it_holds() {
    let app = app().await;
    let olga = person(&app, "Olga", Role::Ops).await;
    let ada = app.checker("Ada").await;
    let submitted = app.submit_unseen().await;
    let told = async || app.api.status(&submitted.id).await["estimate"]["message"].clone();
    assert_eq!(told().await, json!(null));
    let words = "We are very  busy. It may take four hours.";
    assert!(matches!(ops::tell_patients(&app.ctx, &ada, words, 2, app.now()).await, Err(Error::Forbidden)));
    ops::tell_patients(&app.ctx, &olga, words, 2, app.now()).await.unwrap();
    assert_eq!(told().await, "We are very busy. It may take four hours.");
    ops::tell_patients(&app.ctx, &olga, "It takes three hours.", 1, app.now()).await.unwrap();
    assert_eq!(told().await, "It takes three hours.", "one at a time");
    app.advance(TimeDelta::hours(1));
    assert_eq!(told().await, json!(null));
    ops::tell_patients(&app.ctx, &olga, words, 2, app.now()).await.unwrap();
    ops::end_message(&app.ctx, &olga, app.now()).await.unwrap();
    assert_eq!(told().await, json!(null));
    let trail = "SELECT string_agg(action, ' ' ORDER BY seq) FROM audit_event WHERE action LIKE 'wait_message%'";
    let expected = "wait_message_told wait_message_told wait_message_told wait_message_ended";
    assert_eq!(app.sql(trail).await, expected);
}

#[tokio::test]
async fn the_overview_counts_what_comes_what_goes_and_who_is_there() {
    let app = app().await;
    let ada = app.checker("Ada").await;
    for _ in 0..3 {
        app.submit_unseen().await;
    }
    app.advance(TimeDelta::minutes(10));
    app.claim_next(&ada).await;
    app.advance(TimeDelta::minutes(4) + TimeDelta::seconds(30));
    let seen = ops::overview(&app.ctx, app.now()).await.unwrap();
    assert_eq!((seen.board.waiting, seen.board.in_progress, seen.board.arrivals_last_hour), (2, 1, 3));
    let outlook = &seen.outlook;
    assert_eq!((outlook.checkers_online, outlook.checkers_reviewing, outlook.leases_ending), (0, 1, 1));
    assert_eq!((outlook.forecast.will_breach, outlook.forecast.clears_at), (3, None), "nobody has decided yet");

    let case = app.case(&ada).await;
    app.rate(&ada, &case, FaceRating::SureSame).await;
    app.try_decide(&ada, &case, Outcome::Approved).await.unwrap();
    let outlook = ops::outlook(&app.ctx, app.now()).await.unwrap();
    assert!((outlook.seconds_per_check - 270.0).abs() < 0.1, "four and a half minutes: {}", outlook.seconds_per_check);
    assert!((outlook.decisions_per_hour - 2.0).abs() < 0.1);
    assert_eq!(outlook.forecast.will_breach, 0, "two within the 105 minutes that are left");
    assert_eq!(seen.hours.iter().map(|hour| hour.arrivals).sum::<i64>(), 3);
}
