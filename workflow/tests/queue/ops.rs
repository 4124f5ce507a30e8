//! What people do to jobs: found, put forward, revived, given up, and never without a reason in the trail.

use chrono::TimeDelta;
use workflow::Error;
use workflow::audit::Actor;
use workflow::queue::ops::{self, Acted, JobAct, JobFilter, JobState, Order, Target};
use workflow::queue::{self, Pool};

use crate::bench::{Act, Bench, a_notice, a_precheck};

const BECAUSE: Order<'static> = Order { by: Actor::System, reason: " the relay is back " };

fn of_state(state: JobState) -> JobFilter {
    JobFilter { state: Some(state), ..JobFilter::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_are_found_by_state_queue_kind_and_submission_page_by_page() {
    let bench = Bench::direct().await;
    let precheck = a_precheck();
    bench.enqueue(&precheck).await.unwrap();
    for _ in 0..ops::PAGE_JOBS + 2 {
        bench.enqueue(&a_notice()).await.unwrap();
    }
    let mut conn = bench.ctx.db().conn().await.unwrap();
    let mail = JobFilter { pool: Some(Pool::Mail), ..JobFilter::default() };
    let first = ops::search(&mut conn, &mail, None).await.unwrap();
    assert_eq!(first.len() as i64, ops::PAGE_JOBS);
    let last = domain::ids::JobId::new(first.last().unwrap().id);
    let second = ops::search(&mut conn, &mail, Some(last)).await.unwrap();
    assert_eq!(second.len(), 2);
    assert!(second.iter().all(|job| job.id < last.uuid()));
    let one = [
        JobFilter { kind: Some("run_precheck".to_owned()), ..JobFilter::default() },
        JobFilter { submission: precheck.submission(), ..JobFilter::default() },
    ];
    for filter in one {
        assert_eq!(ops::search(&mut conn, &filter, None).await.unwrap().len(), 1, "{filter:?}");
    }
    assert!(ops::search(&mut conn, &of_state(JobState::Dead), None).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_job_is_revived_once_with_new_starts_and_the_trail_says_why() {
    let bench = Bench::direct().await;
    let job = a_notice();
    bench.script.order(&job, [Act::Fail]);
    let id = bench.enqueue(&job).await.unwrap();
    let now = bench.ctx.now();
    queue::drain(&bench.ctx, &bench.handlers(), now).await.unwrap();
    let revive = async || ops::act(&bench.ctx, JobAct::Revive, &Target::One(id), BECAUSE, now).await;
    assert_eq!(revive().await.unwrap(), Acted { jobs: 1, more: false });
    assert!(matches!(revive().await, Err(Error::Conflict { code: "job_not_dead", .. })));
    let told = "SELECT actor || ' ' || action || ' ' || (detail ->> 'reason') || ' ' || (detail ->> 'was') \
        FROM audit_event WHERE action LIKE 'job%'";
    assert_eq!(bench.sql(told).await, "system job_revived the relay is back dead");
    queue::drain(&bench.ctx, &bench.handlers(), now).await.unwrap();
    assert_eq!(bench.view(id).await.state, "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_dead_jobs_with_the_same_work_only_the_newest_is_revived() {
    let bench = Bench::direct().await;
    let job = a_notice();
    bench.script.order(&job, [Act::Fail, Act::Fail]);
    let now = bench.ctx.now();
    for _ in 0..2 {
        bench.enqueue(&job).await.unwrap();
        queue::drain(&bench.ctx, &bench.handlers(), now).await.unwrap();
    }
    let dead = Target::All(of_state(JobState::Dead));
    assert_eq!(ops::act(&bench.ctx, JobAct::Revive, &dead, BECAUSE, now).await.unwrap().jobs, 1);
    assert_eq!(ops::act(&bench.ctx, JobAct::Revive, &dead, BECAUSE, now).await.unwrap().jobs, 0);
    assert_eq!(bench.sql("SELECT count(*) FROM job WHERE state = 'dead'").await, "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_puts_every_failed_job_forward_and_leaves_those_whose_moment_has_not_come() {
    let bench = Bench::direct().await;
    let now = bench.ctx.now();
    for _ in 0..250 {
        bench.enqueue_at(&a_notice(), now + TimeDelta::hours(1)).await.unwrap();
    }
    bench.sql("UPDATE job SET last_error = 'told to', attempts = 1").await;
    bench.enqueue_at(&a_notice(), now + TimeDelta::hours(1)).await.unwrap();
    bench.enqueue_at(&a_precheck(), now + TimeDelta::hours(1)).await.unwrap();
    let mail = Target::All(JobFilter { pool: Some(Pool::Mail), ..JobFilter::default() });
    let acted = ops::act(&bench.ctx, JobAct::Retry, &mail, BECAUSE, now).await.unwrap();
    assert_eq!(acted, Acted { jobs: 250, more: false });
    assert_eq!(queue::drain(&bench.ctx, &bench.handlers(), now).await.unwrap(), 250);
    assert_eq!(bench.sql("SELECT count(*) FROM audit_event WHERE action = 'job_retried'").await, "250");
    let nothing = ops::act(&bench.ctx, JobAct::Retry, &mail, BECAUSE, now).await.unwrap();
    assert_eq!(nothing.jobs, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_job_never_runs_again() {
    let bench = Bench::direct().await;
    let now = bench.ctx.now();
    let (job, other) = (a_notice(), a_notice());
    let id = bench.enqueue(&job).await.unwrap();
    bench.enqueue(&other).await.unwrap();
    ops::act(&bench.ctx, JobAct::Cancel, &Target::One(id), BECAUSE, now).await.unwrap();
    queue::drain(&bench.ctx, &bench.handlers(), now).await.unwrap();
    assert_eq!(bench.script.started(), [other]);
    assert_eq!(bench.view(id).await.state, "cancelled");
    let again = ops::act(&bench.ctx, JobAct::Cancel, &Target::One(id), BECAUSE, now).await;
    assert!(matches!(again, Err(Error::Conflict { code: "job_ended", .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_without_a_reason_or_to_all_jobs_at_once() {
    let bench = Bench::direct().await;
    let now = bench.ctx.now();
    let id = bench.enqueue(&a_notice()).await.unwrap();
    let silent = Order { by: Actor::System, reason: "  " };
    let refused = [
        ops::act(&bench.ctx, JobAct::Cancel, &Target::One(id), silent, now).await.map(|_| ()),
        ops::pause(&bench.ctx, &Pool::ALL, silent, now).await.map(|_| ()),
        ops::resume(&bench.ctx, &Pool::ALL, silent, now).await.map(|_| ()),
        ops::act(&bench.ctx, JobAct::Cancel, &Target::All(JobFilter::default()), BECAUSE, now).await.map(|_| ()),
    ];
    for answer in refused {
        assert!(matches!(answer, Err(Error::Invalid(_))), "{answer:?}");
    }
    assert_eq!(bench.view(id).await.state, "ready");
    assert_eq!(bench.sql("SELECT count(*) FROM audit_event WHERE action LIKE 'job%'").await, "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_is_told_once_and_so_is_its_end() {
    let bench = Bench::direct().await;
    let now = bench.ctx.now();
    for expected in [3, 0] {
        assert_eq!(ops::pause(&bench.ctx, &Pool::ALL, BECAUSE, now).await.unwrap(), expected);
    }
    for expected in [2, 0] {
        let pools = [Pool::Mail, Pool::Light];
        assert_eq!(ops::resume(&bench.ctx, &pools, BECAUSE, now).await.unwrap(), expected);
    }
    let told = "SELECT string_agg(action || ':' || (detail ->> 'queue'), ' ' ORDER BY seq) FROM audit_event";
    assert_eq!(
        bench.sql(told).await,
        "queue_paused:media queue_paused:mail queue_paused:light queue_resumed:mail queue_resumed:light"
    );
    let mut conn = bench.ctx.db().conn().await.unwrap();
    let queues = queue::queues(&mut conn, now).await.unwrap();
    let paused: Vec<_> = queues.iter().filter(|row| row.paused_at.is_some()).map(|row| row.queue.as_str()).collect();
    assert_eq!(paused, ["media"]);
}
