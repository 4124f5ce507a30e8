//! The sound of a clip: decoded to one rate, measured for loudness, drawn as a waveform.

pub(super) mod decode;
mod measure;
mod numbers;
mod speech;
mod sphinx;

pub(super) use measure::Ear;

/// What is loaded from trusted files before any media is read.
pub(super) struct Recogniser(Option<sphinx::Sphinx>);

/// What keeps spoken numbers from being heard, and how to mend it.
#[must_use]
pub fn recogniser_missing() -> Option<String> {
    let missing = Recogniser::load().0.is_none();
    missing.then(|| "install pocketsphinx-en-us; until then spoken numbers are not assessed".to_owned())
}

impl Recogniser {
    /// Without its model it hears nothing, and numbers are not assessed.
    pub(super) fn load() -> Recogniser {
        Recogniser(sphinx::Sphinx::load())
    }
}

/// Samples a second and channel that all sound is brought to.
pub(super) const RATE: u32 = 48_000;
/// More channels are mixed down to two.
const CHANNELS_MAX: usize = 2;
