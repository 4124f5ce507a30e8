//! How loud a clip is (ITU-R BS.1770 through `ebur128`), how much of it is silence, and its shape for the eye.

use super::speech::{Segment, Speech};
use super::{RATE, Recogniser, numbers};
use crate::media::{Artefact, media_type_of};
use domain::evidence::ArtefactKind;
use domain::precheck::{HeardNumber, SpeechMeasures};
use ebur128::{EbuR128, Mode};
use serde_json::json;

/// The standard's absolute gate: what stays below it has no loudness, and is reported as this.
const FLOOR_LUFS: f64 = -70.0;
/// A hundredth of a second: the grain of silence and of the waveform.
const BLOCK_SAMPLES: usize = RATE as usize / 100;
/// Below this root mean square, −50 dB of full scale, a block is silent.
const SILENT_BELOW: f64 = 0.003_162_3;
const WAVEFORM_BUCKETS: usize = 200;
/// From here on a sample is at full scale, 0.1 dB below it, which coding alone may take away.
const CLIPPED_FROM: f32 = 0.988;

/// Listens along while the clip plays.
pub(in crate::media) struct Ear {
    meter: EbuR128,
    channels: usize,
    samples: usize,
    blocks: Vec<Block>,
    open: Block,
    clipped: usize,
    speech: Speech,
}

#[derive(Default, Clone, Copy)]
struct Block {
    samples: usize,
    peak: f32,
    squares: f64,
}

/// The measures of a whole clip's sound.
pub(in crate::media) struct Sound {
    pub seconds: f64,
    pub loudness_lufs: Option<f64>,
    pub true_peak_dbtp: Option<f64>,
    pub silence_share: f64,
    pub longest_silence_seconds: f64,
    pub clipped_share: f64,
    pub speech: SpeechMeasures,
    pub heard: Vec<HeardNumber>,
    peaks: Vec<f64>,
    segments: Vec<Segment>,
}

impl Ear {
    pub(in crate::media) fn new(channels: usize) -> Option<Ear> {
        let count = u32::try_from(channels).ok()?;
        let meter = EbuR128::new(count, RATE, Mode::I | Mode::TRUE_PEAK).ok()?;
        let (blocks, open, speech) = (Vec::new(), Block::default(), Speech::new());
        Some(Ear { meter, channels, samples: 0, blocks, open, clipped: 0, speech })
    }

    /// Seconds heard so far.
    pub(in crate::media) fn seconds(&self) -> f64 {
        self.samples as f64 / f64::from(RATE)
    }

    /// Adds samples, channel by channel and equally many of each.
    pub(in crate::media) fn add(&mut self, channels: &[Vec<f32>]) {
        let Some(first) = channels.first() else {
            return;
        };
        let slices: Vec<&[f32]> = channels.iter().map(Vec::as_slice).collect();
        if slices.len() != self.channels || self.meter.add_frames_planar_f32(&slices).is_err() {
            return;
        }
        self.samples += first.len();
        let second = channels.get(1).unwrap_or(first);
        for (left, right) in first.iter().zip(second) {
            let block = &mut self.open;
            block.samples += 1;
            block.peak = block.peak.max(left.abs()).max(right.abs());
            block.squares += f64::from(left * left).max(f64::from(right * right));
            self.clipped += usize::from(left.abs().max(right.abs()) >= CLIPPED_FROM);
            if block.samples == BLOCK_SAMPLES {
                self.blocks.push(std::mem::take(block));
            }
        }
        let mono: Vec<f32> = first.iter().zip(second).map(|(left, right)| (left + right) / 2.0).collect();
        self.speech.add(&mono);
    }

    pub(in crate::media) fn finish(mut self, recogniser: &mut Recogniser) -> Sound {
        let seconds = self.seconds();
        if self.open.samples > 0 {
            self.blocks.push(self.open);
        }
        let loudness = self.meter.loudness_global().ok().filter(|lufs| !lufs.is_nan());
        let peak = (0..u32::try_from(self.channels).unwrap_or(0))
            .filter_map(|channel| self.meter.true_peak(channel).ok())
            .fold(0.0_f64, f64::max);
        let spoken = self.speech.finish();
        let silent = self.blocks.iter().filter(|block| block.is_silent()).count();
        Sound {
            seconds,
            loudness_lufs: loudness.map(|lufs| lufs.max(FLOOR_LUFS)),
            true_peak_dbtp: Some(20.0 * peak.max(1e-6).log10()),
            silence_share: silent as f64 / self.blocks.len().max(1) as f64,
            longest_silence_seconds: longest_silence(&self.blocks) as f64 / 100.0,
            clipped_share: self.clipped as f64 / self.samples.max(1) as f64,
            heard: numbers::hear(recogniser.0.as_mut(), &spoken),
            speech: spoken.measures,
            segments: spoken.segments,
            peaks: peaks(&self.blocks),
        }
    }
}

impl Block {
    fn is_silent(&self) -> bool {
        (self.squares / self.samples.max(1) as f64).sqrt() < SILENT_BELOW
    }
}

impl Sound {
    /// The clip's shape: `{"seconds": 9.6, "peaks": [0.02, …]}`, peaks of full scale, evenly spread over the clip.
    pub(in crate::media) fn waveform(&self) -> Artefact {
        let body = json!({"seconds": self.seconds, "peaks": self.peaks});
        Artefact {
            kind: ArtefactKind::Waveform,
            media_type: media_type_of(ArtefactKind::Waveform),
            bytes: body.to_string().into_bytes().into(),
            meta: json!({"seconds": self.seconds, "buckets": self.peaks.len()}),
        }
    }

    /// When something was said: `{"seconds": 9.6, "speech": [[1.2, 1.6], …], "numbers": [[1.2, 1.6], …]}`. What was heard is
    /// left out: it is for a checker to hear first.
    pub(in crate::media) fn number_segments(&self) -> Artefact {
        let rounded = |seconds: f64| (seconds * 1000.0).round() / 1000.0;
        let speech: Vec<_> =
            self.segments.iter().map(|segment| [rounded(segment.from), rounded(segment.until)]).collect();
        let heard = self.heard.iter().map(|number| [rounded(number.from_seconds), rounded(number.until_seconds)]);
        let numbers: Vec<_> = heard.collect();
        let meta = json!({"seconds": self.seconds, "speech": speech.len(), "numbers": numbers.len()});
        let body = json!({"seconds": self.seconds, "speech": speech, "numbers": numbers});
        Artefact {
            kind: ArtefactKind::NumberSegments,
            media_type: media_type_of(ArtefactKind::NumberSegments),
            bytes: body.to_string().into_bytes().into(),
            meta,
        }
    }
}

/// Blocks in the longest run of silent ones.
fn longest_silence(blocks: &[Block]) -> usize {
    let (mut run, mut longest) = (0, 0);
    for block in blocks {
        run = if block.is_silent() { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// The highest peak of each of [`WAVEFORM_BUCKETS`] equal parts, rounded to thousandths.
fn peaks(blocks: &[Block]) -> Vec<f64> {
    let buckets = WAVEFORM_BUCKETS.min(blocks.len());
    (0..buckets)
        .map(|bucket| {
            let from = bucket * blocks.len() / buckets;
            let until = (bucket + 1) * blocks.len() / buckets;
            let peak = blocks.iter().take(until).skip(from).map(|block| block.peak).fold(0.0, f32::max);
            (f64::from(peak.min(1.0)) * 1000.0).round() / 1000.0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(seconds: usize, level: f32) -> Vec<f32> {
        (0..seconds * RATE as usize)
            .map(|n| level * (n as f32 * 997.0 * std::f32::consts::TAU / RATE as f32).sin())
            .collect()
    }

    #[test]
    fn a_tone_has_the_loudness_the_standard_says() {
        // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS reads -23 LUFS.
        let level = 10_f32.powf(-23.0 / 20.0);
        let Some(mut ear) = Ear::new(2) else { panic!("no meter") };
        ear.add(&[tone(5, level), tone(5, level)]);
        let sound = ear.finish(&mut Recogniser(None));
        assert!(sound.loudness_lufs.is_some_and(|lufs| (lufs + 23.0).abs() < 0.2), "{:?}", sound.loudness_lufs);
        assert!(sound.true_peak_dbtp.is_some_and(|peak| (peak + 23.0).abs() < 0.3));
        assert!(sound.silence_share < f64::EPSILON);
        assert_eq!(sound.peaks.len(), WAVEFORM_BUCKETS);
    }

    #[test]
    fn what_the_microphone_could_not_follow_is_counted() {
        let Some(mut ear) = Ear::new(1) else { panic!("no meter") };
        ear.add(&[tone(1, 4.0).iter().map(|sample| sample.clamp(-1.0, 1.0)).collect()]);
        let clipped = ear.finish(&mut Recogniser(None)).clipped_share;
        // Four times too loud, a sine is at its ends outside ±asin(1/4): 84 % of the time.
        assert!((clipped - 0.84).abs() < 0.02, "{clipped}");
    }

    #[test]
    fn silence_is_counted_and_drawn_flat() {
        let Some(mut ear) = Ear::new(1) else { panic!("no meter") };
        ear.add(&[vec![0.0; 3 * RATE as usize]]);
        ear.add(&[tone(1, 0.5)]);
        let sound = ear.finish(&mut Recogniser(None));
        assert!((sound.silence_share - 0.75).abs() < 0.02);
        assert!((sound.longest_silence_seconds - 3.0).abs() < 0.02);
        assert!(sound.clipped_share < f64::EPSILON);
        assert!(sound.peaks.iter().take(140).all(|peak| *peak < f64::EPSILON));
        let Some(mut silent) = Ear::new(1) else { panic!("no meter") };
        silent.add(&[vec![0.0; 2 * RATE as usize]]);
        assert!(
            silent
                .finish(&mut Recogniser(None))
                .loudness_lufs
                .is_some_and(|lufs| (lufs - FLOOR_LUFS).abs() < f64::EPSILON)
        );
    }
}
