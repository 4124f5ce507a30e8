//! Sends mutants of small clips and photos through the sandbox and prints what became of them: `fuzz-media COUNT [SEED [FOLDER]]`.
//! Mutants that ended a child are kept in the folder, when one is given.
//!
//! The parent's side is the worker's own: were it harmed, this program would end. It fails when a child was ended by its own
//! forbidden call or by a broken protocol, which would mean that a decoder was taken over or the filter is too narrow.

#![expect(clippy::disallowed_methods, reason = "how long a mutant takes is what this program measures")]

use acceptance::dice::Dice;
use bytes::Bytes;
use futures::StreamExt;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use worker::media::{InspectError, InspectProgram, Limits, MediaKind, inspect};

const CHILDREN_AT_ONCE: usize = 2;
/// Mutants after which a line says how far it is.
const TOLD_EVERY: usize = 1_000;
/// Small clips, so that ten thousand take minutes: each container and codec that phones and browsers write.
const CLIPS: [(&str, &str); 7] = [
    ("h264.mp4", "-c:v libx264 -c:a aac -movflags +faststart"),
    ("h264.mov", "-c:v libx264 -c:a pcm_s16le"),
    ("fragmented.mp4", "-c:v libx264 -c:a aac -movflags +frag_keyframe+empty_moov"),
    ("hevc.mp4", "-c:v libx265 -tag:v hvc1 -c:a aac -x265-params log-level=none"),
    ("vp8.webm", "-c:v libvpx -c:a libopus"),
    ("vp9.webm", "-c:v libvpx-vp9 -c:a libvorbis"),
    ("av1.mp4", "-c:v libaom-av1 -cpu-used 8 -c:a aac"),
];
const SOURCE: &str = "-f lavfi -i testsrc2=s=160x120:r=15:d=1 -f lavfi -i sine=440:d=1";
const PHOTOS: [&str; 3] = ["passport-small.jpg", "uk-driving-licence-front-small.jpg", "passport-too-small.jpg"];

struct Original {
    name: String,
    kind: MediaKind,
    bytes: Vec<u8>,
}

impl Original {
    fn parts(&self) -> (&str, MediaKind, &[u8]) {
        (&self.name, self.kind, &self.bytes)
    }
}

/// What became of one mutant.
struct End {
    name: String,
    mutant: Bytes,
    said: Result<String, InspectError<Infallible>>,
    took: Duration,
}

#[derive(Default)]
struct Tally {
    ends: BTreeMap<String, usize>,
    slowest: (Duration, String),
    alarming: Vec<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let seed: u64 = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let keep = arguments.next().map(PathBuf::from);
    let path = std::env::current_exe()?.with_file_name("inspect");
    let models = PathBuf::from("data/models");
    let models = worker::media::models_are_complete(&models).then_some(models);
    println!("print on documents is {}", if models.is_some() { "read" } else { "not read: run scripts/models" });
    let program = InspectProgram { path, args: Vec::new(), models };
    let originals = originals()?;
    let begun = Instant::now();
    let mut tally = Tally::default();
    let mut ends = futures::stream::iter(0..count)
        .map(|index| one(&program, &originals, seed.wrapping_add(index as u64)))
        .buffer_unordered(CHILDREN_AT_ONCE);
    let mut done = 0;
    while let Some(end) = ends.next().await {
        if let (Err(_), Some(folder)) = (&end.said, &keep) {
            std::fs::write(folder.join(end.name.replace(' ', "-")), &end.mutant)?;
        }
        tally.add(end);
        done += 1;
        if done % TOLD_EVERY == 0 {
            println!("{done} mutants in {:.0} s", begun.elapsed().as_secs_f64());
        }
    }
    println!("mutants: {count} of {} originals, seed {seed}, {:.0} s", originals.len(), begun.elapsed().as_secs_f64());
    println!("deaths of the worker: 0");
    for (end, count) in &tally.ends {
        println!("{count:>7}  {end}");
    }
    println!("slowest: {:.2} s ({})", tally.slowest.0.as_secs_f64(), tally.slowest.1);
    println!("largest child: {} MB", largest_child_kib() / 1024);
    tally.alarming.iter().for_each(|line| println!("ALARM {line}"));
    Ok(if tally.alarming.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Tally {
    fn add(&mut self, End { name, said, took, .. }: End) {
        if took > self.slowest.0 {
            self.slowest = (took, name.clone());
        }
        let said = match said {
            Ok(measured) => measured,
            Err(error) => {
                let forbidden = matches!(&error, InspectError::Died { cause, .. } if cause.contains("no business"));
                if forbidden || matches!(error, InspectError::Protocol(_)) {
                    self.alarming.push(format!("{name}: {error}"));
                }
                error.to_string()
            }
        };
        *self.ends.entry(said).or_default() += 1;
    }
}

async fn one(program: &InspectProgram, originals: &[Original], seed: u64) -> End {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let index = dice.below(originals.len());
    let (name, kind, bytes) = originals.get(index).map_or(("", MediaKind::Photo, &[][..]), Original::parts);
    let mutant = Bytes::from(mutate(bytes, &mut dice));
    let begun = Instant::now();
    let media = futures::stream::iter([Ok::<_, Infallible>(mutant.clone())]);
    let answer = inspect(program, kind, &Limits::default(), media).await;
    let said = answer.map(|inspection| match inspection.measured {
        domain::precheck::Measured::Photo(_) => "photo measured".to_owned(),
        domain::precheck::Measured::Video(_) => "video measured".to_owned(),
        domain::precheck::Measured::Undecodable { .. } => "undecodable".to_owned(),
        domain::precheck::Measured::NotAssessed { .. } => "not assessed".to_owned(),
    });
    End { name: format!("{name} seed {seed}"), mutant, said, took: begun.elapsed() }
}

/// Bits flipped here and there, a stretch of noise, a piece taken out or doubled, or the end cut off.
fn mutate(original: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = original.to_vec();
    let length = bytes.len().max(1);
    // Half of the mutants are wounded at their front, where the structures are.
    let reach = if dice.below(2) == 0 { length.min(4096) } else { length };
    match dice.below(8) {
        0 => bytes.truncate(dice.below(length)),
        1 => {
            let (from, count) = (dice.below(length), dice.below(512));
            bytes.drain(from..(from + count).min(length));
        }
        2 => {
            let (from, count, to) = (dice.below(length), dice.below(512), dice.below(length));
            let piece: Vec<u8> = bytes.iter().skip(from).take(count).copied().collect();
            bytes.splice(to..to, piece);
        }
        3 => {
            let (from, count) = (dice.below(reach), dice.below(64));
            bytes.iter_mut().skip(from).take(count).for_each(|byte| *byte = dice.roll() as u8);
        }
        _ => {
            let most = 1 << dice.below(9);
            let flips = 1 + dice.below(most);
            for _ in 0..flips {
                let (at, bit) = (dice.below(reach), dice.below(8));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
        }
    }
    bytes
}

fn originals() -> anyhow::Result<Vec<Original>> {
    let folder = tempfile::tempdir()?;
    let mut found = Vec::new();
    for (name, settings) in CLIPS {
        let path = folder.path().join(name);
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-y"]).args(SOURCE.split(' ')).args(settings.split(' ')).arg(&path);
        if command.status()?.success() {
            found.push(Original { name: name.to_owned(), kind: MediaKind::Video, bytes: std::fs::read(&path)? });
        } else {
            println!("{name} cannot be made here and is left out");
        }
    }
    for name in PHOTOS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/media").join(name);
        found.push(Original { name: name.to_owned(), kind: MediaKind::Photo, bytes: std::fs::read(path)? });
    }
    Ok(found)
}

/// The largest resident size any child had, in KiB.
fn largest_child_kib() -> i64 {
    // SAFETY: the call fills the struct, for which all zeroes is a valid value.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        if libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) == 0 { usage.ru_maxrss } else { 0 }
    }
}
