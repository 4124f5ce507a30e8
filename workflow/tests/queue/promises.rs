//! What the queue promises whatever carries its ids.

use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use workflow::audit::Actor;
use workflow::db::Tx;
use workflow::queue::ops::{self, Order};
use workflow::queue::{self, Health, Pool};

use crate::bench::{Act, Bench, PATIENCE, a_notice, a_precheck, within};

pub async fn a_job_of_a_rolled_back_transaction_never_runs(bench: Bench) {
    let (lost, kept, now) = (a_precheck(), a_precheck(), bench.ctx.now());
    let runner = bench.run();
    let broken = async |tx: &mut Tx| -> workflow::Result<()> {
        queue::enqueue(tx, &lost, now, now).await?;
        Err(workflow::Error::NotFound("reason to go on"))
    };
    bench.ctx.db().tx("test.broken", broken).await.unwrap_err();
    let id = bench.enqueue(&kept).await.unwrap();
    bench.state_becomes(id, "done").await;
    assert_eq!(bench.script.started_work(), [kept]);
    assert_eq!(bench.sql("SELECT count(*) FROM job WHERE queue <> 'light'").await, "1");
    runner.stop().await;
}

pub async fn a_committed_job_runs_once(bench: Bench) {
    let (plain, committed) = (a_precheck(), a_notice());
    bench.script.order(&committed, [Act::Commit]);
    let runner = bench.run();
    for job in [&plain, &committed] {
        let id = bench.enqueue(job).await.unwrap();
        let view = bench.state_becomes(id, "done").await;
        assert_eq!((view.attempts, view.fence), (1, 1));
        assert_eq!(bench.script.starts(job).len(), 1);
    }
    runner.stop().await;
}

pub async fn a_job_waits_for_its_moment(bench: Bench) {
    let (later, sooner) = (a_notice(), a_notice());
    let moment = bench.ctx.now() + TimeDelta::hours(1);
    let runner = bench.run();
    let waiting = bench.enqueue_at(&later, moment).await.unwrap();
    let id = bench.enqueue(&sooner).await.unwrap();
    bench.state_becomes(id, "done").await;
    assert_eq!(bench.view(waiting).await.state, "ready");
    bench.clock.advance(TimeDelta::hours(1));
    bench.state_becomes(waiting, "done").await;
    let starts = bench.script.starts(&later);
    assert!(starts.iter().all(|(_, at)| *at >= moment) && starts.len() == 1);
    runner.stop().await;
}

pub async fn a_failing_job_is_tried_again_and_then_done(bench: Bench) {
    let job = a_precheck();
    bench.script.order(&job, [Act::Retry, Act::Retry]);
    let runner = bench.run();
    let id = bench.enqueue(&job).await.unwrap();
    let view = bench.state_becomes(id, "done").await;
    assert_eq!(view.attempts, 3);
    assert_eq!(bench.failure_classes(id).await, ["transient", "transient"]);
    let starts = bench.script.starts(&job);
    let pauses: Vec<_> = starts.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
    assert!(pauses[0] >= TimeDelta::seconds(2) && pauses[1] >= TimeDelta::seconds(5), "{pauses:?}");
    runner.stop().await;
}

pub async fn a_job_that_always_fails_is_dead_with_every_error_kept(bench: Bench) {
    let (unlucky, hopeless) = (a_precheck(), a_notice());
    bench.script.always(&unlucky, || Act::Retry);
    bench.script.order(&hopeless, [Act::Fail]);
    let runner = bench.run();
    let (unlucky_id, hopeless_id) = (bench.enqueue(&unlucky).await.unwrap(), bench.enqueue(&hopeless).await.unwrap());
    assert_eq!(bench.state_becomes(hopeless_id, "dead").await.attempts, 1);
    assert_eq!(bench.failure_classes(hopeless_id).await, ["permanent"]);
    // Six tries, 112 seconds apart by the schedule: the clock is moved, nobody waits.
    for attempt in 1..=6 {
        bench.starts_of(&unlucky, attempt).await;
        bench.clock.advance(TimeDelta::seconds(15));
    }
    let view = bench.state_becomes(unlucky_id, "dead").await;
    assert_eq!((view.attempts, view.last_error.as_deref()), (6, Some("told to")));
    assert_eq!(bench.failure_classes(unlucky_id).await, ["transient"; 6]);
    runner.stop().await;
}

pub async fn a_panic_costs_one_start_and_nothing_else(bench: Bench) {
    let (shaky, calm) = (a_precheck(), a_precheck());
    bench.script.order(&shaky, [Act::Panic]);
    let runner = bench.run();
    let shaky_id = bench.enqueue(&shaky).await.unwrap();
    let calm_id = bench.enqueue(&calm).await.unwrap();
    bench.state_becomes(calm_id, "done").await;
    assert_eq!(bench.state_becomes(shaky_id, "done").await.attempts, 2);
    assert_eq!(bench.failure_classes(shaky_id).await, ["panic"]);
    runner.stop().await;
}

pub async fn an_unreadable_job_is_dead_and_its_neighbours_run(bench: Bench) {
    let now = bench.ctx.now().to_rfc3339();
    let insert = |id: u32, kind: &str, payload: &str| {
        format!(
            "INSERT INTO job (id, queue, kind, payload, priority, run_at, attempts_max, created_at) VALUES \
             ('00000000-0000-0000-0000-00000000000{id}', 'media', '{kind}', '{payload}', 50, '{now}', 6, '{now}')"
        )
    };
    let before = bench.enqueue(&a_precheck()).await.unwrap();
    bench.sql(&insert(1, "run_precheck", r#"{"v": 1, "submission": 7}"#)).await;
    bench.sql(&insert(2, "make_tea", r#"{"v": 1}"#)).await;
    let after = bench.enqueue(&a_precheck()).await.unwrap();
    let runner = bench.run();
    for id in [before, after] {
        assert_eq!(bench.state_becomes(id, "done").await.attempts, 1);
    }
    for id in ["job_00000000000000000000000000000001", "job_00000000000000000000000000000002"] {
        let id = id.parse().unwrap();
        assert_eq!(bench.state_becomes(id, "dead").await.attempts, 1);
        assert_eq!(bench.failure_classes(id).await, ["payload"]);
    }
    assert_eq!(bench.script.started_work().len(), 2);
    runner.stop().await;
}

pub async fn a_killed_process_costs_a_start_and_three_make_the_job_dead(mut bench: Bench) {
    // On a slow machine a hurried clock would end leases that are kept up.
    bench.hurry = TimeDelta::milliseconds(5);
    let (deadly, harmless) = (a_precheck(), a_precheck());
    bench.script.always(&deadly, || Act::Hang);
    let id = bench.enqueue(&deadly).await.unwrap();
    for crash in 1..=3 {
        // All tasks of this runtime vanish at once, as those of a killed process do.
        let process = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let settings = bench.settings(Health::default());
        process.spawn(queue::run(bench.ctx.clone(), bench.handlers(), settings, Default::default()));
        if crash == 3 {
            // Whatever shared its process starts at another moment of the next ten seconds.
            bench.until("its second crash", async || (bench.view(id).await.crashes == 2).then_some(())).await;
            bench.clock.advance(TimeDelta::seconds(10));
        }
        bench.starts_of(&deadly, crash).await;
        process.shutdown_background();
        assert_eq!(bench.script.starts(&deadly)[crash - 1].0.attempt, crash as u32);
        bench.clock.advance(TimeDelta::seconds(21));
    }
    let neighbour = bench.enqueue(&harmless).await.unwrap();
    let runner = bench.run();
    let view = bench.state_becomes(id, "dead").await;
    assert_eq!((view.attempts, view.crashes), (3, 3));
    assert_eq!(bench.failure_classes(id).await, ["crash"; 3]);
    bench.state_becomes(neighbour, "done").await;
    runner.stop().await;
}

pub async fn a_stop_gives_running_and_waiting_jobs_back_unharmed(bench: Bench) {
    let jobs: Vec<_> = (0..16).map(|_| a_precheck()).collect();
    for job in &jobs {
        bench.script.always(job, || Act::Hang);
        bench.enqueue(job).await.unwrap();
    }
    let runner = bench.run();
    bench.until("four bodies", async || (bench.script.started_work().len() == 4).then_some(())).await;
    runner.stop().await;
    let left = "SELECT count(*) FROM job WHERE state = 'ready' AND attempts = 0 AND crashes = 0 AND lease_by IS NULL AND queue = 'media'";
    assert_eq!(bench.sql(left).await, "16");
    assert_eq!(bench.script.started_work().len(), 4);
    assert_eq!(bench.sql("SELECT count(*) FROM job_error").await, "0");
}

pub async fn bodies_that_end_within_the_grace_are_done(mut bench: Bench) {
    bench.pacing.stop_grace = Duration::from_secs(50);
    let (job, gate) = (a_notice(), Arc::new(Notify::new()));
    bench.script.order(&job, [Act::Wait(Arc::clone(&gate))]);
    let id = bench.enqueue(&job).await.unwrap();
    let runner = bench.run();
    bench.starts_of(&job, 1).await;
    runner.stop.cancel();
    // Longer than the job lease: heartbeats must go on while the process waits for its bodies.
    for _ in 0..5 {
        bench.clock.advance(TimeDelta::seconds(5));
        tokio::time::sleep(bench.pacing.heartbeat * 3).await;
    }
    gate.notify_one();
    runner.stop().await;
    let view = bench.view(id).await;
    assert_eq!((view.state.as_str(), view.attempts, view.crashes), ("done", 1, 0));
}

pub async fn a_cancelled_job_does_not_run_and_a_running_one_changes_nothing(bench: Bench) {
    let (waiting, running, gate) = (a_notice(), a_notice(), Arc::new(Notify::new()));
    bench.script.order(&running, [Act::Wait(Arc::clone(&gate)), Act::Plain]);
    let tomorrow = bench.ctx.now() + TimeDelta::days(1);
    let waiting_id = bench.enqueue_at(&waiting, tomorrow).await.unwrap();
    let running_id = bench.enqueue(&running).await.unwrap();
    let runner = bench.run();
    bench.starts_of(&running, 1).await;
    for job in [&waiting, &running] {
        let (key, now) = (job.dedupe_key().unwrap(), bench.ctx.now());
        let cancel = async |tx: &mut Tx| queue::cancel(tx, job.kind(), &key, now).await;
        assert!(bench.ctx.db().tx("test.cancel", cancel).await.unwrap());
    }
    gate.notify_one();
    bench.clock.advance(TimeDelta::days(2));
    let marker = bench.enqueue(&a_notice()).await.unwrap();
    bench.state_becomes(marker, "done").await;
    runner.stop().await;
    for id in [waiting_id, running_id] {
        assert_eq!(bench.view(id).await.state, "cancelled");
    }
    assert!(bench.script.starts(&waiting).is_empty());
    assert_eq!(bench.script.starts(&running).len(), 1);
}

pub async fn a_body_that_outlived_its_lease_changes_nothing(mut bench: Bench) {
    bench.hurry = TimeDelta::milliseconds(5);
    // Without heartbeats the lease runs out under the body, and the same process claims the job again.
    bench.pacing.heartbeat = Duration::from_secs(600);
    let (job, marker) = (a_precheck(), a_precheck());
    let (first, second) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    bench.script.order(&job, [Act::Wait(Arc::clone(&first)), Act::Wait(Arc::clone(&second))]);
    let runner = bench.run();
    let id = bench.enqueue(&job).await.unwrap();
    bench.starts_of(&job, 1).await;
    bench.clock.advance(TimeDelta::seconds(21));
    bench.starts_of(&job, 2).await;
    first.notify_one();
    // The marker's end is told after the late one's, through the same collector.
    let marker_id = bench.enqueue(&marker).await.unwrap();
    bench.state_becomes(marker_id, "done").await;
    let view = bench.view(id).await;
    assert_eq!((view.state.as_str(), view.fence), ("running", 2));
    second.notify_one();
    assert_eq!(bench.state_becomes(id, "done").await.attempts, 2);
    runner.stop().await;
}

pub async fn a_paused_queue_waits_and_others_do_not(bench: Bench) {
    let (mail, media, now) = (a_notice(), a_precheck(), bench.ctx.now());
    let order = Order { by: Actor::System, reason: "test" };
    assert_eq!(ops::pause(&bench.ctx, &[Pool::Mail], order, now).await.unwrap(), 1);
    let runner = bench.run();
    let mail_id = bench.enqueue(&mail).await.unwrap();
    let media_id = bench.enqueue(&media).await.unwrap();
    bench.state_becomes(media_id, "done").await;
    assert_eq!(bench.view(mail_id).await.state, "ready");
    assert_eq!(ops::resume(&bench.ctx, &[Pool::Mail], order, bench.ctx.now()).await.unwrap(), 1);
    bench.state_becomes(mail_id, "done").await;
    runner.stop().await;
}

pub async fn a_hundred_jobs_all_run_once(bench: Bench) {
    let jobs: Vec<_> = (0..50).flat_map(|_| [a_precheck(), a_notice()]).collect();
    for job in &jobs {
        bench.enqueue(job).await.unwrap();
    }
    let runner = bench.run();
    let all_done = async || {
        let left = bench.sql("SELECT count(*) FROM job WHERE state <> 'done'").await;
        (left == "0").then_some(())
    };
    bench.until("a hundred jobs", all_done).await;
    assert_eq!(bench.script.started_work().len(), 100);
    assert!(runner.health.silent(&Pool::ALL, bench.ctx.now()).is_empty() || bench.redis.is_some());
    runner.stop().await;
}

/// Measured and printed, not judged: machines differ.
pub async fn idle_workers_start_new_jobs_soon(bench: Bench) {
    let transport = if bench.redis.is_some() { "Redis" } else { "direct" };
    let mut bench = bench.on_system_clock().await;
    bench.pacing.poll = Duration::from_secs(1);
    let runner = bench.run();
    let mut waits = Vec::new();
    for _ in 0..40 {
        let job = a_precheck();
        let owed_at = bench.ctx.now();
        let id = bench.enqueue(&job).await.unwrap();
        bench.state_becomes(id, "done").await;
        waits.push((bench.script.starts(&job)[0].1 - owed_at).num_milliseconds());
    }
    runner.stop().await;
    waits.sort_unstable();
    println!("{transport}: enqueue to start, p50 {} ms, worst {} ms", waits[waits.len() / 2], waits[waits.len() - 1]);
}

pub async fn a_process_is_listed_while_it_lives_and_not_after_it_stopped(bench: Bench) {
    let runner = bench.run();
    let listed = async || {
        let mut conn = bench.ctx.db().conn().await.unwrap();
        queue::workers(&mut conn).await.unwrap().into_iter().next()
    };
    let process = bench.until("the process to be listed", listed).await;
    assert_eq!(process.pools, ["media", "mail", "light"]);
    assert_eq!(process.transport, if bench.redis.is_some() { "redis" } else { "postgres" });
    assert_eq!(process.pid.unsigned_abs(), std::process::id());
    runner.stop().await;
    assert_eq!(bench.sql("SELECT count(*) FROM worker_process").await, "0");
}

/// Ids that are sent again in every round of the relay; without Redis, claims that race each other.
pub async fn j13_ids_that_come_again_and_again_and_in_any_order_start_each_job_once(mut bench: Bench) {
    bench.pacing.resend = TimeDelta::zero();
    bench.pacing.relay = Duration::from_millis(5);
    bench.hurry = TimeDelta::milliseconds(1);
    let runners = [bench.run(), bench.run(), bench.run()];
    let jobs: Vec<_> = (0..150).map(|_| a_notice()).collect();
    for job in jobs.iter().rev() {
        bench.enqueue(job).await.unwrap();
    }
    let all_done = async || {
        let left = bench.sql("SELECT count(*) FROM job WHERE queue = 'mail' AND state <> 'done'").await;
        (left == "0").then_some(())
    };
    bench.until("all jobs", all_done).await;
    for runner in runners {
        runner.stop().await;
    }
    assert_eq!(bench.script.started_work().len(), jobs.len(), "a job was started twice");
    assert_eq!(bench.sql("SELECT sum(fence) FROM job WHERE queue = 'mail'").await, jobs.len().to_string());
}

/// With the net of the poll taken away, only news can start a job soon.
pub async fn j10_an_idle_worker_is_woken_by_news_alone_and_again_after_its_listener_was_cut(bench: Bench) {
    let mut bench = bench.on_system_clock().await;
    bench.pacing.poll = PATIENCE * 10;
    bench.pacing.relay = PATIENCE * 10;
    let runner = bench.run();
    for round in 0..3 {
        for _ in 0..5 {
            let id = bench.enqueue(&a_precheck()).await.unwrap();
            bench.state_becomes(id, "done").await;
        }
        if let Some(redis) = &bench.redis {
            redis.say("CLIENT PAUSE 1000").await.unwrap();
        }
        // News that is sent while nobody listens is lost; the listener looks once when it is back.
        bench.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = 'LISTEN job'").await;
        let id = bench.enqueue(&a_precheck()).await.unwrap();
        let view = bench.state_becomes(id, "done").await;
        assert_eq!(view.attempts, 1, "round {round}");
    }
    runner.stop().await;
}

pub async fn an_emptied_redis_loses_no_job(mut bench: Bench) {
    bench.hurry = TimeDelta::milliseconds(20);
    let jobs: Vec<_> = (0..60).map(|_| a_notice()).collect();
    let gate = Arc::new(Notify::new());
    for job in &jobs {
        bench.script.order(job, [Act::Wait(Arc::clone(&gate))]);
        bench.enqueue(job).await.unwrap();
    }
    let runner = bench.run();
    bench.until("four bodies", async || (bench.script.started_work().len() == 4).then_some(())).await;
    let redis = bench.redis.as_ref().unwrap();
    assert!(redis.say("FLUSHALL").await.unwrap().starts_with("+OK"));
    let all_done = async || {
        gate.notify_waiters();
        let left = bench.sql("SELECT count(*) FROM job WHERE state <> 'done'").await;
        (left == "0").then_some(())
    };
    within("sixty jobs", bench.until("sixty jobs", all_done)).await;
    assert_eq!(bench.script.started_work().len(), 60, "a body was started twice");
    runner.stop().await;
}
