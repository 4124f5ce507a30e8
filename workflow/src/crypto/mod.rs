//! All encryption is here, and the only place that draws keys, nonces and tokens from the system's
//! randomness.
//!
//! A key file holds the key-encryption keys ([`Kek`]); they wrap one [`SubmissionKey`] per
//! submission, which wraps one [`Dek`] per stored object and seals the personal columns. Destroying
//! the wrapped submission key makes everything below it unreadable.

mod envelope;
mod frames;
mod key_file;
mod layout;
mod part;

pub use envelope::{Dek, SubmissionKey};
pub use frames::{FrameOpener, FrameSealer, SealedPart};
pub use key_file::Kek;
pub use layout::{FRAME_PLAIN, FRAME_SEALED, Layout, PART_PLAIN, PART_SEALED, PREFIX_BYTES, Window};
pub use part::PartBuffer;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CryptoError {
    /// Says nothing more: an attacker learns only that the bytes do not open.
    #[error("the sealed bytes were altered, moved, or sealed with another key")]
    Tampered,
    #[error("the key-encryption key `{0}` is not in the key file")]
    UnknownKek(String),
    #[error("key file {path}: {why}")]
    KeyFile { path: String, why: String },
    #[error("the wanted range ends after the object's last byte")]
    OutOfRange,
}

/// Fresh bytes for tokens, challenges and keys.
///
/// # Panics
/// When the operating system has no randomness to give: nothing secret can be made then.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        panic!("the operating system gave no random bytes: {error}");
    }
    bytes
}
