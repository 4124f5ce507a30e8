//! Where each plaintext byte of a sealed object lies in its ciphertext.
//!
//! An object is cut into parts of 5 MiB (the smallest part S3 takes), a part into 80 frames of
//! 64 KiB. Every frame grows by its 16-byte tag. All parts but the last are full. An empty object is
//! one part with one empty frame, so that emptiness is authenticated too.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::CryptoError;

pub const FRAME_PLAIN: usize = 64 * 1024;
pub const FRAME_SEALED: usize = FRAME_PLAIN + TAG_BYTES;
pub const PART_PLAIN: usize = FRAME_PLAIN * FRAMES_PER_PART as usize;
pub const PART_SEALED: usize = FRAME_SEALED * FRAMES_PER_PART as usize;
pub const PREFIX_BYTES: usize = 7;

pub(super) const TAG_BYTES: usize = 16;
const FRAMES_PER_PART: u64 = 80;

/// What must be remembered to open a sealed object; kept in PostgreSQL, never beside the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub plain_len: u64,
    /// The random nonce prefix of each part, in order.
    pub part_prefixes: Vec<[u8; PREFIX_BYTES]>,
}

/// The ciphertext that covers a plaintext range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Bytes of the stored object; whole frames.
    pub sealed: Range<u64>,
    /// The first covered frame, counted over the whole object.
    pub first_frame: u64,
    /// Plaintext bytes to drop from the first frame.
    pub skip: usize,
    /// Plaintext bytes wanted.
    pub take: u64,
}

/// Where a frame stands in its part, and how long it is when sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FramePlace {
    pub(super) part_number: u32,
    pub(super) prefix: [u8; PREFIX_BYTES],
    pub(super) counter: u32,
    pub(super) is_last_of_part: bool,
    pub(super) sealed_len: usize,
}

impl Layout {
    /// How many bytes the stored object has.
    #[must_use]
    pub fn sealed_len(&self) -> u64 {
        self.plain_len + self.frames() * TAG_BYTES as u64
    }

    /// Frames of the whole object, at least one.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.plain_len.div_ceil(FRAME_PLAIN as u64).max(1)
    }

    /// The ciphertext to read for a plaintext range. An empty range still covers one frame.
    pub fn window(&self, plain: Range<u64>) -> Result<Window, CryptoError> {
        if plain.start > plain.end || plain.end > self.plain_len {
            return Err(CryptoError::OutOfRange);
        }
        let frame = FRAME_PLAIN as u64;
        let first = (plain.start / frame).min(self.frames() - 1);
        let last = plain.end.saturating_sub(1).max(plain.start) / frame;
        let last = last.min(self.frames() - 1);
        let skip = plain.start - first * frame;
        Ok(Window {
            sealed: first * FRAME_SEALED as u64..((last + 1) * FRAME_SEALED as u64).min(self.sealed_len()),
            first_frame: first,
            skip: usize::try_from(skip).map_err(|_| CryptoError::OutOfRange)?,
            take: plain.end - plain.start,
        })
    }

    /// None for a frame that this object does not have.
    pub(super) fn place(&self, frame: u64) -> Option<FramePlace> {
        if frame >= self.frames() {
            return None;
        }
        let part = frame / FRAMES_PER_PART;
        let is_last_of_object = frame + 1 == self.frames();
        let plain = match is_last_of_object {
            true => self.plain_len - frame * FRAME_PLAIN as u64,
            false => FRAME_PLAIN as u64,
        };
        Some(FramePlace {
            part_number: u32::try_from(part + 1).ok()?,
            prefix: *self.part_prefixes.get(usize::try_from(part).ok()?)?,
            counter: u32::try_from(frame % FRAMES_PER_PART).ok()?,
            is_last_of_part: is_last_of_object || frame % FRAMES_PER_PART == FRAMES_PER_PART - 1,
            sealed_len: usize::try_from(plain).ok()? + TAG_BYTES,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(plain_len: u64) -> Layout {
        let parts = plain_len.div_ceil(PART_PLAIN as u64).max(1);
        Layout { plain_len, part_prefixes: (0..parts).map(|_| [0; 7]).collect() }
    }

    #[test]
    fn a_full_part_is_5_mib_of_plaintext_and_5_244_160_bytes_sealed() {
        assert_eq!(PART_PLAIN, 5 * 1024 * 1024);
        assert_eq!(PART_SEALED, 5_244_160);
        assert_eq!(layout(PART_PLAIN as u64).sealed_len(), PART_SEALED as u64);
        assert_eq!(layout(0).sealed_len(), 16);
    }

    #[test]
    fn a_range_is_covered_by_whole_frames() {
        let window = |plain| layout(200_000).window(plain);
        let expect = |sealed, first_frame, skip, take| Ok(Window { sealed, first_frame, skip, take });
        assert_eq!(window(0..1), expect(0..65_552, 0, 0, 1));
        assert_eq!(window(65_535..65_537), expect(0..131_104, 0, 65_535, 2));
        assert_eq!(window(65_536..65_536), expect(65_552..131_104, 1, 0, 0));
        assert_eq!(window(199_999..200_000), expect(196_656..200_064, 3, 3_391, 1));
        assert_eq!(window(0..200_001), Err(CryptoError::OutOfRange));
    }
}
