//! Media is sealed in frames (the STREAM construction over AES-256-GCM), so that any range can be
//! read without reading the rest, and no frame can be changed, moved, dropped or swapped.
//!
//! Nonce: the part's random 7-byte prefix | frame counter (4) | last frame of the part (1).
//! Associated data: object id (16) | version (1) | part number (4).

use bytes::Bytes;
use uuid::Uuid;

use super::{
    CryptoError, Dek,
    envelope::{Cipher, open_detached, seal_detached},
    layout::{Layout, PREFIX_BYTES},
    part::PartBuffer,
    random_bytes,
};

const VERSION: u8 = 1;

pub struct FrameSealer {
    cipher: Cipher,
    object_id: Uuid,
}

/// One part ready to store; its prefix goes into the object's [`Layout`].
#[derive(Clone)]
pub struct SealedPart {
    pub prefix: [u8; PREFIX_BYTES],
    pub bytes: Bytes,
}

pub struct FrameOpener {
    cipher: Cipher,
    object_id: Uuid,
    layout: Layout,
}

impl FrameSealer {
    #[must_use]
    pub fn new(dek: &Dek, object_id: Uuid) -> Self {
        Self { cipher: dek.cipher(), object_id }
    }

    /// Seals a part where it stands; numbers start at 1. Every call draws a new prefix, so that sealing a part again
    /// with other bytes never uses a nonce twice.
    #[must_use]
    pub fn seal_part(&self, number: u32, part: PartBuffer) -> SealedPart {
        let prefix: [u8; PREFIX_BYTES] = random_bytes();
        let aad = associated_data(self.object_id, number);
        let bytes = part.seal_frames(|counter, is_last, body| {
            seal_detached(&self.cipher, nonce(prefix, counter, is_last), &aad, body)
        });
        SealedPart { prefix, bytes }
    }
}

impl FrameOpener {
    #[must_use]
    pub fn new(dek: &Dek, object_id: Uuid, layout: Layout) -> Self {
        Self { cipher: dek.cipher(), object_id, layout }
    }

    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How many sealed bytes the frame has; none when the object has no such frame.
    #[must_use]
    pub fn sealed_len(&self, frame: u64) -> Option<usize> {
        self.layout.place(frame).map(|place| place.sealed_len)
    }

    /// Opens the frame with this number, counted over the whole object.
    pub fn open_frame(&self, frame: u64, sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let place = self.layout.place(frame).ok_or(CryptoError::Tampered)?;
        if sealed.len() != place.sealed_len {
            return Err(CryptoError::Tampered);
        }
        let nonce = nonce(place.prefix, place.counter, place.is_last_of_part);
        open_detached(&self.cipher, nonce, &associated_data(self.object_id, place.part_number), sealed)
    }
}

fn nonce(prefix: [u8; PREFIX_BYTES], counter: u32, is_last_of_part: bool) -> [u8; 12] {
    let [a, b, c, d, e, f, g] = prefix;
    let [h, i, j, k] = counter.to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, u8::from(is_last_of_part)]
}

fn associated_data(object_id: Uuid, part_number: u32) -> [u8; 21] {
    let mut bytes = [0u8; 21];
    let (id, rest) = bytes.split_at_mut(16);
    id.copy_from_slice(object_id.as_bytes());
    if let Some((version, number)) = rest.split_first_mut() {
        *version = VERSION;
        number.copy_from_slice(&part_number.to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::layout::{FRAME_PLAIN, FRAME_SEALED, PART_PLAIN, PART_SEALED},
        *,
    };

    const OBJECT: Uuid = Uuid::from_u128(7);

    struct Sealed {
        dek: Dek,
        layout: Layout,
        bytes: Vec<u8>,
    }

    fn plain(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
    }

    fn seal(plain: &[u8]) -> Sealed {
        let dek = Dek::generate();
        let sealer = FrameSealer::new(&dek, OBJECT);
        let mut parts: Vec<&[u8]> = plain.chunks(PART_PLAIN).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        let sealed: Vec<SealedPart> =
            (1..).zip(parts).map(|(number, part)| sealer.seal_part(number, PartBuffer::from(part))).collect();
        Sealed {
            dek,
            layout: Layout {
                plain_len: plain.len() as u64,
                part_prefixes: sealed.iter().map(|part| part.prefix).collect(),
            },
            bytes: sealed.iter().flat_map(|part| part.bytes.to_vec()).collect(),
        }
    }

    impl Sealed {
        fn open(&self, range: std::ops::Range<u64>) -> Result<Vec<u8>, CryptoError> {
            let opener = FrameOpener::new(&self.dek, OBJECT, self.layout.clone());
            let window = self.layout.window(range)?;
            let sealed = &self.bytes[window.sealed.start as usize..window.sealed.end as usize];
            let mut opened = Vec::new();
            for (frame, bytes) in (window.first_frame..).zip(sealed.chunks(FRAME_SEALED)) {
                opened.extend(opener.open_frame(frame, bytes)?);
            }
            Ok(opened[window.skip..window.skip + window.take as usize].to_vec())
        }

        fn open_all(&self) -> Result<Vec<u8>, CryptoError> {
            self.open(0..self.layout.plain_len)
        }
    }

    const EDGES: [usize; 11] = [
        0,
        1,
        FRAME_PLAIN - 1,
        FRAME_PLAIN,
        FRAME_PLAIN + 1,
        3 * FRAME_PLAIN,
        PART_PLAIN - 1,
        PART_PLAIN,
        PART_PLAIN + 1,
        2 * PART_PLAIN,
        2 * PART_PLAIN + FRAME_PLAIN + 1,
    ];

    #[test]
    fn every_edge_length_opens_to_the_same_bytes_and_has_the_promised_size() {
        for len in EDGES {
            let text = plain(len);
            let sealed = seal(&text);
            assert_eq!(sealed.bytes.len() as u64, sealed.layout.sealed_len(), "{len}");
            assert!(sealed.open_all().unwrap() == text, "{len}");
        }
    }

    #[test]
    fn a_layout_survives_json() {
        let layout = seal(&plain(PART_PLAIN + 1)).layout;
        let json = serde_json::to_string(&layout).unwrap();
        assert_eq!(serde_json::from_str::<Layout>(&json).unwrap(), layout);
    }

    #[test]
    fn swapped_frames_parts_and_objects_do_not_open() {
        let text = plain(2 * PART_PLAIN);
        let mut frames = seal(&text);
        let (one, two) = frames.bytes.split_at_mut(FRAME_SEALED);
        one.swap_with_slice(&mut two[..FRAME_SEALED]);
        assert_eq!(frames.open_all().err(), Some(CryptoError::Tampered));

        let mut parts = seal(&text);
        let (one, two) = parts.bytes.split_at_mut(PART_SEALED);
        one.swap_with_slice(two);
        assert_eq!(parts.open_all().err(), Some(CryptoError::Tampered));
        // Nor when the attacker could also swap the prefixes in the database.
        parts.layout.part_prefixes.swap(0, 1);
        assert_eq!(parts.open_all().err(), Some(CryptoError::Tampered));

        let object = seal(&text);
        let opener = FrameOpener::new(&object.dek, Uuid::from_u128(8), object.layout.clone());
        assert!(opener.open_frame(0, &object.bytes[..FRAME_SEALED]).is_err());
    }

    #[test]
    fn a_shortened_object_does_not_open_even_when_its_length_is_forged() {
        let mut sealed = seal(&plain(3 * FRAME_PLAIN));
        sealed.layout.plain_len = 2 * FRAME_PLAIN as u64;
        sealed.bytes.truncate(2 * FRAME_SEALED);
        assert_eq!(sealed.open_all().err(), Some(CryptoError::Tampered));
    }

    #[test]
    fn the_same_part_sealed_twice_uses_another_prefix() {
        let sealer = FrameSealer::new(&Dek::generate(), OBJECT);
        let (one, two) =
            (sealer.seal_part(1, PartBuffer::from(&b"x"[..])), sealer.seal_part(1, PartBuffer::from(&b"x"[..])));
        assert_ne!(one.prefix, two.prefix);
        assert_ne!(one.bytes, two.bytes);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        #[test]
        fn any_range_of_any_length_opens_to_the_same_bytes(
            len in prop_oneof![prop::sample::select(EDGES.to_vec()), 0..2 * PART_PLAIN],
            cuts in any::<[prop::sample::Index; 2]>(),
        ) {
            let text = plain(len);
            let sealed = seal(&text);
            let (a, b) = (cuts[0].index(len + 1), cuts[1].index(len + 1));
            let (start, end) = (a.min(b), a.max(b));
            prop_assert!(sealed.open(start as u64..end as u64).unwrap() == text[start..end]);
        }

        #[test]
        fn one_flipped_bit_anywhere_is_noticed(len in 0..3 * FRAME_PLAIN, place in any::<prop::sample::Index>(), bit in 0..8u8) {
            let mut sealed = seal(&plain(len));
            let at = place.index(sealed.bytes.len());
            sealed.bytes[at] ^= 1 << bit;
            prop_assert_eq!(sealed.open_all().err(), Some(CryptoError::Tampered));
        }
    }
}
