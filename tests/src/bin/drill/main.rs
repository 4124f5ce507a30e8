//! The drill: everything runs, patients submit and checkers decide at a stated rate, something breaks every one to three
//! seconds, all of it heals, and then the invariants of the house are read from the database, the store and the mail.
//! Half of the time is spent in each of the two nights in which London changes its clocks, in a house of its own.
//!
//! `drill SEED MINUTES [PER_SECOND]`; the other words are its own processes. It ends with 1 when an invariant is broken.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "what fails here should panic")]

mod checks;
mod disk;
mod faults;
mod letters;
mod night;
mod parts;
mod patients;
mod roles;

use checks::Verdicts;
use chrono::{DateTime, TimeDelta, Utc};
use faults::Faults;
use night::Night;
use parts::Parts;
use patients::Book;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use workflow::clock::Clock;

/// After the faults everything that was promised must come to its end within this time.
const DRAIN_WITHIN: TimeDelta = TimeDelta::minutes(6);
const LOOK: Duration = Duration::from_millis(500);
const DEFAULT_PER_SECOND: f64 = 1.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["inspect", kind] => worker::media::child_main(kind),
        ["door", clock, port] => roles::door(clock, port.parse().unwrap()),
        ["worker", clock, pools] => roles::worker(clock, pools),
        ["checkers", clock, staff @ ..] => roles::checkers(clock, staff),
        [seed, minutes] => run(seed.parse().unwrap(), minutes.parse().unwrap(), DEFAULT_PER_SECOND),
        [seed, minutes, rate] => run(seed.parse().unwrap(), minutes.parse().unwrap(), rate.parse().unwrap()),
        _ => {
            eprintln!("usage: drill SEED MINUTES [SUBMISSIONS_PER_SECOND]");
            ExitCode::from(2)
        }
    }
}

fn run(seed: u64, minutes: f64, per_second: f64) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let each = TimeDelta::milliseconds((minutes * 60_000.0) as i64) / 2;
    let mut all_kept = true;
    for night in Night::ALL {
        println!("drill with seed {seed} in {}", night.name());
        let verdicts = runtime.block_on(drill(seed, night, each, per_second));
        verdicts.print();
        all_kept &= verdicts.are_kept();
    }
    println!("seed {seed}, {minutes} minutes, {per_second} submissions a second");
    if all_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn drill(seed: u64, night: Night, faults_last: TimeDelta, per_second: f64) -> Verdicts {
    let mut parts = Parts::start(night.ahead(now(), faults_last)).await;
    let book = Arc::new(Book::default());
    let until = now() + faults_last;
    let patients = tokio::spawn(patients::arrive(parts.address(), Arc::clone(&book), (until, per_second)));
    let mut faults = Faults::new(seed);
    while now() < until {
        faults.next(&mut parts).await;
        parts.start_what_has_ended();
    }
    println!("healing");
    parts.heal().await;
    patients.await.unwrap();
    let drained = drain(&mut parts, &book).await;
    parts.put_aside().await;
    let mut verdicts = checks::all(&parts, &book, night).await;
    verdicts.note("I1", "everything comes to its end", drained);
    verdicts.faults = faults.told();
    verdicts
}

/// Waits until everything that was promised has come to its end; says what has not.
async fn drain(parts: &mut Parts, book: &Book) -> Vec<String> {
    let give_up_at = now() + DRAIN_WITHIN;
    loop {
        parts.start_what_has_ended();
        let left = parts.unfinished().await;
        if left.is_empty() {
            println!(
                "drained: {} submissions promised, {} letters handed over",
                book.promised(),
                parts.smtp.letters().len()
            );
            return left;
        }
        if now() > give_up_at {
            return left;
        }
        // Letters that met a broken relay wait up to half an hour for their next try; ops put them forward.
        parts.put_letters_forward().await;
        tokio::time::sleep(LOOK).await;
    }
}

/// The drill's own time, which is nobody else's.
fn now() -> DateTime<Utc> {
    Clock::System.now()
}
