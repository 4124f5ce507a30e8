//! Makes the clip that a take describes, by the ffmpeg command line.

use crate::dice::Dice;
use crate::sound::{self, RATE};
use crate::take::{Scene, Take, Tracks};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The good clips: six people, each with a voice of their own, and the numbers they say.
pub const CLIPS: [(&str, &str); 6] = [
    ("face-3719-good-720p.mp4", "3719"),
    ("face-0482-good-720p.mp4", "0482"),
    ("face-5263-good-720p.mp4", "5263"),
    ("face-9046-good-vp9.webm", "9046"),
    ("face-6158-good-720p.mp4", "6158"),
    ("face-2870-good-720p.mp4", "2870"),
];

/// A good clip and its sound.
pub struct Reel {
    pub name: &'static str,
    path: PathBuf,
    samples: Vec<f32>,
}

pub fn reels(media: &Path) -> Result<Vec<Reel>> {
    CLIPS
        .iter()
        .map(|(name, _)| {
            let path = media.join(name);
            let mut command = ffmpeg();
            command.arg("-i").arg(&path).args(["-vn", "-ac", "1", "-ar", &RATE.to_string(), "-f", "f32le", "-"]);
            let raw = finished(&mut command)?.stdout;
            let samples = raw.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            Ok(Reel { name, path, samples })
        })
        .collect()
}

/// The bytes of an MP4 file. `other` appears where a second person does.
pub fn record(reel: &Reel, other: &Reel, take: &Take, dice: &mut Dice) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let (wave, clip) = (folder.path().join("sound.wav"), folder.path().join("clip.mp4"));
    let mut samples = reel.samples.clone();
    if let Some(distance) = take.noise_below_db {
        sound::add_noise(&mut samples, distance, dice);
    }
    sound::gain(&mut samples, take.gain_db);
    std::fs::write(&wave, sound::wave(&samples))?;
    let mut command = ffmpeg();
    command.arg("-i").arg(&reel.path).arg("-i").arg(&other.path).arg("-i").arg(&wave);
    if take.tracks != Tracks::SoundOnly {
        command.args(["-filter_complex", &graph(take, dice), "-map", "[v]"]);
        let quality = take.constant_rate_factor.to_string();
        command.args(["-c:v", "libx264", "-preset", "superfast", "-pix_fmt", "yuv420p", "-crf", &quality]);
        if take.is_turned {
            command.args(["-metadata:s:v:0", "rotate=90"]);
        }
    }
    if take.tracks != Tracks::PictureOnly {
        command.args(["-map", "2:a", "-c:a", "aac", "-b:a", "96k"]);
    }
    if let Some(label) = take.label {
        command.args(["-metadata", &format!("comment={label}")]);
    }
    command.args(["-t", &take.seconds.to_string(), "-threads", "1", "-y"]).arg(&clip);
    finished(&mut command)?;
    let mut bytes = std::fs::read(&clip)?;
    bytes.truncate((bytes.len() as f32 * (1.0 - take.missing_share)) as usize);
    Ok(bytes)
}

/// The picture's filters, from the first two inputs to `[v]`.
fn graph(take: &Take, dice: &mut Dice) -> String {
    let (width, height) = take.size;
    let rate = take.frames_per_second;
    let other = format!("[1:v]scale={width}:{height},fps={rate}[other]");
    let length = take.seconds;
    let face = match take.scene {
        Scene::Face => format!("[0:v]scale={width}:{height},fps={rate}"),
        Scene::BlackFor(share) => {
            let until = share * length;
            format!("[0:v]scale={width}:{height},fps={rate},drawbox=color=black:t=fill:enable='lte(t,{until})'")
        }
        Scene::StillSeconds(seconds) => {
            let held = (seconds * rate as f32).round();
            format!("[0:v]scale={width}:{height},fps={rate},loop=loop={held}:size=1:start={rate},setpts=N/{rate}/TB")
        }
        Scene::Cuts(cuts) => {
            let piece = length / (cuts + 1) as f32;
            let shown = format!("eq(mod(floor(t/{piece}),2),1)");
            format!("{other};[0:v]scale={width}:{height},fps={rate}[one];[one][other]overlay=enable='{shown}'")
        }
        Scene::HiddenFor(share) => {
            let until = share * length;
            let cover = "x=iw*0.2:y=0:w=iw*0.6:h=ih:color=gray:t=fill";
            format!("[0:v]scale={width}:{height},fps={rate},drawbox={cover}:enable='lte(t,{until})'")
        }
        Scene::TwoPeopleFor(share) => {
            let until = share * length;
            let half = "crop=iw/2:ih";
            format!(
                "{other};[0:v]scale={width}:{height},fps={rate},split[whole][left];[left]{half}[l];[other]{half}[r];\
                 [l][r]hstack[pair];[whole][pair]overlay=enable='lte(t,{until})'"
            )
        }
    };
    let mut filters = vec![face];
    // Levels are encoded with an exponent of about 2.2.
    let gain = (take.exposure / 2.2).exp2();
    let (gain, contrast) = (gain * take.contrast, 128.0 * (1.0 - take.contrast) * gain);
    filters.push(format!("lutrgb=r='clip(val*{gain}+{contrast},0,255)':g='clip(val*{gain}+{contrast},0,255)':b='clip(val*{gain}+{contrast},0,255)'"));
    let sigma = take.blur * width as f32 / 640.0;
    if sigma > 0.2 {
        filters.push(format!("gblur=sigma={sigma}:steps=3"));
    }
    // Grain would hide that a frozen picture stands still, as it does not when a telephone stops.
    if take.grain > 0 && !matches!(take.scene, Scene::StillSeconds(_) | Scene::BlackFor(_)) {
        filters.push(format!("noise=alls={}:allf=t:all_seed={}", take.grain, dice.below(1 << 30)));
    }
    if take.is_mirrored {
        filters.push("hflip".to_owned());
    }
    if take.is_turned {
        filters.push("transpose=2".to_owned());
    }
    format!("{}[v]", filters.join(","))
}

fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-filter_complex_threads", "1"]);
    command
}

fn finished(command: &mut Command) -> Result<Output> {
    let output = command.output().context("the ffmpeg command line is not installed: scripts/setup test")?;
    ensure!(output.status.success(), "ffmpeg: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output)
}
