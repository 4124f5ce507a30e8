//! A part on its way in: plaintext laid out with room for each frame's tag, so that it is sealed where it stands and
//! never held twice.

use super::layout::{FRAME_PLAIN, FRAME_SEALED, PART_PLAIN, PART_SEALED, TAG_BYTES};
use bytes::Bytes;

/// Up to [`PART_PLAIN`] bytes of plaintext.
#[derive(Default)]
pub struct PartBuffer {
    /// Whole frames of [`FRAME_SEALED`] bytes, the tags still empty, then a begun one without a tag.
    bytes: Vec<u8>,
    plain_len: usize,
}

impl PartBuffer {
    pub fn plain_len(&self) -> usize {
        self.plain_len
    }

    /// How many more bytes it takes.
    pub fn room(&self) -> usize {
        PART_PLAIN - self.plain_len
    }

    pub fn is_empty(&self) -> bool {
        self.plain_len == 0
    }

    /// The memory that a buffer of this many plaintext bytes holds: it grows in three steps, to be counted beforehand.
    #[must_use]
    pub fn memory_for(plain_len: usize) -> usize {
        const SMALL: usize = FRAME_SEALED;
        const MIDDLE: usize = 8 * FRAME_SEALED;
        let sealed = plain_len + plain_len.div_ceil(FRAME_PLAIN) * TAG_BYTES;
        match sealed {
            0 => 0,
            _ if sealed <= SMALL => SMALL,
            _ if sealed <= MIDDLE => MIDDLE,
            _ => PART_SEALED,
        }
    }

    /// Takes what there is room for; answers how many bytes that were.
    pub fn write(&mut self, plain: &[u8]) -> usize {
        let (taken, _) = plain.split_at(plain.len().min(self.room()));
        let memory = Self::memory_for(self.plain_len + taken.len());
        self.bytes.reserve_exact(memory.saturating_sub(self.bytes.len()));
        let mut rest = taken;
        while !rest.is_empty() {
            let begun = self.plain_len % FRAME_PLAIN;
            let (now, later) = rest.split_at(rest.len().min(FRAME_PLAIN - begun));
            self.bytes.extend_from_slice(now);
            self.plain_len += now.len();
            if begun + now.len() == FRAME_PLAIN {
                self.bytes.extend_from_slice(&[0; TAG_BYTES]);
            }
            rest = later;
        }
        taken.len()
    }

    /// At most `bytes_max` bytes from its start, and never more than one frame.
    pub fn head(&self, bytes_max: usize) -> &[u8] {
        let len = self.plain_len.min(bytes_max).min(FRAME_PLAIN);
        self.bytes.get(..len).unwrap_or_default()
    }

    /// The same plaintext again: what is sealed as a tail stays here as the beginning of a part.
    #[must_use]
    pub fn copy(&self) -> PartBuffer {
        PartBuffer { bytes: self.bytes.clone(), plain_len: self.plain_len }
    }

    /// `seal` encrypts one frame in place and answers its tag; it gets the frame's number and whether it is the last.
    pub(super) fn seal_frames(mut self, mut seal: impl FnMut(u32, bool, &mut [u8]) -> [u8; TAG_BYTES]) -> Bytes {
        // An empty part is one empty frame, so that emptiness is authenticated too.
        if !self.plain_len.is_multiple_of(FRAME_PLAIN) || self.plain_len == 0 {
            self.bytes.extend_from_slice(&[0; TAG_BYTES]);
        }
        let last = self.bytes.len().div_ceil(FRAME_SEALED) - 1;
        for (number, frame) in self.bytes.chunks_mut(FRAME_SEALED).enumerate() {
            let (body, tag) = frame.split_at_mut(frame.len() - TAG_BYTES);
            tag.copy_from_slice(&seal(number as u32, number == last, body));
        }
        self.bytes.into()
    }
}

impl From<&[u8]> for PartBuffer {
    /// The first [`PART_PLAIN`] bytes.
    fn from(plain: &[u8]) -> PartBuffer {
        let mut part = PartBuffer::default();
        part.write(plain);
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_one_part_in_any_pieces_within_the_memory_it_announced() {
        for piece in [1_000, FRAME_PLAIN - 1, FRAME_PLAIN, FRAME_PLAIN + 1, PART_PLAIN + 5] {
            let plain: Vec<u8> = (0..PART_PLAIN + 5).map(|place| (place % 251) as u8).collect();
            let mut part = PartBuffer::default();
            for piece in plain.chunks(piece) {
                let memory = PartBuffer::memory_for((part.plain_len() + piece.len()).min(PART_PLAIN));
                part.write(piece);
                assert!(part.bytes.capacity() <= memory, "{} > {memory}", part.bytes.capacity());
            }
            assert_eq!((part.plain_len(), part.room()), (PART_PLAIN, 0));
            assert_eq!(part.head(1_024), &plain[..1_024]);
            let mut read = Vec::new();
            let sealed = part.seal_frames(|_, _, body| {
                read.extend_from_slice(body);
                [9; TAG_BYTES]
            });
            assert!(read == plain[..PART_PLAIN] && sealed.len() == PART_SEALED);
        }
    }
}
