//! What the ledger promises without any transport: single steps, a clock that is moved, and finishers that come too late.

use chrono::TimeDelta;
use domain::ids::JobId;
use futures::FutureExt;
use futures::future::join_all;
use std::sync::Arc;
use workflow::Error;
use workflow::alert::{self, Alert, AlertKind};
use workflow::db::Tx;
use workflow::queue::{self, Finished, Handlers, Job, JobError};

use crate::bench::{Act, Bench, a_notice, a_precheck, cluster};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_tasks_that_owe_the_same_work_owe_it_once() {
    let bench = Bench::direct().await;
    let job = a_precheck();
    let owed = join_all((0..50).map(|_| bench.enqueue(&job))).await;
    assert_eq!(owed.iter().flatten().count(), 1);
    let now = bench.ctx.now();
    assert_eq!(queue::drain(&bench.ctx, &bench.handlers(), now).await.unwrap(), 1);
    assert_eq!(bench.sql("SELECT count(*) FROM job").await, "1");
    assert!(bench.enqueue(&job).await.is_some(), "what is done may be owed again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finisher_that_lost_its_lease_changes_nothing() {
    let bench = Bench::direct().await;
    let job = a_precheck();
    let id = bench.enqueue(&job).await.unwrap();
    let (clock, in_time) = (bench.clock.clone(), bench.handlers());
    let too_late: Handlers = Arc::new(move |ctx, held| {
        let (clock, in_time) = (clock.clone(), Arc::clone(&in_time));
        async move {
            // While this body stands still, another process takes the job over and ends it.
            clock.advance(TimeDelta::minutes(11));
            queue::step(&ctx, &in_time, ctx.now()).await?;
            let now = ctx.now();
            let finish = async |tx: &mut Tx| {
                queue::enqueue(tx, &a_notice(), now, now).await?;
                queue::finish(tx, &held, now).await
            };
            let refused = ctx.db().tx("test.late", finish).await;
            assert!(matches!(refused, Err(Error::JobLeaseLost)), "{refused:?}");
            Ok(Finished::Plain)
        }
        .boxed()
    });
    queue::step(&bench.ctx, &too_late, bench.ctx.now()).await.unwrap();
    let view = bench.view(id).await;
    assert_eq!((view.state.as_str(), view.attempts, view.fence, view.crashes), ("done", 2, 2, 1));
    assert_eq!(bench.sql("SELECT count(*) FROM job").await, "1", "the late transaction left a job behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_passes_its_deadline_is_ended_and_recorded() {
    let bench = Bench::direct().await;
    bench.script.order(&Job::Sweep, [Act::Hang]);
    let id = bench.enqueue(&Job::Sweep).await.unwrap();
    queue::step(&bench.ctx, &bench.handlers(), bench.ctx.now()).await.unwrap();
    assert_eq!(bench.view(id).await.state, "dead", "a sweep is not tried again: the next tick brings another");
    assert_eq!(bench.failure_classes(id).await, ["timeout"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_may_have_killed_a_process_are_judged_together_whenever_their_leases_run_out() {
    let bench = Bench::direct().await;
    let began = bench.ctx.now();
    let crashed_twice = async |process: &str, seconds_left: i64| {
        let id = bench.enqueue(&a_precheck()).await.unwrap();
        let until = (began + TimeDelta::seconds(seconds_left)).to_rfc3339();
        let running =
            format!("state = 'running', lease_by = '{process}', lease_until = '{until}', attempts = 3, crashes = 2");
        bench.sql(&format!("UPDATE job SET {running} WHERE id = '{}'", id.uuid())).await;
        id
    };
    let (early, late) = (crashed_twice("dead", 1).await, crashed_twice("dead", 3).await);
    let (alone, kept_up) = (crashed_twice("alive", 1).await, crashed_twice("alive", 60).await);
    let states = async |ids: [JobId; 2]| [bench.view(ids[0]).await.state, bench.view(ids[1]).await.state];
    let step_at = async |seconds| {
        queue::step(&bench.ctx, &bench.handlers(), began + TimeDelta::seconds(seconds)).await.unwrap();
    };
    step_at(2).await;
    assert_eq!(states([early, late]).await, ["running", "running"]);
    assert_eq!(states([alone, kept_up]).await, ["dead", "running"]);
    for seconds in 4..16 {
        step_at(seconds).await;
    }
    assert_eq!(states([early, late]).await, ["done", "done"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn urgent_jobs_run_first_within_a_queue() {
    let bench = Bench::direct().await;
    let now = bench.ctx.now();
    bench.enqueue_at(&Job::PurgeObjects, now - TimeDelta::hours(1)).await.unwrap();
    bench.enqueue(&Job::Sweep).await.unwrap();
    queue::step(&bench.ctx, &bench.handlers(), now).await.unwrap();
    assert_eq!(bench.script.started(), [Job::Sweep, Job::PurgeObjects]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_may_name_the_pause() {
    let bench = Bench::direct().await;
    let id = bench.enqueue(&a_notice()).await.unwrap();
    let pause = TimeDelta::seconds(77);
    let handlers: Handlers =
        Arc::new(move |_, _| async move { Err(JobError::RetryAfter(pause, "later".to_owned())) }.boxed());
    let now = bench.ctx.now();
    assert_eq!(queue::drain(&bench.ctx, &handlers, now).await.unwrap(), 1);
    assert_eq!(bench.view(id).await.run_at, now + pause);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_that_crashed_together_twice_start_again_each_at_a_moment_of_its_own() {
    let bench = Bench::direct().await;
    for _ in 0..8 {
        bench.enqueue(&a_precheck()).await.unwrap();
    }
    let crash = "UPDATE job SET state = 'running', attempts = 1, fence = fence + 1, lease_by = 'gone', lease_until = created_at";
    let handlers: Handlers =
        Arc::new(move |_, _| async move { Err(JobError::Wait(TimeDelta::hours(1), "started".to_owned())) }.boxed());
    bench.sql(&format!("{crash}, crashes = 0")).await;
    let now = bench.ctx.now() + TimeDelta::seconds(1);
    assert_eq!(queue::drain(&bench.ctx, &handlers, now).await.unwrap(), 8, "the first crash delays nothing");
    bench.sql(&format!("{crash}, crashes = 1")).await;
    let started = queue::drain(&bench.ctx, &handlers, now).await.unwrap();
    assert!(started < 3, "{started} start together");
    assert_eq!(queue::drain(&bench.ctx, &handlers, now + TimeDelta::seconds(10)).await.unwrap(), 8 - started);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_jobs_that_shared_three_crashes_the_one_that_crashes_alone_is_dead() {
    let bench = Bench::direct().await;
    let (deadly, neighbour) = (a_precheck(), a_precheck());
    let (deadly_id, id) = (bench.enqueue(&deadly).await.unwrap(), bench.enqueue(&neighbour).await.unwrap());
    let crash = |crashes: u32, whose: &str| {
        format!(
            "UPDATE job SET state = 'running', attempts = 3, fence = fence + 1, lease_by = 'gone', crashes = {crashes}, \
             lease_until = created_at WHERE {whose}"
        )
    };
    let soon = bench.ctx.now() + TimeDelta::seconds(1);
    bench.sql(&crash(2, "true")).await;
    queue::drain(&bench.ctx, &bench.handlers(), soon).await.unwrap();
    for id in [deadly_id, id] {
        assert_eq!((bench.view(id).await.state.as_str(), bench.view(id).await.crashes), ("ready", 3));
    }
    bench.sql(&crash(3, &format!("id = '{}'", deadly_id.uuid()))).await;
    queue::drain(&bench.ctx, &bench.handlers(), soon + TimeDelta::seconds(10)).await.unwrap();
    assert_eq!(bench.view(deadly_id).await.state, "dead");
    assert_eq!(bench.view(id).await.state, "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_waits_is_charged_nothing_and_never_becomes_dead() {
    let bench = Bench::direct().await;
    let id = bench.enqueue(&a_precheck()).await.unwrap();
    // Killed processes count only when nothing ended in order between them.
    bench.sql("UPDATE job SET crashes = 2").await;
    let pause = TimeDelta::seconds(30);
    let handlers: Handlers =
        Arc::new(move |_, _| async move { Err(JobError::Wait(pause, "the scanner is away".to_owned())) }.boxed());
    let mut now = bench.ctx.now();
    for _ in 0..50 {
        assert_eq!(queue::drain(&bench.ctx, &handlers, now).await.unwrap(), 1);
        assert_eq!(queue::drain(&bench.ctx, &handlers, now + pause / 2).await.unwrap(), 0, "it waits");
        now += pause;
    }
    let view = bench.view(id).await;
    assert_eq!((view.state.as_str(), view.attempts, view.run_at), ("ready", 0, now));
    assert_eq!(view.last_error.as_deref(), Some("the scanner is away"));
    assert!(bench.failure_classes(id).await.is_empty(), "waiting is no failure of the job");
    assert_eq!(bench.sql("SELECT crashes FROM job").await, "0");
    queue::drain(&bench.ctx, &bench.handlers(), now).await.unwrap();
    assert_eq!(bench.view(id).await.state, "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ops_are_told_of_a_matter_once_an_hour_and_of_one_kind_twenty_times_at_most() {
    let bench = Bench::direct().await;
    let now = bench.ctx.now();
    let owed = async |kind: &str| {
        bench.sql(&format!("SELECT count(*) FROM job WHERE kind = 'alert_ops' AND payload->>'alert' = '{kind}'")).await
    };
    for minutes in [0, 5, 59] {
        let at = now + TimeDelta::minutes(minutes);
        alert::tell(&bench.ctx, Alert::of(AlertKind::ScannerAway), at).await.unwrap();
        queue::drain(&bench.ctx, &bench.handlers(), at).await.unwrap();
    }
    assert_eq!(owed("scanner_away").await, "1");
    alert::tell(&bench.ctx, Alert::of(AlertKind::ScannerAway), now + TimeDelta::hours(1)).await.unwrap();
    assert_eq!(owed("scanner_away").await, "2");
    for n in 0..30 {
        let submission = domain::ids::SubmissionId::new(uuid::Uuid::from_u128(n));
        alert::tell(&bench.ctx, Alert::about(AlertKind::MalwareFound, submission), now).await.unwrap();
    }
    assert_eq!(owed("malware_found").await, "20");
    alert::tell(&bench.ctx, Alert::of(AlertKind::ScannerRefuses), now).await.unwrap();
    assert_eq!(owed("scanner_refuses").await, "1", "one kind does not silence another");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_processes_bring_one_sweep_per_tick() {
    let mut bench = Bench::direct().await;
    bench.pacing.tick = std::time::Duration::from_millis(5);
    let runners = [bench.run(), bench.run(), bench.run()];
    bench.starts_of(&Job::Sweep, 4).await;
    for runner in runners {
        runner.stop().await;
    }
    let sweeps = bench.sql("SELECT count(*) FROM job WHERE kind = 'sweep'").await;
    let ticks = bench.sql("SELECT count(*) FROM job_tick WHERE name = 'sweep'").await;
    assert!(sweeps.parse::<u32>().unwrap() <= ticks.parse().unwrap(), "{sweeps} sweeps in {ticks} ticks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sizes_of_the_queues_are_told() {
    let bench = Bench::direct().await;
    let now = bench.ctx.now();
    bench.enqueue_at(&a_notice(), now - TimeDelta::minutes(5)).await.unwrap();
    bench.enqueue_at(&a_notice(), now + TimeDelta::minutes(5)).await.unwrap();
    let mut conn = bench.ctx.db().conn().await.unwrap();
    let rows = queue::queues(&mut conn, now).await.unwrap();
    let mail = rows.iter().find(|row| row.queue == "mail").unwrap();
    assert_eq!((mail.ready, mail.scheduled, mail.running, mail.dead), (1, 1, 0, 0));
    assert_eq!(mail.oldest_ready_at, Some(now - TimeDelta::minutes(5)));
    assert_eq!(rows.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_of_the_ledger_says_what_it_means_and_how_sensitive_it_is() {
    let bench = Bench::direct().await;
    let silent = "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
        WHERE c.relname IN ('job', 'job_error', 'job_tick', 'queue_control', 'worker_process') AND a.attnum > 0 AND NOT a.attisdropped \
        AND coalesce(col_description(c.oid, a.attnum), '') NOT LIKE '%; sensitivity: %'";
    assert_eq!(cluster().await.run_sql(&bench.database, silent).await.unwrap().trim(), "0");
}
