//! The whole pre-check of a photo and of clips against the command-line tools `ffmpeg` and `tesseract`, in one run.
//!
//! Arguments: the worker's binary, how often everything is done, a folder for what is made. Fixtures and models are found from
//! the root of the checkout.
#![expect(clippy::print_stdout, reason = "a bench prints")]

mod cost;
mod ours;
mod theirs;
mod truth;

use anyhow::{Context, Result, anyhow, bail};
use benches::stopwatch;
use cost::{Cost, Spread, run};
use std::path::{Path, PathBuf};
use theirs::Threads;
use truth::{Specimen, right_in_measures, right_in_text};
use worker::media::MediaKind;

const FIXTURES: &str = "fixtures";
const CLIPS: [(&str, &str); 2] =
    [("10 s 720p clip", "face-3719-good-720p.mp4"), ("10 s 1080p clip", "face-0482-rotated-1080p.mp4")];
/// The segmentation modes of `tesseract`: its own choice, and one block of text.
const ITS_OWN: &str = "3";
const ONE_BLOCK: &str = "6";
/// The goals that the last column is held against.
const PEAK_MEGA_MAX: f64 = 400.0;
const REVIEWABLE_SECONDS_MAX: f64 = 5.0;
/// Submissions per throughput measurement and inspector.
const SUBMISSIONS: usize = 4;

struct Bench {
    worker: PathBuf,
    rounds: usize,
    folder: PathBuf,
}

/// One way of doing something, done many times.
struct Row {
    what: String,
    costs: Vec<Cost>,
    right: Option<(usize, usize)>,
}

/// Median processor seconds of the first two rows, and our peak memory in MB.
struct Sides {
    ours: f64,
    theirs: f64,
    peak_mega: f64,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = arguments.as_slice()
        && first == "ours"
    {
        return ours::main(rest);
    }
    let [worker, rounds, folder] = arguments.as_slice() else { bail!("usage: bench-precheck WORKER ROUNDS FOLDER") };
    let bench = Bench { worker: worker.into(), rounds: rounds.parse()?, folder: folder.into() };
    std::fs::create_dir_all(&bench.folder)?;
    println!("{} rounds; wall and processor seconds: median and p95; the child is {worker}", bench.rounds);
    let photo = bench.photo()?;
    let clips = CLIPS.iter().map(|(name, file)| Ok((*name, bench.clip(name, file)?))).collect::<Result<Vec<_>>>()?;
    let peak = clips.iter().map(|(_, clip)| clip.peak_mega).fold(0.0, f64::max);
    println!(
        "\npeak memory of both children of a submission {:.0} MB (goal {PEAK_MEGA_MAX:.0})",
        photo.peak_mega + peak
    );
    for (name, clip) in clips {
        let (ours, theirs) = (photo.ours + clip.ours, photo.theirs + clip.theirs);
        let ratio = ours / theirs;
        println!(
            "processor time of a photo and a {name}: ours {ours:.2} s, theirs {theirs:.2} s, {ratio:.2}x (goal 1.0)"
        );
    }
    bench.every_specimen()?;
    bench.reviewable()?;
    bench.throughput()
}

impl Bench {
    fn photo(&self) -> Result<Sides> {
        let specimen = truth::large(Path::new(FIXTURES))?;
        let all = specimen.values.len();
        let mut rows = ["ours", "ffmpeg + tesseract", "  with --psm 6", "  on our flattened page"].map(Row::new);
        for _ in 0..self.rounds {
            let [ours, theirs, one_block, flat] = &mut rows;
            let (cost, right) = self.ours_reads(&specimen)?;
            ours.add(cost, Some((right, all)));
            let copies = theirs::copies(&specimen.photo, &self.folder)?;
            let flattened = self.folder.join(ours::DOCUMENT);
            for (row, file, pages) in [
                (theirs, &specimen.photo, ITS_OWN),
                (one_block, &specimen.photo, ONE_BLOCK),
                (flat, &flattened, ONE_BLOCK),
            ] {
                let (cost, text) = theirs::read(file, pages)?;
                row.add(copies.then(cost), Some((right_in_text(&specimen.values, &text), all)));
            }
        }
        Ok(told("12 MP photo", &rows))
    }

    fn clip(&self, name: &str, file: &str) -> Result<Sides> {
        let file = Path::new(FIXTURES).join("media").join(file);
        let mut rows = ["ours", "ffmpeg", "  with one thread"].map(Row::new);
        for _ in 0..self.rounds {
            let [ours, theirs, one] = &mut rows;
            ours.add(run(&mut ours::command(&self.worker, MediaKind::Video, &file, None)?)?.0, None);
            theirs.add(theirs::clip(&file, &self.folder, Threads::AsItLikes)?, None);
            one.add(theirs::clip(&file, &self.folder, Threads::One)?, None);
        }
        Ok(told(name, &rows))
    }

    /// What each reads right on the fronts of all specimens, once.
    fn every_specimen(&self) -> Result<()> {
        let (mut ours, mut theirs, mut one_block, mut all) = (0, 0, 0, 0);
        let (mut cost_ours, mut cost_theirs) = (Cost::default(), Cost::default());
        let specimens = truth::specimens(Path::new(FIXTURES))?;
        for specimen in &specimens {
            let (cost, right) = self.ours_reads(specimen)?;
            (cost_ours, ours, all) = (cost_ours.then(cost), ours + right, all + specimen.values.len());
            let (cost, text) = theirs::read(&specimen.photo, ITS_OWN)?;
            (cost_theirs, theirs) = (cost_theirs.then(cost), theirs + right_in_text(&specimen.values, &text));
            one_block += right_in_text(&specimen.values, &theirs::read(&specimen.photo, ONE_BLOCK)?.1);
        }
        println!(
            "\nnames and dates of birth on {} fronts: ours {ours} of {all} in {:.1} s of processor time with copies, \
             tesseract {theirs} in {:.1} s without, with --psm 6 {one_block}",
            specimens.len(),
            cost_ours.cpu_seconds,
            cost_theirs.cpu_seconds,
        );
        Ok(())
    }

    fn ours_reads(&self, specimen: &Specimen) -> Result<(Cost, usize)> {
        let (cost, _) = run(&mut ours::command(&self.worker, MediaKind::Photo, &specimen.photo, Some(&self.folder))?)?;
        let measured = serde_json::from_slice(&std::fs::read(self.folder.join(ours::MEASURED))?)?;
        Ok((cost, right_in_measures(&specimen.values, &measured)))
    }

    /// One submission: a photo and a clip side by side, as the job does it.
    fn submission(&self, clip: &str) -> Result<f64> {
        let media = Path::new(FIXTURES).join("media");
        let begun = stopwatch();
        side_by_side([(MediaKind::Photo, "passport-good-12mp.jpg"), (MediaKind::Video, clip)].map(|(kind, file)| {
            let media = &media;
            move || run(&mut ours::command(&self.worker, kind, &media.join(file), None)?).map(drop)
        }))?;
        Ok(begun.elapsed().as_secs_f64())
    }

    /// The same with one child at a time.
    fn one_by_one(&self, clip: &str) -> Result<()> {
        let media = Path::new(FIXTURES).join("media");
        for (kind, file) in [(MediaKind::Photo, "passport-good-12mp.jpg"), (MediaKind::Video, clip)] {
            run(&mut ours::command(&self.worker, kind, &media.join(file), None)?)?;
        }
        Ok(())
    }

    fn reviewable(&self) -> Result<()> {
        println!(
            "\nfrom completed to reviewable: the children's part, photo and clip side by side (goal {REVIEWABLE_SECONDS_MAX} s p95)"
        );
        println!(
            "left out: the queue, reading, hashing and scanning what was stored, sealing the copies, one transaction"
        );
        for (name, file) in CLIPS {
            let walls = (0..self.rounds).map(|_| self.submission(file)).collect::<Result<Vec<_>>>()?;
            let spread = Spread::of(walls.into_iter());
            println!("  photo and {name:<16} median {:.2} s   p95 {:.2} s", spread.median, spread.p95);
        }
        Ok(())
    }

    fn throughput(&self) -> Result<()> {
        let (_, clip) = CLIPS.first().context("no clip")?;
        let mut alone = 0.0;
        for at_once in [1_usize, 2] {
            let begun = stopwatch();
            side_by_side((0..at_once).map(|_| || (0..SUBMISSIONS).try_for_each(|_| self.one_by_one(clip))))?;
            let per_minute = (at_once * SUBMISSIONS) as f64 * 60.0 / begun.elapsed().as_secs_f64();
            if at_once == 1 {
                alone = per_minute;
            }
            println!("{at_once} children at once: {per_minute:.1} submissions a minute, {:.2}x", per_minute / alone);
        }
        Ok(())
    }
}

impl Row {
    fn new(what: &str) -> Row {
        Row { what: what.to_owned(), costs: Vec::new(), right: None }
    }

    fn add(&mut self, cost: Cost, right: Option<(usize, usize)>) {
        self.costs.push(cost);
        self.right = right;
    }

    fn spread(&self, of: fn(&Cost) -> f64) -> Spread {
        Spread::of(self.costs.iter().map(of))
    }
}

fn side_by_side<F: FnOnce() -> Result<()> + Send>(tasks: impl IntoIterator<Item = F>) -> Result<()> {
    std::thread::scope(|scope| {
        let running: Vec<_> = tasks.into_iter().map(|task| scope.spawn(task)).collect();
        running.into_iter().try_for_each(|task| task.join().map_err(|_| anyhow!("a thread died"))?)
    })
}

/// Prints rows, the first of which is ours, each with our ratio to it.
fn told(name: &str, rows: &[Row]) -> Sides {
    println!("\n{name:<24} {:>14} {:>14} {:>8} {:>7} {:>11}", "wall s", "CPU s", "peak MB", "right", "ours/theirs");
    let cpu_of = |index: usize| rows.get(index).map_or(0.0, |row| row.spread(|cost| cost.cpu_seconds).median);
    let (ours, theirs) = (cpu_of(0), cpu_of(1));
    for (index, row) in rows.iter().enumerate() {
        let (wall, cpu) = (row.spread(|cost| cost.wall_seconds), row.spread(|cost| cost.cpu_seconds));
        let right = row.right.map_or(String::new(), |(right, all)| format!("{right}/{all}"));
        let ratio = if index == 0 { String::new() } else { format!("{:.2}x", ours / cpu.median) };
        println!(
            "{:<24} {:>6.2} / {:>5.2} {:>6.2} / {:>5.2} {:>8.0} {right:>7} {ratio:>11}",
            row.what,
            wall.median,
            wall.p95,
            cpu.median,
            cpu.p95,
            row.spread(|cost| cost.peak_mega).p95
        );
    }
    let peak_mega = rows.first().map_or(0.0, |row| row.spread(|cost| cost.peak_mega).p95);
    Sides { ours, theirs, peak_mega }
}
