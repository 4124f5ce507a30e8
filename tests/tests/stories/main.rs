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
mod rehearsal;
mod repeats;
mod retakes;
mod scan;
mod second_readings;
mod seen_before;
mod traces;

use acceptance::{App, Setup};

async fn app() -> App {
    App::start(Setup::usual(env!("CARGO_BIN_EXE_inspect"))).await
}
