//! The same work by the command-line tools `ffmpeg` and `tesseract`, as somebody would write it who had only these.

use super::cost::{Cost, run};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Upright, no longer than 1280 by 720; two frames a second in a strip; loudness with true peaks; silences; a picture of the sound.
const GRAPH: &str = "[0:v]scale='if(gt(iw,ih),min(1280,iw),min(720,iw))':-2:flags=area,split[play][few];\
    [few]fps=2,scale=240:-2:flags=area,tile=20x1[strip];\
    [0:a]asplit[wave][heard];[wave]showwavespic=s=1000x120[picture];\
    [heard]ebur128=peak=true:framelog=verbose,silencedetect=n=-50dB:d=0.5,aresample=48000[sound]";
/// The encoder's settings are ours.
const PLAYABLE: &str = "-map [play] -map [sound] -c:v libx264 -preset superfast -crf 25 -sc_threshold 0 -pix_fmt yuv420p \
    -c:a aac -b:a 64k -movflags +faststart";
const COPIES: &str = "[0:v]scale=2400:-2:flags=area,split[large][next];[next]scale=1000:-2:flags=area[small]";

/// How many threads `ffmpeg` may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    AsItLikes,
    /// Costs less processor time and more of the clock.
    One,
}

/// # Errors
/// When `ffmpeg` is missing or fails.
pub fn clip(file: &Path, folder: &Path, threads: Threads) -> Result<Cost> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-y"]);
    if threads == Threads::One {
        command.args("-threads 1 -filter_threads 1 -filter_complex_threads 1".split(' '));
    }
    command.arg("-i").arg(file).args(["-filter_complex", GRAPH]).args(PLAYABLE.split_whitespace());
    command.args(["-force_key_frames", "expr:gte(t,n_forced*0.5)"]);
    if threads == Threads::One {
        command.args(["-threads", "1"]);
    }
    command.arg(folder.join("playable.mp4"));
    for (pad, name) in [("[strip]", "strip.jpg"), ("[picture]", "wave.png")] {
        command.args(["-map", pad, "-frames:v", "1", "-q:v", "3"]).arg(folder.join(name));
    }
    Ok(run(&mut command)?.0)
}

/// The two copies of a photo that a checker sees.
///
/// # Errors
/// When `ffmpeg` is missing or fails.
pub fn copies(file: &Path, folder: &Path) -> Result<Cost> {
    let mut command = Command::new("ffmpeg");
    command.args("-nostdin -v error -y -threads 1 -filter_threads 1 -filter_complex_threads 1 -i".split(' ')).arg(file);
    command.args(["-filter_complex", COPIES]);
    for (pad, name) in [("[large]", "large.jpg"), ("[small]", "small.jpg")] {
        command.args(["-map", pad, "-frames:v", "1", "-q:v", "3"]).arg(folder.join(name));
    }
    Ok(run(&mut command)?.0)
}

/// What `tesseract` reads; `pages` is its page segmentation mode. One thread, which costs it least.
///
/// # Errors
/// When `tesseract` is missing or fails.
pub fn read(file: &Path, pages: &str) -> Result<(Cost, String)> {
    let mut command = Command::new("tesseract");
    command.env("OMP_THREAD_LIMIT", "1").arg(file).args(["stdout", "-l", "eng", "--psm", pages]);
    let (cost, output) = run(&mut command)?;
    Ok((cost, String::from_utf8_lossy(&output).into_owned()))
}
