//! More jobs at once than any buffer holds (F4, F12).

use crate::{house, kept_by_both_transports, trivial};
use acceptance::Carrier;

kept_by_both_transports!(flood: j4_fifty_thousand_jobs_due_in_one_second_are_drained_by_one_living_worker);

async fn j4_fifty_thousand_jobs_due_in_one_second_are_drained_by_one_living_worker(carrier: Carrier) {
    let app = house().await;
    app.owe("purge_objects", 50_000).await;
    let mut worker = trivial(&app, &carrier, &["concurrency=64"]);
    app.becomes("job WHERE kind = 'purge_objects' AND state IN ('ready', 'running')", 0).await;
    assert!(worker.is_running());
    assert!(app.count("job WHERE kind = 'purge_objects' AND state = 'done' AND fence = 1").await >= 50_000);
    assert_eq!(app.count("job_error").await, 0);
    let incarnations = app.sql("SELECT count(*) FROM worker_process").await;
    assert_eq!(incarnations, "1");
}
