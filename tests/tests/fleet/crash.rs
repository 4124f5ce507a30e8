//! Processes that die or stand still in the middle of a job (F3, F8, F10).

use crate::{every_effect_once, house, house_with, kept_by_both_transports, now, trivial};
use acceptance::{App, Carrier, Mood, Postgres, beside, claim, eventually, tiny_photo, tiny_video};
use chrono::TimeDelta;
use workflow::alert::{self, Alert, AlertKind};
use workflow::audit::Actor;
use workflow::queue::ops::{self, JobAct, JobFilter, JobState, Order, Target};

kept_by_both_transports!(crash:
    j1_a_killed_worker_s_job_starts_again_within_its_lease_and_five_seconds,
    j1_a_hundred_kills_during_ten_thousand_jobs_leave_every_effect_once,
    j6_a_job_that_aborts_its_process_is_dead_after_three_crashes_and_others_are_not,
    j6_a_precheck_that_aborts_its_process_leaves_its_submission_to_people_and_as_due_as_before,
    j9_a_process_that_stood_still_finds_its_claim_gone_and_changes_nothing,
);

/// The job lease of 20 s, the reaper's round, and a poll; never above 30 s.
const AGAIN_WITHIN: TimeDelta = TimeDelta::seconds(25);

async fn j1_a_killed_worker_s_job_starts_again_within_its_lease_and_five_seconds(carrier: Carrier) {
    let app = house_with(Postgres::Shared, vec![("OPS_ALERT_EMAIL", "ops@staff.example".to_owned())]).await;
    let settings = [("OPS_ALERT_EMAIL", "ops@staff.example")];
    let worker = beside(env!("CARGO_BIN_EXE_inspect"), "worker");
    app.smtp.set_mood(Mood::Silent);
    let mut first = app.worker_process(&worker, &["--pools", "mail"], (&carrier, &settings));
    alert::tell(&app.ctx, Alert::of(AlertKind::ScannerAway), app.now()).await.unwrap();
    app.becomes("job WHERE kind = 'alert_ops' AND state = 'running'", 1).await;
    first.kill();
    let killed = now();
    app.smtp.set_mood(Mood::Accepting);
    let mut second = app.worker_process(&worker, &["--pools", "mail"], (&carrier, &settings));
    app.becomes("job WHERE kind = 'alert_ops' AND fence = 2", 1).await;
    let took = now() - killed;
    println!("killed to second start: {} ms", took.num_milliseconds());
    assert!(took <= AGAIN_WITHIN, "{took}");
    eventually("the mail arrives", async || (app.smtp.letters().len() == 1).then_some(())).await;
    app.becomes("job WHERE kind = 'alert_ops' AND state = 'done' AND attempts = 2 AND crashes = 1", 1).await;
    assert!(second.is_running());
}

async fn j1_a_hundred_kills_during_ten_thousand_jobs_leave_every_effect_once(carrier: Carrier) {
    const JOBS: u64 = 10_000;
    const KILLS: u64 = 100;
    let app = house().await;
    let start = || trivial(&app, &carrier, &["body_ms=2", "lease_s=2", "concurrency=8"]);
    app.owe("send_notice", JOBS as u32).await;
    let mut crew = [start(), start()];
    let mut dice = 0x9E37_79B9_7F4A_7C15_u64;
    for kill in 1..=KILLS {
        let reached = kill * (JOBS - 500) / KILLS;
        eventually("more effects", async || (app.count("effect").await >= reached).then_some(())).await;
        // Marsaglia's xorshift: which of the two dies is the same in every run.
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let victim = &mut crew[(dice >> 33) as usize % 2];
        victim.kill();
        *victim = start();
    }
    // A job that three kills met by chance is taken for a poison pill; a person sees that it is none.
    let order = Order { by: Actor::System, reason: "the kills met it by chance" };
    let dead = Target::All(JobFilter { state: Some(JobState::Dead), ..JobFilter::default() });
    eventually("all jobs are done", async || {
        ops::act(&app.ctx, JobAct::Revive, &dead, order, app.now()).await.unwrap();
        (app.count("job WHERE kind = 'send_notice' AND state <> 'done'").await == 0).then_some(())
    })
    .await;
    every_effect_once(&app, JOBS).await;
    println!("crashed starts: {}", app.sql("SELECT sum(crashes) FROM job").await);
    assert!(app.count("job_error WHERE class = 'crash'").await > 0, "no kill met a job");
}

async fn j6_a_job_that_aborts_its_process_is_dead_after_three_crashes_and_others_are_not(carrier: Carrier) {
    let app = house().await;
    app.owe("run_precheck", 1).await;
    app.owe("send_notice", 20).await;
    start_until_precheck_is_dead(&app, &carrier).await;
    // Three, unless a neighbour met three of them as well: then the one that crashes alone is the deadly one.
    let crashes = app
        .count(
            "job_error WHERE class = 'crash' AND job_id IN \
        (SELECT id FROM job WHERE kind = 'run_precheck' AND state = 'dead')",
        )
        .await;
    assert!((3..=6).contains(&crashes), "{crashes}");
    let kept = "SELECT attempts || ' ' || crashes FROM job WHERE kind = 'run_precheck' AND state = 'dead'";
    assert_eq!(app.sql(kept).await, format!("{crashes} {crashes}"));
    let mut worker = trivial(&app, &carrier, &["lease_s=2"]);
    app.becomes("job WHERE kind = 'send_notice' AND state = 'done'", 20).await;
    every_effect_once(&app, 20).await;
    assert!(worker.is_running());
}

async fn j6_a_precheck_that_aborts_its_process_leaves_its_submission_to_people_and_as_due_as_before(carrier: Carrier) {
    let app = house().await;
    app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    let due_before = app.sql("SELECT due_at FROM submission").await;
    start_until_precheck_is_dead(&app, &carrier).await;
    assert_eq!(app.sql("SELECT status FROM submission").await, "awaiting_review");
    assert_eq!(app.sql("SELECT DISTINCT body ->> 'result' FROM finding").await, "not_assessed");
    assert_eq!(app.count("evidence WHERE verified_at IS NOT NULL").await, 2);
    assert!(!due_before.is_empty());
    assert_eq!(app.sql("SELECT due_at FROM submission").await, due_before);
}

/// As a supervisor would: the worker is started anew whenever it has ended.
async fn start_until_precheck_is_dead(app: &App, carrier: &Carrier) {
    let dead = async || app.count("job WHERE kind = 'run_precheck' AND state = 'dead'").await == 1;
    let mut starts = 0;
    while !dead().await {
        let mut worker = trivial(app, carrier, &["lease_s=2"]);
        starts += 1;
        eventually("the end of the process, or of the job", async || {
            (!worker.is_running() || dead().await).then_some(())
        })
        .await;
        assert!(starts <= 7, "the job is started for ever");
    }
}

async fn j9_a_process_that_stood_still_finds_its_claim_gone_and_changes_nothing(carrier: Carrier) {
    let app = house().await;
    let slow = trivial(&app, &carrier, &["body_ms=1500", "lease_s=2"]);
    app.owe("send_notice", 4).await;
    app.becomes("job WHERE kind = 'send_notice' AND state = 'running'", 4).await;
    slow.signal(libc::SIGSTOP);
    let mut other = trivial(&app, &carrier, &["lease_s=2"]);
    app.becomes("job WHERE kind = 'send_notice' AND state = 'done' AND attempts = 2", 4).await;
    every_effect_once(&app, 4).await;
    slow.signal(libc::SIGCONT);
    // A later job that only the woken process can have done: the others are gone.
    other.kill();
    app.owe("send_notice", 1).await;
    app.becomes("job WHERE kind = 'send_notice' AND state = 'done'", 5).await;
    every_effect_once(&app, 5).await;
    assert_eq!(app.count("job WHERE kind = 'send_notice' AND attempts = 2 AND fence = 2").await, 4);
}
