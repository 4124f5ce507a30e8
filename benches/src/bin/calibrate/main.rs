//! How often the pre-checks are wrong: captures in drawn degradations through the real sandboxed child and the real table.
//!
//! Writes `docs/precheck-calibration.md` and `domain/src/precheck/figures.json`. What was measured is kept, so that a run
//! goes on where it was interrupted and another table can be tried without measuring again.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints")]

mod camera;
mod claims;
mod desk;
mod dice;
mod fault;
mod light;
mod originals;
mod page;
mod plan;
mod plane;
mod results;
mod setting;
mod sound;
mod studio;
mod take;
mod tally;
mod wilson;

use anyhow::Result;
use benches::stopwatch;
use clap::Parser;
use domain::precheck::{Measured, Table};
use futures::StreamExt;
use plan::{Capture, Counts, Stock};
use results::{GENERATOR, Record, Results};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use worker::media::{InspectProgram, Limits, inspect};

const CHILDREN_AT_ONCE: usize = 2;
/// Longer than the worker allows: how busy this machine is must not be counted as an error of a check.
const CHILD_WALL: Duration = Duration::from_secs(300);
const TOLD_EVERY: Duration = Duration::from_secs(30);

#[derive(Parser)]
struct Options {
    /// The program whose children look at the captures: a release build needs half the time.
    #[arg(long, default_value = "target/release/worker")]
    worker: PathBuf,
    #[arg(long, default_value_t = 1000)]
    photos: u32,
    /// Of each fault at each strength.
    #[arg(long, default_value_t = 60)]
    photo_faults: u32,
    #[arg(long, default_value_t = 100)]
    clips: u32,
    #[arg(long, default_value_t = 20)]
    clip_faults: u32,
    /// Of clean sound, and at each distance from the noise.
    #[arg(long, default_value_t = 60)]
    speech: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where measures are kept between runs.
    #[arg(long, default_value = "target/calibrate")]
    work: PathBuf,
    /// Writes the figures of what was measured before, and measures nothing.
    #[arg(long)]
    only_report: bool,
    /// Prints, and leaves the committed figures as they are.
    #[arg(long)]
    keep_files: bool,
    /// Writes the captures of this set, or the one of a number, to the working folder, to be looked at: `photo/blur/4:0`.
    #[arg(long)]
    show: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = options.work.join(format!("measured-{GENERATOR}-{}.jsonl", options.seed));
    let mut results = Results::open(&path)?;
    let media = root.join("fixtures/media");
    if let Some(wanted) = &options.show {
        return show(&options, &media, wanted);
    }
    if !options.only_report {
        let stock = Stock { sheets: originals::sheets(&media)?, reels: studio::reels(&media)? };
        measure(&options, stock, &mut results).await?;
    }
    let table = Table::default();
    let claims = claims::claims(&root.join("fixtures/people.toml"))?;
    let truth = tally::Truth { table: &table, claims: &claims, named_by: &page::named_by() };
    let tally = tally::tally(&truth, &results.records)?;
    let run = page::Run { seed: options.seed, table_version: table.version };
    let page = page::page(&tally, &run);
    println!("{page}");
    if !options.keep_files {
        std::fs::write(root.join("docs/precheck-calibration.md"), page)?;
        let figures = page::figures(&tally, &run)?;
        std::fs::write(root.join("domain/src/precheck/figures.json"), figures)?;
    }
    Ok(())
}

fn counts(options: &Options) -> Counts {
    Counts {
        photos: options.photos,
        photo_faults: options.photo_faults,
        clips: options.clips,
        clip_faults: options.clip_faults,
        speech: options.speech,
    }
}

fn show(options: &Options, media: &Path, wanted: &str) -> Result<()> {
    let all = plan::captures(&counts(options));
    let stock = Stock { sheets: originals::sheets(media)?, reels: studio::reels(media)? };
    let is_wanted = |set: &str, index: u32| set == wanted || format!("{set}:{index}") == wanted;
    for capture in all.iter().filter(|capture| is_wanted(&capture.set, capture.index)) {
        let (original, bytes) = capture.made(&stock, options.seed)?;
        let path = options.work.join(format!("{}-{}", capture.set.replace('/', "-"), capture.index));
        std::fs::write(&path, bytes)?;
        println!("{original} {}", path.display());
    }
    Ok(())
}

/// Sends what is not known yet through the sandbox.
async fn measure(options: &Options, stock: Stock, results: &mut Results) -> Result<()> {
    let known = results.known();
    let mut wanted = plan::captures(&counts(options));
    wanted.retain(|capture| !known.contains(&(capture.set.clone(), capture.index)));
    let program = program(&options.worker)?;
    let (stock, seed, count) = (Arc::new(stock), options.seed, wanted.len());
    eprintln!("{count} captures to measure, {} known", known.len());
    let begun = stopwatch();
    let mut told = stopwatch();
    let mut measured = futures::stream::iter(wanted)
        .map(|capture| one(&program, Arc::clone(&stock), seed, capture))
        .buffer_unordered(CHILDREN_AT_ONCE);
    let mut done = 0_usize;
    while let Some(record) = measured.next().await {
        results.add(record?)?;
        done += 1;
        if told.elapsed() >= TOLD_EVERY {
            told = stopwatch();
            let each = begun.elapsed().as_secs_f64() / done as f64;
            eprintln!("{done} of {count}, {each:.2} s each, {:.0} min left", each * (count - done) as f64 / 60.0);
        }
    }
    Ok(())
}

fn program(worker: &Path) -> Result<InspectProgram> {
    let models = PathBuf::from("data/models");
    anyhow::ensure!(worker::media::models_are_complete(&models), "print cannot be read: run scripts/models");
    Ok(InspectProgram { path: worker.into(), args: vec!["inspect".to_owned()], models: Some(models) })
}

async fn one(program: &InspectProgram, stock: Arc<Stock>, seed: u64, capture: Capture) -> Result<Record> {
    let made = {
        let capture = capture.clone();
        tokio::task::spawn_blocking(move || capture.made(&stock, seed))
    };
    let (original, bytes) = made.await??;
    let media = futures::stream::iter([Ok::<_, Infallible>(bytes.into())]);
    let limits = Limits { wall: CHILD_WALL, ..Limits::default() };
    let measured = match inspect(program, capture.kind(), &limits, media).await {
        Ok(inspection) => inspection.measured,
        Err(error) => Measured::NotAssessed { why: error.to_string() },
    };
    Ok(Record { set: capture.set, index: capture.index, original, measured })
}
