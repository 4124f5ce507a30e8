//! Whether a clip was seen before, exactly or by its looks: a sign for people, since families share rooms and phones.

use super::FindingResult::Attention;
use super::{Check, ClipPrint, Finding, VideoLimits, found, not_assessed};
use crate::evidence::EvidenceKind;
use crate::reasons::Reason;

/// How a clip is like another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same coded picture, whatever the container.
    Same,
    /// Nearly all frames look alike, and the length is the same.
    Alike,
}

/// Compares two clips by their prints and lengths in seconds.
pub fn likeness(limits: &VideoLimits, one: (&ClipPrint, f64), other: (&ClipPrint, f64)) -> Option<Likeness> {
    if one.0.stream_sha256 == other.0.stream_sha256 {
        return Some(Likeness::Same);
    }
    let pairs = one.0.frames.iter().zip(&other.0.frames).filter_map(|(one, other)| bits(one).zip(bits(other)));
    // A frame without any edge, as a black one, has no bit set and is like every other such frame.
    let alike = pairs.filter(|(one, other)| *one != 0 && (one ^ other).count_ones() <= limits.alike_frame_bits_most);
    let same_length = (one.1 - other.1).abs() <= limits.alike_duration_most_seconds;
    (same_length && alike.count() >= limits.alike_frames_least as usize).then_some(Likeness::Alike)
}

/// The finding about a clip whose nearest match in other verifications is given; `None` is no match.
pub fn seen_before(print: Option<&ClipPrint>, nearest: Option<Likeness>) -> Finding {
    let (evidence, check) = (EvidenceKind::FaceVideo, Check::VideoSeenBefore);
    if print.is_none() {
        return not_assessed(evidence, check, "There is no picture to compare.");
    }
    let note = nearest.map(|likeness| match likeness {
        Likeness::Same => "The very same recording was sent in another verification.",
        Likeness::Alike => "A recording that looks the same was sent in another verification.",
    });
    let trouble = nearest.map(|_| (Attention, Reason::ChallengeReused));
    Finding { note: note.map(str::to_owned), ..found(evidence, check, trouble, &[]) }
}

fn bits(frame: &str) -> Option<u64> {
    u64::from_str_radix(frame, 16).ok()
}
