//! PostgreSQL and Redis that die, forget, stand still and come back under load (F9, F14, F16, F17).

use crate::{every_effect_once, house, house_with, kept_by_both_transports, now, trivial};
use acceptance::{Carrier, Postgres, eventually};
use chrono::TimeDelta;
use std::time::Duration;

kept_by_both_transports!(outage:
    j3_a_killed_database_and_cut_connections_lose_nothing_and_work_goes_on_within_ten_seconds,
);

const LOAD: u32 = 4_000;

async fn effects_reach(app: &acceptance::App, wanted: u64) {
    eventually("more effects", async || (app.count("effect").await >= wanted).then_some(())).await;
}

async fn j3_a_killed_database_and_cut_connections_lose_nothing_and_work_goes_on_within_ten_seconds(carrier: Carrier) {
    let app = house_with(Postgres::Own, Vec::new()).await;
    let mut worker = trivial(&app, &carrier, &["body_ms=10", "concurrency=16"]);
    app.owe("send_notice", LOAD).await;
    effects_reach(&app, 300).await;
    app.postmaster.cluster.kill().await.unwrap();
    app.postmaster.cluster.restart().await.unwrap();
    let back = now();
    let seen = app.count("effect").await;
    effects_reach(&app, seen + 1).await;
    let took = now() - back;
    println!("database back to next effect: {} ms", took.num_milliseconds());
    assert!(took < TimeDelta::seconds(10), "{took}");
    for _ in 0..3 {
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename <> current_user OR pid <> pg_backend_pid()";
        app.sql(cut).await;
        let seen = app.count("effect").await;
        effects_reach(&app, seen + 200).await;
    }
    app.becomes("job WHERE kind = 'send_notice' AND state = 'done'", u64::from(LOAD)).await;
    every_effect_once(&app, u64::from(LOAD)).await;
    assert!(worker.is_running(), "the process lived through all of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn j2_a_redis_that_forgets_dies_and_stands_still_loses_no_job_and_nobody_mends_anything() {
    let (app, carrier) = (house().await, Carrier::redis().await);
    let redis = carrier.as_redis();
    let mut worker = trivial(&app, &carrier, &["body_ms=20", "concurrency=8"]);
    app.owe("send_notice", LOAD).await;
    effects_reach(&app, 100).await;
    redis.flush().await;
    effects_reach(&app, 200).await;
    redis.kill();
    redis.restart().await;
    effects_reach(&app, 400).await;
    // Longer than the clients wait for an answer.
    redis.pause(Duration::from_secs(30)).await;
    effects_reach(&app, 600).await;
    for round in 0..3 {
        redis.signal(libc::SIGSTOP);
        let stopped = now();
        eventually("three seconds", async || (now() - stopped > TimeDelta::seconds(3)).then_some(())).await;
        redis.signal(libc::SIGCONT);
        redis.flush().await;
        effects_reach(&app, 700 + 50 * round).await;
    }
    app.becomes("job WHERE kind = 'send_notice' AND state = 'done'", u64::from(LOAD)).await;
    every_effect_once(&app, u64::from(LOAD)).await;
    assert!(worker.is_running(), "the process lived through all of it");
    println!("second starts: {}", app.count("job WHERE kind = 'send_notice' AND attempts > 1").await);
}
