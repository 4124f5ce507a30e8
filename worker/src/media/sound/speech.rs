//! Where in the sound somebody speaks, by two detectors that err differently: RNNoise keeps words apart in noise, the other
//! hears what is faint. In babble both fail, so one long stretch is no finding.

use super::RATE;
use domain::precheck::SpeechMeasures;
use earshot::Detector;
use nnnoiseless::DenoiseState;

/// The rate of what recognisers are given.
pub(super) const SPEECH_RATE: u32 = 16_000;
/// `earshot`'s frame of 16 ms at that rate.
const FAINT_FRAME: usize = 256;
const FAINT_FRAME_SECONDS: f64 = FAINT_FRAME as f64 / SPEECH_RATE as f64;
const WORD_FRAME_SECONDS: f64 = DenoiseState::FRAME_SIZE as f64 / RATE as f64;
const PROBABILITY_LEAST: f32 = 0.5;
const SEGMENT_LEAST_SECONDS: f64 = 0.08;
const JOINED_UNDER_SECONDS: f64 = 0.12;
/// RNNoise counts in 16-bit steps.
const FULL_SCALE: f32 = 32_767.0;
/// The low-pass before two of three samples are dropped: it ends under the new half rate, 8 kHz.
const TAPS: usize = 31;
const CUTOFF: f64 = 7_000.0 / RATE as f64;
/// Quieter than a 16-bit step: below it there is no level to compare with.
const LEVEL_FLOOR: f64 = 1e-5;

/// Listens along while the clip plays.
pub(super) struct Speech {
    words: Box<DenoiseState<'static>>,
    faint: Box<Detector>,
    taps: Vec<f32>,
    waiting: Vec<f32>,
    history: Vec<f32>,
    phase: usize,
    narrow: Vec<f32>,
    narrow_read: usize,
    word_frames: Vec<bool>,
    word_levels: Vec<f64>,
    faint_frames: Vec<bool>,
}

/// A stretch of speech, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Segment {
    pub from: f64,
    pub until: f64,
}

/// What was heard of speech in a whole clip.
pub(super) struct Spoken {
    pub measures: SpeechMeasures,
    pub segments: Vec<Segment>,
    /// Mono at [`SPEECH_RATE`].
    pub samples: Vec<f32>,
    /// Root mean square of the speech, of full scale.
    pub level: f64,
}

impl Speech {
    pub(super) fn new() -> Speech {
        Speech {
            words: DenoiseState::new(),
            faint: Detector::default_boxed(),
            taps: low_pass(),
            waiting: Vec::new(),
            history: vec![0.0; TAPS],
            phase: 0,
            narrow: Vec::new(),
            narrow_read: 0,
            word_frames: Vec::new(),
            word_levels: Vec::new(),
            faint_frames: Vec::new(),
        }
    }

    /// Adds mono samples at [`RATE`]; what is beyond full scale, as damaged files have it, is brought back to it.
    pub(super) fn add(&mut self, mono: &[f32]) {
        let sane: Vec<f32> = mono.iter().map(|sample| sample.clamp(-1.0, 1.0)).collect();
        for sample in &sane {
            self.narrow(*sample);
        }
        self.waiting.extend(sane);
        let mut clean = vec![0.0; DenoiseState::FRAME_SIZE];
        let whole = self.waiting.len() / DenoiseState::FRAME_SIZE * DenoiseState::FRAME_SIZE;
        for frame in self.waiting.drain(..whole).collect::<Vec<_>>().chunks_exact(DenoiseState::FRAME_SIZE) {
            let scaled: Vec<f32> = frame.iter().map(|sample| sample * FULL_SCALE).collect();
            self.word_frames.push(self.words.process_frame(&mut clean, &scaled) >= PROBABILITY_LEAST);
            let squares: f64 = frame.iter().map(|sample| f64::from(*sample).powi(2)).sum();
            self.word_levels.push((squares / frame.len() as f64).sqrt());
        }
        while let Some(frame) = self.narrow.get(self.narrow_read..self.narrow_read + FAINT_FRAME) {
            self.faint_frames.push(self.faint.predict_f32(frame) >= PROBABILITY_LEAST);
            self.narrow_read += FAINT_FRAME;
        }
    }

    pub(super) fn finish(self) -> Spoken {
        let segments = segments(&self.word_frames, WORD_FRAME_SECONDS);
        let faint = segments_seconds(&self::segments(&self.faint_frames, FAINT_FRAME_SECONDS));
        let inside = |index: usize| {
            let at = (index as f64 + 0.5) * WORD_FRAME_SECONDS;
            segments.iter().any(|segment| (segment.from..segment.until).contains(&at))
        };
        let (mut speech, mut between) = (Vec::new(), Vec::new());
        for (index, level) in self.word_levels.iter().enumerate() {
            if inside(index) { speech.push(*level) } else { between.push(*level) }
        }
        let (level, noise) = (root_mean_square(&speech), root_mean_square(&between));
        let measures = SpeechMeasures {
            segments: u32::try_from(segments.len()).unwrap_or(u32::MAX),
            seconds: faint.max(segments_seconds(&segments)),
            signal_to_noise_db: (!speech.is_empty() && !between.is_empty())
                .then(|| 20.0 * (level.max(LEVEL_FLOOR) / noise.max(LEVEL_FLOOR)).log10()),
        };
        Spoken { measures, segments, samples: self.narrow, level }
    }

    /// Low-passes and keeps every third sample.
    fn narrow(&mut self, sample: f32) {
        self.history.rotate_left(1);
        if let Some(last) = self.history.last_mut() {
            *last = sample;
        }
        self.phase = (self.phase + 1) % (RATE / SPEECH_RATE) as usize;
        if self.phase == 0 {
            let passed: f32 = self.history.iter().zip(&self.taps).map(|(sample, tap)| sample * tap).sum();
            // A filter may overshoot a little.
            self.narrow.push(passed.clamp(-1.0, 1.0));
        }
    }
}

/// Runs of frames with speech: short gaps are closed, what is still short is dropped.
fn segments(frames: &[bool], seconds: f64) -> Vec<Segment> {
    let mut found: Vec<Segment> = Vec::new();
    for (index, _) in frames.iter().enumerate().filter(|(_, speaks)| **speaks) {
        let (from, until) = (index as f64 * seconds, (index + 1) as f64 * seconds);
        match found.last_mut().filter(|last| from - last.until < JOINED_UNDER_SECONDS) {
            Some(last) => last.until = until,
            None => found.push(Segment { from, until }),
        }
    }
    found.retain(|segment| segment.until - segment.from >= SEGMENT_LEAST_SECONDS);
    found
}

fn segments_seconds(segments: &[Segment]) -> f64 {
    segments.iter().map(|segment| segment.until - segment.from).sum()
}

fn root_mean_square(levels: &[f64]) -> f64 {
    (levels.iter().map(|level| level * level).sum::<f64>() / levels.len().max(1) as f64).sqrt()
}

/// A windowed sinc (Hamming), its taps adding up to one.
fn low_pass() -> Vec<f32> {
    let middle = (TAPS - 1) as f64 / 2.0;
    let taps: Vec<f64> = (0..TAPS)
        .map(|tap| {
            let x = tap as f64 - middle;
            let sinc = if x.abs() < 1e-9 {
                2.0 * CUTOFF
            } else {
                (std::f64::consts::TAU * CUTOFF * x).sin() / (std::f64::consts::PI * x)
            };
            sinc * (0.54 + 0.46 * (std::f64::consts::PI * x / middle).cos())
        })
        .collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|tap| (tap / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_joined_and_short_ones_dropped() {
        let mut frames = vec![false; 100];
        for speaking in [10..30, 35..50, 70..75] {
            frames[speaking].fill(true);
        }
        let found = segments(&frames, 0.01);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!((found[0].from - 0.1).abs() < 1e-9 && (found[0].until - 0.5).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn silence_is_no_speech_and_the_rate_falls_to_a_third() {
        let mut speech = Speech::new();
        speech.add(&vec![0.0; RATE as usize]);
        let spoken = speech.finish();
        assert_eq!(spoken.measures.segments, 0);
        assert!(spoken.measures.seconds < SEGMENT_LEAST_SECONDS);
        assert_eq!(spoken.measures.signal_to_noise_db, None);
        assert_eq!(spoken.samples.len(), SPEECH_RATE as usize);
    }

    #[test]
    fn samples_far_beyond_full_scale_do_no_harm() {
        let mut speech = Speech::new();
        speech.add(&(0..RATE).map(|n| if n % 2 == 0 { f32::MAX } else { -1e9 }).collect::<Vec<_>>());
        assert!(speech.finish().samples.iter().all(|sample| (-1.0..=1.0).contains(sample)));
    }

    #[test]
    fn what_the_new_rate_cannot_hold_is_taken_out_and_the_rest_stays() {
        for (hertz, least, most) in [(1_000.0_f32, 0.65, 0.75), (15_000.0, 0.0, 0.01)] {
            let mut speech = Speech::new();
            let tone = |n: usize| (n as f32 * hertz * std::f32::consts::TAU / RATE as f32).sin();
            speech.add(&(0..RATE as usize).map(tone).collect::<Vec<_>>());
            let samples = speech.finish().samples;
            let level = (samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32).sqrt();
            assert!((least..=most).contains(&level), "{hertz} Hz: {level}");
        }
    }
}
