//! What the first bytes of any file are taken for, and whether an archive at its end is found however it is cut.

use domain::content::{ArchiveWatch, HEAD_BYTES, media_type};
use domain::evidence::{EvidenceKind, MediaType};

/// A watch saves so many bytes at most.
const SAVED_BYTES_MAX: usize = 22;

pub fn container(data: &[u8]) -> bool {
    let sniffed = MediaType::sniff(data);
    // What lies behind the bytes that are looked at changes nothing.
    let longer = [data, &[b'w'; 8]].concat();
    if data.len() > MediaType::SNIFF_BYTES + 4 {
        assert_eq!(MediaType::sniff(&longer), sniffed);
    }
    for kind in EvidenceKind::ALL {
        let found = media_type(*kind, &data[..data.len().min(HEAD_BYTES)], data.len() as u64);
        assert!(found.is_none_or(|found| Some(found) == sniffed && kind.media_types().contains(&found)));
        if found.is_some_and(|found| matches!(found, MediaType::Mp4 | MediaType::Mov | MediaType::Heic)) {
            // A file that ends within its first box's head is none.
            assert!(data.len() >= 8 && media_type(*kind, data, 7).is_none());
        }
    }
    archive(data);
    sniffed.is_some()
}

/// The bytes are a file, cut where the first of them say; one piece and many must agree with a plain search from the end.
fn archive(data: &[u8]) {
    let length = data.len() as u64;
    let piece = data.first().map_or(1, |byte| usize::from(byte % 40) + 1);
    let mut watch = ArchiveWatch::new(length);
    let mut seen = 0;
    for piece in data.chunks(piece) {
        watch.update(piece);
        seen += piece.len() as u64;
        let saved = watch.save();
        assert!(saved.len() <= SAVED_BYTES_MAX);
        watch = ArchiveWatch::resume(length, seen, &saved);
    }
    let ends = |(at, record): (usize, &[u8])| {
        record.starts_with(b"PK\x05\x06")
            && at + 22 + usize::from(record[20]) + 256 * usize::from(record[21]) == data.len()
    };
    assert_eq!(watch.found(), data.windows(22).enumerate().any(ends));
}
