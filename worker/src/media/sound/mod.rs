//! The sound of a clip: decoded to one rate, measured for loudness, drawn as a waveform.

pub(super) mod decode;
mod measure;

pub(super) use measure::Ear;

/// Samples a second and channel that all sound is brought to.
pub(super) const RATE: u32 = 48_000;
/// More channels are mixed down to two.
const CHANNELS_MAX: usize = 2;
