//! A file must be one thing only: media that is also an archive, a page or a program is refused.
//!
//! Facts: ISO/IEC 14496-12 §4.2 (box sizes), the ZIP application note §4.3.16 (end of central directory), and the
//! habit of PDF readers and browsers to look for their own signs within the first 1,024 bytes.

use crate::evidence::{EvidenceKind, MediaType};

/// Bytes at the start that [`media_type`] wants to see, when the file has so many.
pub const HEAD_BYTES: usize = 1_024;

/// A ZIP archive ends with a record of this many bytes and a comment of at most 65,535.
const ARCHIVE_END_BYTES: usize = 22;
const ARCHIVE_COMMENT_MAX: usize = u16::MAX as usize;
const ARCHIVE_SIGN: &[u8; 4] = b"PK\x05\x06";

/// What other readers would take for theirs, in lower case.
const FOREIGN_SIGNS: [&[u8]; 6] = [b"%pdf-", b"<!doctype", b"<html", b"<script", b"<svg", b"<?php"];

/// Decides by the first [`HEAD_BYTES`] of a file of `length` bytes; `None` is not accepted for this kind of evidence.
pub fn media_type(kind: EvidenceKind, head: &[u8], length: u64) -> Option<MediaType> {
    let found = MediaType::sniff(head).filter(|found| kind.media_types().contains(found))?;
    let is_boxed = matches!(found, MediaType::Mp4 | MediaType::Mov | MediaType::Heic);
    let is_foreign = FOREIGN_SIGNS.iter().any(|sign| holds(head, sign)) || (is_boxed && !first_box_fits(head, length));
    (!is_foreign).then_some(found)
}

/// Watches a stream for the end of an archive; picks up where it stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveWatch {
    length: u64,
    seen: u64,
    /// The last bytes seen, too few to hold the whole record.
    carry: Vec<u8>,
    found: bool,
}

impl ArchiveWatch {
    pub fn new(length: u64) -> ArchiveWatch {
        ArchiveWatch { length, seen: 0, carry: Vec::new(), found: false }
    }

    /// The watch after `seen` bytes, from what [`ArchiveWatch::save`] gave.
    pub fn resume(length: u64, seen: u64, saved: &[u8]) -> ArchiveWatch {
        let (found, carry) = saved.split_first().map_or((false, [].as_slice()), |(first, rest)| (*first == 1, rest));
        ArchiveWatch { length, seen, carry: carry.to_vec(), found }
    }

    /// At most 22 bytes. They hold bytes of the file: keep them sealed.
    pub fn save(&self) -> Vec<u8> {
        let mut saved = vec![u8::from(self.found)];
        saved.extend_from_slice(&self.carry);
        saved
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.seen += bytes.len() as u64;
        let near_end = self.seen + (ARCHIVE_END_BYTES + ARCHIVE_COMMENT_MAX) as u64 > self.length;
        // Far from the end only the last bytes matter, and most pieces are far from the end.
        let from = if near_end { 0 } else { bytes.len().saturating_sub(ARCHIVE_END_BYTES) };
        let mut window = std::mem::take(&mut self.carry);
        window.extend_from_slice(bytes.get(from..).unwrap_or_default());
        if near_end && !self.found {
            self.found = self.ends_archive(&window);
        }
        let keep_from = window.len().saturating_sub(ARCHIVE_END_BYTES - 1);
        self.carry = window.split_off(keep_from);
    }

    /// Whether the bytes seen so far hold the end of an archive that ends where the file ends.
    pub fn found(&self) -> bool {
        self.found
    }

    fn ends_archive(&self, window: &[u8]) -> bool {
        let start = self.seen - window.len() as u64;
        window.windows(ARCHIVE_END_BYTES).enumerate().any(|(place, record)| {
            let comment = match record {
                [a, b, c, d, .., low, high] if [*a, *b, *c, *d] == *ARCHIVE_SIGN => u16::from_le_bytes([*low, *high]),
                _ => return false,
            };
            start + (place + ARCHIVE_END_BYTES) as u64 + u64::from(comment) == self.length
        })
    }
}

fn holds(head: &[u8], sign: &[u8]) -> bool {
    head.windows(sign.len()).take(HEAD_BYTES).any(|window| window.eq_ignore_ascii_case(sign))
}

/// The first box is no longer than the file: programs that start like a box claim gigabytes.
fn first_box_fits(head: &[u8], length: u64) -> bool {
    let Some(size) = head.first_chunk::<4>().map(|size| u64::from(u32::from_be_bytes(*size))) else {
        return false;
    };
    // 0 means "to the end", 1 that the real size follows the type.
    let size = match size {
        0 => length,
        1 => head.get(8..16).and_then(|large| large.try_into().ok()).map_or(u64::MAX, u64::from_be_bytes),
        small => small,
    };
    (8..=length).contains(&size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PHOTO: EvidenceKind = EvidenceKind::IdPhotoFront;
    const VIDEO: EvidenceKind = EvidenceKind::FaceVideo;

    fn zip_end(comment: &[u8]) -> Vec<u8> {
        let mut end = b"PK\x05\x06".to_vec();
        end.extend_from_slice(&[0; 16]);
        end.extend_from_slice(&(comment.len() as u16).to_le_bytes());
        end.extend_from_slice(comment);
        end
    }

    fn watch(file: &[u8], piece: usize) -> bool {
        let mut watch = ArchiveWatch::new(file.len() as u64);
        for piece in file.chunks(piece) {
            watch.update(piece);
            watch = ArchiveWatch::resume(file.len() as u64, watch.seen, &watch.save());
        }
        watch.found()
    }

    #[test]
    fn media_that_holds_a_page_a_document_or_a_program_is_refused() {
        let jpeg = |inside: &[u8]| [b"\xff\xd8\xff\xfe\x00\x30", inside, &[0; 64]].concat();
        assert_eq!(media_type(PHOTO, &jpeg(b"a comment"), 200), Some(MediaType::Jpeg));
        for inside in [&b"<ScRiPt>x</script>"[..], b"<!DOCTYPE html>", b"%PDF-1.7", b"<svg onload=x>", b"<?php x"] {
            assert_eq!(media_type(PHOTO, &jpeg(inside), 200), None, "{}", String::from_utf8_lossy(inside));
        }
        assert_eq!(media_type(VIDEO, b"MZ\x90\0free........", 200), None);
        assert_eq!(media_type(VIDEO, b"\0\0\0\x18ftypmp42....", 200), Some(MediaType::Mp4));
        assert_eq!(media_type(VIDEO, b"\0\0\0\x01mdat\0\0\0\0\0\0\0\xc8", 200), Some(MediaType::Mov));
        assert_eq!(media_type(VIDEO, b"\0\0\0\x01mdat\0\0\0\0\0\0\0\xc9", 200), None);
        assert_eq!(media_type(PHOTO, b"\0\0\0\x18ftypmp42....", 200), None);
        assert_eq!(media_type(PHOTO, b"", 0), None);
    }

    #[test]
    fn an_archive_at_the_end_is_found_at_any_cut_and_one_inside_is_not() {
        for comment in [&b""[..], b"hello", &[7; 40_000]] {
            let archive = [&[0xff; 100_000], zip_end(comment).as_slice()].concat();
            for piece in [1_000, 21, 22, 23, 65_536, archive.len()] {
                assert!(watch(&archive, piece), "comment of {}, pieces of {piece}", comment.len());
            }
        }
        let inside = [zip_end(b"").as_slice(), &[0xff; 1_000]].concat();
        assert!(!watch(&inside, 100));
        assert!(!watch(b"", 1));
    }

    proptest! {
        #[test]
        fn any_cutting_finds_what_one_piece_finds(
            mut file in proptest::collection::vec(any::<u8>(), 0..300), is_archive: bool, piece in 1..50usize,
        ) {
            if is_archive {
                file.extend(zip_end(b"x"));
            }
            prop_assert_eq!(watch(&file, piece), is_archive);
        }
    }
}
