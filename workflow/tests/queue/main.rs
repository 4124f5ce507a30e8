//! The queue against a real PostgreSQL and a real Redis: one suite of promises, kept over both transports.
//!
//! Of the acceptance tests J1 to J14 these need no process of their own; the others are in `tests/tests/fleet`.
//!
//! | test | held by |
//! |---|---|
//! | J5 unreadable jobs | `an_unreadable_job_is_dead_and_its_neighbours_run` |
//! | J8 the same work owed by fifty tasks | `fifty_tasks_that_owe_the_same_work_owe_it_once` |
//! | J9 a late finisher | `a_finisher_that_lost_its_lease_changes_nothing`, `a_body_that_outlived_its_lease_changes_nothing` |
//! | J10 waking | `j10_an_idle_worker_is_woken_by_news_alone_and_again_after_its_listener_was_cut` |
//! | J13 twice and out of order | `j13_ids_that_come_again_and_again_and_in_any_order_start_each_job_once` |
//! | J14 upgrades | `gate` |

#[cfg(test)]
mod bench;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod faults;
mod gate;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod ops;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod redis_server;

use bench::Bench;

macro_rules! kept_by_both_transports {
    ($($file:ident: { $($promise:ident),+ $(,)? })+) => {
        mod direct {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$file::$promise(super::Bench::direct().await).await;
            })+)+
        }
        mod redis {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$file::$promise(super::Bench::redis().await).await;
            })+)+
        }
    };
}

kept_by_both_transports! {
    promises: {
        a_job_of_a_rolled_back_transaction_never_runs,
        a_committed_job_runs_once,
        a_job_waits_for_its_moment,
        a_failing_job_is_tried_again_and_then_done,
        a_job_that_always_fails_is_dead_with_every_error_kept,
        a_panic_costs_one_start_and_nothing_else,
        an_unreadable_job_is_dead_and_its_neighbours_run,
        a_killed_process_costs_a_start_and_three_make_the_job_dead,
        a_stop_gives_running_and_waiting_jobs_back_unharmed,
        bodies_that_end_within_the_grace_are_done,
        a_cancelled_job_does_not_run_and_a_running_one_changes_nothing,
        a_body_that_outlived_its_lease_changes_nothing,
        a_paused_queue_waits_and_others_do_not,
        a_hundred_jobs_all_run_once,
        idle_workers_start_new_jobs_soon,
        j10_an_idle_worker_is_woken_by_news_alone_and_again_after_its_listener_was_cut,
        j13_ids_that_come_again_and_again_and_in_any_order_start_each_job_once,
        a_process_is_listed_while_it_lives_and_not_after_it_stopped,
    }
    clocks: {
        a_process_with_a_wrong_clock_claims_nothing_and_takes_nothing_back,
        a_clock_stepped_while_a_body_runs_leaves_it_a_lease_of_the_usual_length,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_redis_loses_no_job() {
    promises::an_emptied_redis_loses_no_job(Bench::redis().await).await;
}
