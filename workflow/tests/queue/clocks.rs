//! What the queue promises of processes whose clock is wrong or is moved.

use chrono::TimeDelta;
use std::sync::Arc;
use tokio::sync::Notify;
use workflow::queue::Pool;

use crate::bench::{Act, Bench, a_precheck};

pub async fn a_process_with_a_wrong_clock_claims_nothing_and_takes_nothing_back(bench: Bench) {
    let bench = bench.on_wrong_clock(TimeDelta::hours(1)).await;
    let due = bench.ctx.now() - TimeDelta::hours(2);
    let (waiting, elsewhere) = (a_precheck(), a_precheck());
    let waiting_id = bench.enqueue_at(&waiting, due).await.unwrap();
    let elsewhere_id = bench.enqueue_at(&elsewhere, due).await.unwrap();
    let running = "UPDATE job SET state = 'running', lease_by = 'another', lease_until = now() + interval '10 min'";
    bench.sql(&format!("{running} WHERE id = '{}'", elsewhere_id.uuid())).await;
    let runner = bench.run();
    let skewed = async || {
        let told = bench.sql("SELECT clock_skew_ms FROM worker_process WHERE clock_skew_ms > 3590000").await;
        (!told.is_empty()).then_some(())
    };
    bench.until("the skew to be told", skewed).await;
    // Two more rounds of everything.
    let beats = async || bench.sql("SELECT beat_at FROM worker_process").await;
    for _ in 0..3 {
        let seen = beats().await;
        bench.until("another beat", async || (beats().await != seen).then_some(())).await;
    }
    assert_eq!(bench.view(waiting_id).await.state, "ready");
    assert_eq!(bench.view(elsewhere_id).await.state, "running", "an hour ahead every job lease seems to have run out");
    assert_eq!(bench.sql("SELECT count(*) FROM job_tick").await, "0");
    let troubles = runner.health.troubles(&[Pool::Media], &bench.clock, bench.ctx.now());
    assert!(troubles.iter().any(|trouble| trouble.part == "clock"), "{troubles:?}");

    bench.clock.advance(-TimeDelta::hours(1));
    bench.state_becomes(waiting_id, "done").await;
    assert_eq!(bench.view(elsewhere_id).await.state, "running");
    runner.stop().await;
}

pub async fn a_clock_stepped_while_a_body_runs_leaves_it_a_lease_of_the_usual_length(bench: Bench) {
    let bench = bench.on_wrong_clock(TimeDelta::zero()).await;
    let (job, gate) = (a_precheck(), Arc::new(Notify::new()));
    bench.script.order(&job, [Act::Wait(Arc::clone(&gate))]);
    let id = bench.enqueue(&job).await.unwrap();
    let runner = bench.run();
    bench.starts_of(&job, 1).await;
    let lease =
        format!("SELECT lease_until, extract(epoch FROM lease_until - now())::int FROM job WHERE id = '{}'", id.uuid());
    for step in [TimeDelta::hours(1), -TimeDelta::hours(2)] {
        bench.clock.advance(step);
        for _ in 0..3 {
            let before = bench.sql(&lease).await;
            let beaten = async || Some(bench.sql(&lease).await).filter(|now| *now != before);
            let told = bench.until("the lease to be longer", beaten).await;
            let left: i64 = told.rsplit('|').next().unwrap().parse().unwrap();
            assert!((0..=bench.pacing.lease.num_seconds()).contains(&left), "{left} s after a step of {step}");
        }
    }
    bench.clock.advance(TimeDelta::hours(1));
    gate.notify_one();
    bench.state_becomes(id, "done").await;
    assert_eq!(bench.script.starts(&job).len(), 1);
    runner.stop().await;
}
