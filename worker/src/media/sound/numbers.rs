//! The four numbers as a recogniser hears them. It does not know which were asked for, so it cannot be led.

use super::speech::{SPEECH_RATE, Spoken};
use super::sphinx::{Sphinx, Word};
use domain::precheck::HeardNumber;

/// What is left around the speech, so that its first and last sounds are whole.
const MARGIN_SECONDS: f64 = 0.25;
/// Speech is brought to this level, of full scale, before it is listened to.
const LEVEL: f64 = 0.1;
/// Pink noise 21 dB below speech: the model was trained on noise, and mishears speech that has none at all.
const DITHER: f64 = 0.09;
const FULL_SCALE: f64 = 32_767.0;
/// No number lasts longer; a longer one was stretched over something else.
const NUMBER_SECONDS_MAX: f64 = 1.5;
const NUMBERS: usize = 4;

/// Listens for exactly four numbers; empty when it does not hear them.
pub(super) fn hear(sphinx: Option<&mut Sphinx>, spoken: &Spoken) -> Vec<HeardNumber> {
    let (Some(sphinx), Some(first), Some(last)) = (sphinx, spoken.segments.first(), spoken.segments.last()) else {
        return Vec::new();
    };
    let begin = (first.from - MARGIN_SECONDS).max(0.0);
    let place = |seconds: f64| (seconds * f64::from(SPEECH_RATE)) as usize;
    let end = place(last.until + MARGIN_SECONDS).min(spoken.samples.len());
    let Some(samples) = spoken.samples.get(place(begin)..end) else {
        return Vec::new();
    };
    let gain = LEVEL / spoken.level.max(1e-6);
    let mut noise = Pink::default();
    let samples: Vec<i16> = samples
        .iter()
        .map(|sample| {
            let mixed = f64::from(*sample) * gain + noise.next() * LEVEL * DITHER;
            (mixed * FULL_SCALE).round().clamp(-FULL_SCALE, FULL_SCALE) as i16
        })
        .collect();
    let heard: Vec<HeardNumber> = sphinx.hear(&samples).iter().filter_map(|word| number(word, begin)).collect();
    let short = heard.iter().all(|number| number.until_seconds - number.from_seconds <= NUMBER_SECONDS_MAX);
    if heard.len() == NUMBERS && short { heard } else { Vec::new() }
}

fn number(word: &Word, begin: f64) -> Option<HeardNumber> {
    // A second way to say a word ends with its number in brackets.
    let digit = match word.text.split('(').next()? {
        "zero" | "oh" => 0,
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        _ => return None,
    };
    Some(HeardNumber {
        digit,
        from_seconds: begin + word.from,
        until_seconds: begin + word.until,
        confidence: word.probability,
    })
}

/// Noise whose power falls with frequency, with a root mean square near one: white noise through three leaky sums.
/// It begins the same way every time, so that a clip is heard the same way every time.
struct Pink {
    seed: u64,
    sums: [f64; 3],
}

/// How slowly each sum forgets, and how loud it is.
const LEAKS: [(f64, f64); 3] = [(0.997_65, 0.099_046), (0.963, 0.296_516_4), (0.57, 1.052_691_3)];
const WHITE_SHARE: f64 = 0.184_8;
/// The sums and the white share together have a root mean square of about this for white noise of ±1.
const PINK_LEVEL: f64 = 1.77;

impl Default for Pink {
    fn default() -> Self {
        Pink { seed: 0x9e37_79b9_7f4a_7c15, sums: [0.0; 3] }
    }
}

impl Pink {
    fn next(&mut self) -> f64 {
        // Knuth's linear congruential generator; its upper bits are random enough for noise.
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let white = (self.seed >> 33) as f64 / f64::from(1_u32 << 30) - 1.0;
        for (sum, (leak, loud)) in self.sums.iter_mut().zip(LEAKS) {
            *sum = *sum * leak + white * loud;
        }
        (self.sums.iter().sum::<f64>() + white * WHITE_SHARE) / PINK_LEVEL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noise_is_level_and_pink() {
        let mut pink = Pink::default();
        let samples: Vec<f64> = (0..64_000).map(|_| pink.next()).collect();
        let level = (samples.iter().map(|s| s * s).sum::<f64>() / samples.len() as f64).sqrt();
        assert!((0.7..1.4).contains(&level), "{level}");
        let steps: f64 = samples.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum::<f64>() / samples.len() as f64;
        // White noise would have 2.
        assert!(steps / level.powi(2) < 1.2, "{}", steps / level.powi(2));
    }
}
