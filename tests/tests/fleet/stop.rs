//! A stop that was asked for (F2, F12): nothing is lost, nothing is charged, and it does not hang.

use crate::{every_effect_once, house, kept_by_both_transports, now, trivial};
use acceptance::Carrier;
use chrono::TimeDelta;

kept_by_both_transports!(stop: j7_a_stop_amid_four_times_as_many_jobs_as_slots_is_clean_and_gives_the_attempts_back);

async fn j7_a_stop_amid_four_times_as_many_jobs_as_slots_is_clean_and_gives_the_attempts_back(carrier: Carrier) {
    const SLOTS: u32 = 64;
    let app = house().await;
    app.owe("alert_ops", SLOTS * 4).await;
    let mut worker = trivial(&app, &carrier, &["concurrency=64", "grace_ms=1000"]);
    app.becomes("job WHERE state = 'running' AND kind = 'alert_ops'", u64::from(SLOTS)).await;
    worker.signal(libc::SIGTERM);
    let asked = now();
    let status = worker.ends().await;
    let took = now() - asked;
    println!("asked to ended: {} ms", took.num_milliseconds());
    assert!(status.success(), "{status}");
    assert!(took < TimeDelta::seconds(6), "{took}");
    let unharmed =
        "job WHERE kind = 'alert_ops' AND state = 'ready' AND attempts = 0 AND crashes = 0 AND sent_at IS NULL";
    if matches!(carrier, Carrier::Direct) {
        assert_eq!(app.count(unharmed).await, u64::from(SLOTS) * 4);
    }
    assert_eq!(
        app.count("job WHERE kind = 'alert_ops' AND state = 'ready' AND attempts = 0").await,
        u64::from(SLOTS) * 4
    );
    assert_eq!(app.count("job_error").await, 0);
    assert_eq!(app.count("worker_process").await, 0);

    // The next incarnation on this machine is taken in at once, whatever the last one left in Redis.
    app.owe("send_notice", 20).await;
    app.sql("DELETE FROM job WHERE kind = 'alert_ops'").await;
    let _next = trivial(&app, &carrier, &[]);
    app.becomes("job WHERE kind = 'send_notice' AND state = 'done'", 20).await;
    every_effect_once(&app, 20).await;
}
