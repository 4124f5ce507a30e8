//! What a transport loses or repeats changes nothing, with Redis and without.

use crate::app;
use acceptance::{App, Mood, Redis, claim, eventually, tiny_photo, tiny_video};
use domain::decision::Outcome;
use domain::reading::FaceRating;
use domain::redacted::Redacted;
use futures::FutureExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use workflow::audit::Actor;
use workflow::queue::ops::{self, JobAct, JobFilter, JobState, Order, Target};
use workflow::queue::{self, Handlers, HeldJob, Pacing, RunnerSettings, Transport};
use workflow::{CancellationToken, Ctx, Error};

/// Handlers that also keep what they were given.
fn recording(handlers: &Handlers) -> (Handlers, Arc<Mutex<Vec<HeldJob>>>) {
    let (handlers, kept) = (Arc::clone(handlers), Arc::new(Mutex::new(Vec::new())));
    let keep = Arc::clone(&kept);
    let recording: Handlers = Arc::new(move |ctx: Ctx, held: HeldJob| {
        keep.lock().unwrap().push(held.clone());
        handlers(ctx, held).boxed()
    });
    (recording, kept)
}

#[tokio::test]
async fn a_job_that_is_delivered_again_after_its_end_changes_nothing() {
    let app = app().await;
    app.submit_good().await;
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    let (handlers, kept) = recording(&app.handlers);
    queue::drain(&app.ctx, &handlers, app.now()).await.unwrap();
    app.two_approve_next(&ada, &ben).await;
    app.advance(app.ctx.config().review.undo);
    workflow::due::sweep(&app.ctx, app.now()).await.unwrap();
    queue::drain(&app.ctx, &handlers, app.now()).await.unwrap();

    let everything = "SELECT (SELECT count(*) FROM audit_event), (SELECT count(*) FROM finding), \
        (SELECT count(*) FROM artefact), (SELECT state || attempts FROM notice)";
    let before = app.sql(everything).await;
    let jobs = kept.lock().unwrap().clone();
    assert_eq!(jobs.len(), 2);
    for held in jobs {
        let _told = (app.handlers)(app.ctx.clone(), held).await;
    }
    assert_eq!(app.sql(everything).await, before);
    assert_eq!(app.smtp.letters().len(), 1);
}

#[tokio::test]
async fn a_precheck_whose_claim_was_taken_over_writes_nothing() {
    let app = app().await;
    let submitted = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    let stolen = Arc::new(Mutex::new(None));
    let told = Arc::clone(&stolen);
    let (postmaster, database) = (Arc::clone(&app.postmaster), app.database.clone());
    let handlers: Handlers = Arc::new(move |ctx: Ctx, held: HeldJob| {
        let (postmaster, database, told) = (Arc::clone(&postmaster), database.clone(), Arc::clone(&told));
        async move {
            let steal =
                format!("UPDATE job SET fence = fence + 1, lease_by = 'another' WHERE id = '{}'", held.id.uuid());
            postmaster.cluster.run_sql(&database, &steal).await.unwrap();
            let queue::Job::RunPrecheck { submission } = held.job else { panic!("{held:?}") };
            for item in workflow::precheck::items(&ctx, submission).await? {
                acceptance::read_back(&ctx, &item).await.unwrap();
            }
            let recorded = workflow::precheck::record(&ctx, &held, submission, &[], ctx.now()).await;
            *told.lock().unwrap() = Some(matches!(recorded, Err(Error::JobLeaseLost)));
            recorded.map(|()| queue::Finished::Committed).map_err(Into::into)
        }
        .boxed()
    });
    queue::step(&app.ctx, &handlers, app.now()).await.unwrap();
    assert_eq!(*stolen.lock().unwrap(), Some(true));
    assert_eq!(app.api.status(&submitted.id).await["status"], "received");
}

#[tokio::test]
async fn a_letter_that_was_given_up_and_is_revived_by_ops_arrives() {
    let app = app().await;
    app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    app.sql("UPDATE job SET attempts_max = 1 WHERE kind = 'send_notice'").await;
    app.smtp.set_mood(Mood::Later);
    app.let_undo_pass().await;
    assert_eq!(app.sql("SELECT state FROM notice").await, "failed");

    app.smtp.set_mood(Mood::Accepting);
    let dead = Target::All(JobFilter { state: Some(JobState::Dead), ..JobFilter::default() });
    let order = Order { by: Actor::System, reason: "the relay is back" };
    assert_eq!(ops::act(&app.ctx, JobAct::Revive, &dead, order, app.now()).await.unwrap().jobs, 1);
    app.drain().await;
    assert_eq!(app.sql("SELECT state FROM notice").await, "sent");
    assert_eq!(app.smtp.letters().len(), 1);
    let told = "SELECT count(*) FROM audit_event WHERE action IN ('job_revived', 'notice_owed_again')";
    assert_eq!(app.sql(told).await, "2");
}

#[tokio::test]
async fn a_letter_whose_job_comes_before_its_time_waits_for_it_and_then_goes() {
    let app = app().await;
    app.submit_unseen().await;
    let ada = app.checker("Ada").await;
    app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
    // As a worker does whose clock stepped ahead, or a hand that puts jobs forward.
    app.sql("UPDATE job SET run_at = created_at WHERE kind = 'send_notice'").await;
    app.drain().await;
    assert_eq!(app.sql("SELECT state FROM notice").await, "owed");
    assert!(app.smtp.letters().is_empty(), "the decision can still be undone");
    app.let_undo_pass().await;
    assert_eq!(app.sql("SELECT state FROM notice").await, "sent");
    assert_eq!(app.smtp.letters().len(), 1);
}

#[tokio::test]
async fn a_precheck_that_ops_cancel_hands_its_submission_on() {
    let app = app().await;
    let submitted = app.submit_good().await;
    let prechecks = Target::All(JobFilter { kind: Some("run_precheck".to_owned()), ..JobFilter::default() });
    let order = Order { by: Actor::System, reason: "it never ends" };
    assert_eq!(ops::act(&app.ctx, JobAct::Cancel, &prechecks, order, app.now()).await.unwrap().jobs, 1);
    // What was never read back may not be opened by anybody, so the patient is asked again.
    assert_eq!(app.api.status(&submitted.id).await["status"], "retake_wanted");
    app.leaves_work();
}

/// A runner as a process has it, looking often; it ends when the guard is dropped.
fn run(app: &App, transport: Transport) -> (tokio::task::JoinHandle<workflow::Result<()>>, StopWhenDropped) {
    let pacing = Pacing {
        poll: Duration::from_millis(50),
        relay: Duration::from_millis(20),
        resend: chrono::TimeDelta::seconds(1),
        ..Pacing::default()
    };
    let settings = RunnerSettings { transport, pacing, ..RunnerSettings::of(app.ctx.config()) };
    let stop = CancellationToken::new();
    let running = tokio::spawn(queue::run(app.ctx.clone(), Arc::clone(&app.handlers), settings, stop.clone()));
    (running, StopWhenDropped(stop))
}

struct StopWhenDropped(CancellationToken);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

async fn status_becomes(app: &App, id: &str, wanted: &str) {
    eventually(&format!("{id} is {wanted}"), async || (app.api.status(id).await["status"] == wanted).then_some(()))
        .await;
}

/// A submission to its letter, with something done between the steps.
async fn whole_story(app: &App, transport: Transport, between: impl AsyncFn()) {
    let (running, guard) = run(app, transport);
    let (ada, ben) = (app.checker("Ada").await, app.checker("Ben").await);
    let submitted = app.submit_good().await;
    between().await;
    // The ledger's clock stands still, so what was lost counts as lost only when the test moves it.
    app.advance(chrono::TimeDelta::seconds(2));
    status_becomes(app, &submitted.id, "awaiting_review").await;
    app.two_approve_next(&ada, &ben).await;
    between().await;
    app.advance(app.ctx.config().review.undo);
    status_becomes(app, &submitted.id, "closed").await;
    between().await;
    app.advance(chrono::TimeDelta::seconds(2));
    eventually("the letter arrives", async || (!app.smtp.letters().is_empty()).then_some(())).await;
    eventually("the letter is known to be sent", async || {
        (app.sql("SELECT state FROM notice").await == "sent").then_some(())
    })
    .await;
    drop(guard);
    running.await.unwrap().unwrap();
    assert_eq!(app.smtp.letters().len(), 1);
    app.leaves_work();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runner_carries_a_submission_to_its_letter() {
    let app = app().await;
    whole_story(&app, Transport::Postgres, async || ()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_forgets_everything_again_and_again_loses_nothing() {
    let redis = Redis::start().await;
    let app = app().await;
    let transport = Transport::Redis { url: Redacted::new(redis.url()) };
    whole_story(&app, transport, async || redis.flush().await).await;
}
