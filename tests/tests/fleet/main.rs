//! What the queue promises while its processes are killed, stopped, drowned and cut off: J1 to J14 of the ADR of the
//! queue, with real worker processes over both transports. Those that need no process are in `workflow/tests/queue`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should panic")]

mod crash;
mod flood;
mod outage;
mod ready;
mod stop;

use acceptance::{App, Carrier, Postgres, Setup, WorkerProcess};
use chrono::{DateTime, Utc};
use std::path::Path;
use workflow::clock::Clock;

macro_rules! kept_by_both_transports {
    ($module:ident: $($promise:ident),+ $(,)?) => {
        mod direct {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(acceptance::Carrier::Direct).await;
            })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(acceptance::Carrier::redis().await).await;
            })+
        }
    };
}
pub(crate) use kept_by_both_transports;

/// A house on the machine's clock, whose trivial jobs leave an effect.
async fn house() -> App {
    house_with(Postgres::Shared, Vec::new()).await
}

async fn house_with(postgres: Postgres, settings: Vec<(&'static str, String)>) -> App {
    let usual = Setup::usual(env!("CARGO_BIN_EXE_inspect"));
    let app = App::start(Setup { postgres, settings, clock: Clock::System, ..usual }).await;
    app.show_effects().await;
    app.leaves_work();
    app
}

fn now() -> DateTime<Utc> {
    Clock::System.now()
}

/// A worker process whose jobs are trivial.
fn trivial(app: &App, carrier: &Carrier, arguments: &[&str]) -> WorkerProcess {
    app.worker_process(
        Path::new(env!("CARGO_BIN_EXE_queue-worker")),
        arguments,
        (carrier, &[("DATABASE_POOL_SIZE_MAX", "6")]),
    )
}

/// Every trivial job has had its effect, and none had it twice.
async fn every_effect_once(app: &App, jobs: u64) {
    assert_eq!((app.count("effect").await, app.count("doubled").await), (jobs, 0));
}
