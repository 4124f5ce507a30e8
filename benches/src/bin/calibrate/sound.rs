//! The sound of a clip: louder, quieter, silent, or with pink noise at a stated distance below the speech.

use crate::dice::Dice;

pub const RATE: u32 = 48_000;
/// Speech is measured in pieces of this length, and only in those within this many dB of the loudest.
const PIECE_SECONDS: f32 = 0.02;
const ACTIVE_DB: f32 = 25.0;

/// Mean level of the pieces in which somebody speaks, as an amplitude.
pub fn speech_level(samples: &[f32]) -> f32 {
    let pieces: Vec<f32> = samples.chunks((RATE as f32 * PIECE_SECONDS) as usize).map(power).collect();
    let loudest = pieces.iter().copied().fold(0.0, f32::max);
    let active: Vec<f32> =
        pieces.into_iter().filter(|piece| *piece > loudest * 10.0_f32.powf(-ACTIVE_DB / 10.0)).collect();
    (active.iter().sum::<f32>() / active.len().max(1) as f32).sqrt()
}

/// Multiplies, and clips as a microphone does.
pub fn gain(samples: &mut [f32], decibels: f32) {
    let factor = 10.0_f32.powf(decibels / 20.0);
    samples.iter_mut().for_each(|sample| *sample = (*sample * factor).clamp(-1.0, 1.0));
}

/// Adds pink noise whose level lies `distance` dB below that of the speech.
pub fn add_noise(samples: &mut [f32], distance: f32, dice: &mut Dice) {
    let noise = pink(samples.len(), dice);
    let factor = speech_level(samples) * 10.0_f32.powf(-distance / 20.0) / power(&noise).sqrt().max(f32::EPSILON);
    samples.iter_mut().zip(noise).for_each(|(sample, noise)| *sample = (*sample + noise * factor).clamp(-1.0, 1.0));
}

/// A WAVE file of 16-bit mono.
pub fn wave(samples: &[f32]) -> Vec<u8> {
    let bytes = samples.len() as u32 * 2;
    let mut file = Vec::with_capacity(44 + bytes as usize);
    file.extend(b"RIFF");
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([1, 0, 1, 0]);
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 2).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes()));
    file
}

fn power(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32
}

/// White noise through one-pole filters an octave or more apart, which falls by about 3 dB an octave.
fn pink(count: usize, dice: &mut Dice) -> Vec<f32> {
    let mut poles = [(0.997_f32, 0.03_f32, 0.0_f32), (0.97, 0.1, 0.0), (0.75, 0.3, 0.0)];
    (0..count)
        .map(|_| {
            let white = dice.normal();
            poles.iter_mut().for_each(|(keep, take, held)| *held = *keep * *held + *take * white);
            poles.iter().map(|pole| pole.2).sum::<f32>() + 0.15 * white
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second of tone at amplitude 0.2, half a second of nothing.
    fn words() -> Vec<f32> {
        let half = RATE as usize / 2;
        let tone = (0..half).map(|at| 0.2 * (at as f32 * 0.05).sin());
        tone.chain(std::iter::repeat_n(0.0, half)).collect()
    }

    #[test]
    fn the_level_of_speech_leaves_the_pauses_out() {
        assert!((speech_level(&words()) - 0.2 / 2.0_f32.sqrt()).abs() < 0.003);
    }

    #[test]
    fn noise_lies_as_far_below_the_speech_as_was_asked() {
        for distance in [20.0, 5.0] {
            let mut noisy = words();
            add_noise(&mut noisy, distance, &mut Dice::of(1, "noise", 0));
            let added: Vec<f32> = noisy.iter().zip(words()).map(|(noisy, clean)| noisy - clean).collect();
            let measured = 10.0 * (speech_level(&words()).powi(2) / power(&added)).log10();
            assert!((measured - distance).abs() < 0.2, "{measured} for {distance}");
        }
    }

    #[test]
    fn gain_is_in_decibels_and_clips_at_full_scale() {
        let mut samples = words();
        gain(&mut samples, -20.0);
        assert!((speech_level(&samples) - 0.02 / 2.0_f32.sqrt()).abs() < 0.001);
        gain(&mut samples, 60.0);
        assert_eq!(samples.iter().copied().fold(0.0, f32::max), 1.0);
        assert_eq!(wave(&samples).len(), 44 + 2 * samples.len());
    }
}
