//! The ops pages by plain forms: jobs found, looked at, revived and given up with a reason; queues paused; patients told.

use crate::app;
use acceptance::{App, Mood};
use chrono::TimeDelta;
use domain::decision::Outcome;
use domain::reading::FaceRating;
use workflow::staff::Role;

/// A letter that was refused for good a hundred times over: its job is dead.
async fn with_a_dead_job() -> App {
    let app = app().await;
    app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    app.smtp.set_mood(Mood::Down);
    app.advance(app.ctx.config().review.undo);
    workflow::due::sweep(&app.ctx, app.now()).await.unwrap();
    for _ in 0..60 {
        app.drain().await;
        app.advance(TimeDelta::minutes(31));
    }
    assert_eq!(app.sql("SELECT kind FROM job WHERE state = 'dead'").await, "send_notice");
    app
}

#[tokio::test]
async fn a_dead_job_is_found_looked_at_and_revived_with_a_reason() {
    let app = with_a_dead_job().await;
    let console = app.console();
    app.staff("Olga", Role::Ops).await;
    console.sign_in("Olga").await;
    let list = console.get("/ops/jobs?state=dead&queue=&kind=").await;
    assert_eq!(list.status, 200);
    let job = list.body.split("/ops/jobs/").find(|rest| rest.starts_with("job_")).unwrap().split('"').next().unwrap();
    let page = console.get(&format!("/ops/jobs/{job}")).await;
    assert!(page.body.contains("the mail server could not be reached"), "{}", page.body);
    let refused = console.post("/ops/jobs/act", &[("job", job), ("act", "revive"), ("reason", " ")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Say why"));
    app.smtp.set_mood(Mood::Accepting);
    let done = console.post("/ops/jobs/act", &[("job", job), ("act", "revive"), ("reason", "the relay is back")]).await;
    assert_eq!((done.status, done.header("location")), (303, "/ops/jobs?state=&queue=&kind=&done=revive-1"));
    let told = console.get(done.header("location")).await;
    assert!(told.body.contains("1 job was made ready again."));
    app.drain().await;
    assert_eq!(app.smtp.letters().len(), 1, "the letter left");
    let why = "SELECT detail->>'reason', actor LIKE 'stf_%' FROM audit_event WHERE action = 'job_revived'";
    assert_eq!(app.sql(why).await, "the relay is back|t");
}

#[tokio::test]
async fn all_jobs_of_a_filter_are_given_up_only_after_a_second_press() {
    let app = with_a_dead_job().await;
    let console = app.console();
    app.staff("Olga", Role::Ops).await;
    console.sign_in("Olga").await;
    let fields = [("state", "dead"), ("queue", "mail"), ("kind", ""), ("act", "cancel"), ("reason", "told by phone")];
    let confirm = console.post("/ops/jobs/act", &fields).await;
    assert_eq!(confirm.status, 200);
    assert!(confirm.body.contains("Nothing has been done yet") && confirm.body.contains("told by phone"));
    assert_eq!(app.sql("SELECT count(*) FROM job WHERE state = 'dead'").await, "1");
    let done = console.post("/ops/jobs/act", &[&fields[..], &[("confirm", "yes")]].concat()).await;
    assert_eq!(done.header("location"), "/ops/jobs?state=dead&queue=mail&kind=&done=cancel-1");
    assert_eq!(app.sql("SELECT count(*) FROM job WHERE state = 'cancelled' AND kind = 'send_notice'").await, "1");
    let wide = console.post("/ops/jobs/act", &[("act", "cancel"), ("reason", "all of them")]).await;
    assert_eq!(wide.status, 422, "nobody gives up every job there is");
}

#[tokio::test]
async fn a_queue_is_paused_and_runs_again_and_patients_are_told() {
    let app = app().await;
    let console = app.console();
    app.staff("Olga", Role::Ops).await;
    console.sign_in("Olga").await;
    let paused =
        console.post("/ops/queues", &[("queue", "media"), ("switch", "pause"), ("reason", "new decoder")]).await;
    assert_eq!(paused.status, 303);
    assert!(console.get("/ops/jobs").await.body.contains("Let it run again"));
    assert!(console.get("/ops").await.body.contains("(paused)"));
    assert_eq!(
        console.post("/ops/queues", &[("queue", "media"), ("switch", "resume"), ("reason", "done")]).await.status,
        303
    );
    assert_eq!(app.sql("SELECT count(*) FROM queue_control").await, "0");

    let told =
        console.post("/ops/message", &[("do", "tell"), ("message", "It takes <4> hours."), ("hours", "3")]).await;
    assert_eq!(told.status, 303);
    let page = console.get("/ops").await.body;
    assert!(page.contains("It takes &lt;4&gt; hours.") && page.contains("Tell it no more"), "{page}");
    let refused = console.post("/ops/message", &[("do", "tell"), ("message", "x"), ("hours", "500")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Choose 1 to 48 hours."));
    assert_eq!(console.post("/ops/message", &[("do", "end")]).await.status, 303);
    assert!(!console.get("/ops").await.body.contains("It takes"));
}

#[tokio::test]
async fn who_does_not_run_operations_may_look_or_not_even_that() {
    let app = app().await;
    let console = app.console();
    app.staff("Sidney", Role::Senior).await;
    console.sign_in("Sidney").await;
    let page = console.get("/ops/jobs").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("action=\"/ops/jobs/act\""), "a senior looks");
    for (path, fields) in [
        ("/ops/jobs/act", vec![("act", "cancel"), ("state", "dead"), ("reason", "x"), ("confirm", "yes")]),
        ("/ops/queues", vec![("queue", "mail"), ("switch", "pause"), ("reason", "x")]),
        ("/ops/message", vec![("do", "tell"), ("message", "x"), ("hours", "1")]),
    ] {
        assert_eq!(console.post(path, &fields).await.status, 403, "{path}");
    }
    let checker = app.console();
    app.staff("Ada", Role::Reviewer).await;
    checker.sign_in("Ada").await;
    for path in ["/ops", "/ops/jobs", "/ops/jobs/job_00000000000070008000000000000001"] {
        assert_eq!(checker.get(path).await.status, 403, "{path}");
    }
    assert_eq!(console.get("/ops/jobs/job_00000000000070008000000000000001").await.status, 404);
    assert_eq!(console.get("/ops/jobs?state=bored").await.status, 404);
    assert_eq!(app.sql("SELECT count(*) FROM queue_control").await, "0");
}
