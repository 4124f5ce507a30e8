//! Stories: what patients, checkers and machines do together, through the doors, with the clock in the test's hand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should panic")]

mod alarms;
mod bounces;
mod checkers;
mod machines;
mod mail;
mod metrics;
mod outcomes;
mod policy;
mod privacy;
mod promises;
mod queue;
mod records;
mod rehearsal;
mod repeats;
mod retakes;
mod scan;
mod second_readings;
mod seen_before;
mod traces;

use acceptance::{App, RecordService, Setup};

async fn app() -> App {
    App::start(Setup::usual(env!("CARGO_BIN_EXE_inspect"))).await
}

/// One that asks this record service.
async fn app_beside(service: &RecordService) -> App {
    let mut setup = Setup::usual(env!("CARGO_BIN_EXE_inspect"));
    setup.settings.push(service.setting());
    App::start(setup).await
}
