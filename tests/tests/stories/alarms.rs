//! Alarms: every level of a promise once and with its true time, a silence told by the doors, and nothing personal in any.

use acceptance::{App, Hook, Setup, claim};
use chrono::TimeDelta;
use serde_json::json;
use workflow::alert::AlertKind;
use workflow::watch::{self, Scope};
use workflow::{due, webhook};

const OPS: &str = "ops@staff.example";
const HEAD: &str = "head-of-ops@staff.example";
const SECRET: &str = "a secret of the tests";

async fn app_with(hook: &Hook) -> App {
    let settings = vec![
        ("OPS_ALERT_EMAIL", OPS.to_owned()),
        ("OPS_ESCALATION_EMAIL", HEAD.to_owned()),
        ("OPS_WEBHOOK_URL", hook.url()),
        ("OPS_WEBHOOK_SECRET", SECRET.to_owned()),
    ];
    App::start(Setup { settings, ..Setup::usual(env!("CARGO_BIN_EXE_inspect")) }).await
}

fn mail_to(app: &App, to: &str) -> Vec<String> {
    let letters = app.smtp.letters();
    letters.iter().filter(|letter| letter.to == to).map(|letter| letter.header("subject")).collect()
}

/// Three processes sweep at once, then what they owe is done.
async fn sweep_thrice(app: &App) {
    let sweeps = (0..3).map(|_| {
        let ctx = app.ctx.clone();
        tokio::spawn(async move { due::sweep(&ctx, ctx.now()).await.unwrap() })
    });
    futures::future::join_all(sweeps).await.into_iter().for_each(|swept| assert!(swept.unwrap() <= 1));
    app.drain().await;
}

async fn levels(app: &App) -> String {
    let sql =
        "SELECT detail->>'level', detail->>'at' FROM audit_event WHERE action = 'alert_level_reached' ORDER BY seq";
    app.sql(sql).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_level_is_told_once_by_three_sweeps_at_once() {
    let hook = Hook::start().await;
    let app = app_with(&hook).await;
    app.submit_unseen().await;
    assert_eq!(app.sql("SELECT alert_level, alert_at = due_at - interval '1 hour' FROM submission").await, "quiet|t");

    app.advance(TimeDelta::minutes(60));
    sweep_thrice(&app).await;
    assert_eq!(levels(&app).await, "watch|2026-03-02T11:00:00Z");
    assert!(app.smtp.letters().is_empty() && hook.alarms().is_empty(), "the first level is for the board alone");

    app.advance(TimeDelta::minutes(30));
    sweep_thrice(&app).await;
    sweep_thrice(&app).await;
    assert_eq!(mail_to(&app, OPS), ["[Proofdesk] A submission is due within half an hour"]);
    assert_eq!(mail_to(&app, HEAD), [""; 0]);
    assert_eq!(hook.alarms(), ["promise_near"]);

    app.advance(TimeDelta::minutes(15));
    sweep_thrice(&app).await;
    assert_eq!(app.sql("SELECT alert_level, alert_at = due_at FROM submission").await, "at_risk|t");
    assert_eq!((mail_to(&app, OPS).len(), mail_to(&app, HEAD).len()), (2, 1), "it is escalated");
    assert_eq!(hook.alarms(), ["promise_near", "promise_at_risk"]);

    app.advance(TimeDelta::minutes(15));
    sweep_thrice(&app).await;
    assert_eq!(hook.alarms(), ["promise_near", "promise_at_risk", "promise_broken"]);
    assert_eq!(app.sql("SELECT breached_at, found_at FROM breach").await.matches("12:00:00+00").count(), 2);
    assert_eq!(app.sql("SELECT alert_at IS NULL FROM submission").await, "t");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn levels_found_late_are_on_record_with_their_true_time_and_only_the_last_is_told() {
    let hook = Hook::start().await;
    let app = app_with(&hook).await;
    app.submit_unseen().await;
    app.advance(TimeDelta::hours(5));
    sweep_thrice(&app).await;
    let late = "watch|2026-03-02T11:00:00Z\npage|2026-03-02T11:30:00Z\nat_risk|2026-03-02T11:45:00Z";
    assert_eq!(levels(&app).await, late);
    let breach = "SELECT to_char(breached_at, 'HH24:MI'), to_char(found_at, 'HH24:MI') FROM breach";
    assert_eq!(app.sql(breach).await, "12:00|15:00");
    assert_eq!(hook.alarms(), ["promise_broken"]);
    assert_eq!(mail_to(&app, OPS), ["[Proofdesk] A promise was broken"]);
}

#[tokio::test]
async fn the_webhook_gets_signed_json_without_anything_personal() {
    let hook = Hook::start().await;
    let app = app_with(&hook).await;
    app.submit_claim(&claim(), acceptance::tiny_photo(), acceptance::tiny_video()).await;
    app.drain_unseen().await;
    app.advance(TimeDelta::minutes(95));
    app.sweep().await;
    let [received] = hook.received().try_into().unwrap();
    assert_eq!(received.header("Proofdesk-Signature"), webhook::signature(SECRET, app.now(), received.body.as_bytes()));
    let body = received.json();
    assert_eq!((&body["alert"], &body["severity"]), (&json!("promise_near"), &json!("page")));
    assert_eq!(body["facts"]["waiting"], "1");
    assert_eq!(body["facts"]["next_due_at"], "2026-03-02T12:00:00Z");
    let letter = app.smtp.letters().pop().unwrap().text();
    assert!(letter.contains("checkers needed: ") && letter.contains("docs/operations/breach.md"), "{letter}");
    for personal in ["Mary", "Specimen", "1987", "9912003888", "SW1A", "mary@"] {
        assert!(!received.body.contains(personal) && !letter.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn a_webhook_that_is_down_is_tried_again_and_holds_up_no_mail() {
    let hook = Hook::start().await;
    let app = app_with(&hook).await;
    app.submit_unseen().await;
    hook.answer(503);
    app.advance(TimeDelta::minutes(90));
    app.sweep().await;
    assert_eq!((hook.alarms().len(), mail_to(&app, OPS).len()), (1, 1));
    hook.answer(200);
    app.advance(TimeDelta::seconds(5));
    app.drain().await;
    let received = hook.received();
    assert_eq!(received.len(), 2, "tried again, and the mail was not sent again");
    assert_eq!(received[0].header("Proofdesk-Delivery"), received[1].header("Proofdesk-Delivery"));
    assert_eq!(mail_to(&app, OPS).len(), 1);
}

#[tokio::test]
async fn a_dead_sweep_is_told_by_a_door_without_any_worker() {
    let hook = Hook::start().await;
    let app = app_with(&hook).await;
    app.leaves_work();
    app.sweep().await;
    let look = async || watch::look(&app.ctx, Scope::Silence, app.now()).await.unwrap();
    app.advance(TimeDelta::seconds(45));
    assert_eq!(look().await, []);
    app.advance(TimeDelta::seconds(1));
    assert_eq!(look().await, [AlertKind::SweepSilent], "46 s, and a door looks every 5");
    assert_eq!(look().await, [], "another door finds it told");
    assert_eq!(hook.alarms(), ["sweep_silent"], "no worker had to send it");
    assert_eq!(app.sql("SELECT kind FROM job WHERE state = 'ready'").await, "alert_ops", "the mail waits for a worker");
    app.advance(TimeDelta::minutes(15));
    assert_eq!(look().await, [AlertKind::SweepSilent], "it lasts");
    app.sweep().await;
    app.advance(TimeDelta::minutes(15));
    app.sweep().await;
    assert_eq!(look().await, []);
}

#[tokio::test]
async fn a_pace_that_cannot_keep_the_promise_is_told_before_it_breaks() {
    let hook = Hook::start().await;
    let app = app_with(&hook).await;
    app.submit_unseen().await;
    app.sweep().await;
    let told = watch::look(&app.ctx, Scope::SilenceAndForecast, app.now()).await.unwrap();
    assert_eq!(told, [AlertKind::BreachForecast], "something waits and nobody decides");
    app.drain().await;
    assert_eq!(mail_to(&app, OPS), ["[Proofdesk] At this pace promises will be broken"]);
}
