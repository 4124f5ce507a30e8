//! What the machine's measures mean: a pure table from measures to findings, and from findings to what happens next.
//!
//! A finding helps a person or saves a patient two hours; it refuses nobody. `Unusable` is only for media that no
//! person could judge either; what is doubtful is `Attention`, and `NotAssessed` is always an honest answer.

mod claim;
pub mod dates;
mod facts;
pub mod fields;
mod figures;
mod kind;
pub mod licence_number;
mod measures;
pub mod mrz;
pub mod names;
mod numbers;
mod photo;
pub mod seen;
mod seen_before;
mod table;
mod verdict;
mod video;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::evidence::{EvidenceKind, coded};
use crate::reasons::Reason;

pub use claim::{Claim, compare};
pub use facts::{Fact, facts};
pub use figures::{Figure, Figures, figures};
pub use measures::{ClipPrint, FaceMeasures, HeardNumber, Measured, PhotoMeasures, SpeechMeasures, VideoMeasures};
pub use numbers::numbers;
pub use seen_before::{Likeness, likeness, seen_before};
pub use table::{PhotoLimits, Table, VideoLimits};
pub use verdict::{Verdict, verdict};

coded!(
    /// One thing the machine looks at.
    Check {
        PhotoDecode = "photo_decode",
        PhotoResolution = "photo_resolution",
        PhotoSharpness = "photo_sharpness",
        PhotoExposure = "photo_exposure",
        PhotoDocument = "photo_document",
        PhotoPortrait = "photo_portrait",
        PhotoMrz = "photo_mrz",
        PhotoPrint = "photo_print",
        PhotoGlare = "photo_glare",
        PhotoColour = "photo_colour",
        PhotoScreen = "photo_screen",
        DocumentKind = "document_kind",
        DocumentExpiry = "document_expiry",
        LicenceNumber = "licence_number",
        ClaimedName = "claimed_name",
        ClaimedBirth = "claimed_birth",
        VideoDecode = "video_decode",
        VideoDuration = "video_duration",
        VideoStreams = "video_streams",
        VideoPicture = "video_picture",
        VideoLoudness = "video_loudness",
        VideoContinuity = "video_continuity",
        VideoFaces = "video_faces",
        VideoFaceQuality = "video_face_quality",
        VideoNumbers = "video_numbers",
        VideoSeenBefore = "video_seen_before",
        FileIntact = "file_intact",
        FileSafe = "file_safe",
    }
);

coded!(
    /// What one check came to.
    FindingResult {
        Ok = "ok",
        Attention = "attention",
        Unusable = "unusable",
        NotAssessed = "not_assessed",
    }
);

impl Check {
    /// The checks that may send media back without a person, unless ops switch them off. What may not even be opened goes
    /// back in any case.
    pub const MAY_BOUNCE: [Check; 8] = [
        Self::PhotoDecode,
        Self::PhotoResolution,
        Self::PhotoSharpness,
        Self::PhotoExposure,
        Self::VideoDecode,
        Self::VideoDuration,
        Self::VideoStreams,
        Self::VideoPicture,
    ];

    /// Raised when a check measures or judges differently, thresholds apart; stands in the machine report.
    pub fn version(self) -> u32 {
        match self {
            // Speech and clipping count since the second; nothing heard in what is inaudible, since the third.
            Self::VideoLoudness => 3,
            // Programs that edit films count since the second.
            Self::VideoContinuity => 2,
            // Wide edges alone count since the second; noise, and photos with hardly an edge, since the third.
            Self::PhotoSharpness => 3,
            // A face in the dark counts since the second; compression; a document burnt out as a whole; a side cut off by the
            // picture's edge; colour without the lamp's; the face's pixels.
            Self::VideoPicture
            | Self::PhotoResolution
            | Self::PhotoExposure
            | Self::PhotoDocument
            | Self::PhotoColour
            | Self::VideoFaceQuality => 2,
            _ => 1,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::PhotoDecode => "Photo can be opened",
            Self::PhotoResolution => "Photo size",
            Self::PhotoSharpness => "Photo sharpness",
            Self::PhotoExposure => "Photo light",
            Self::PhotoDocument => "Document in the photo",
            Self::PhotoPortrait => "Portrait on the document",
            Self::PhotoMrz => "Machine-readable lines",
            Self::PhotoPrint => "Print on the document",
            Self::PhotoGlare => "Glare on the document",
            Self::PhotoColour => "Colour of the document",
            Self::PhotoScreen => "Photo of paper, not of a screen",
            Self::DocumentKind => "Kind of document",
            Self::DocumentExpiry => "Expiry of the document",
            Self::LicenceNumber => "Driver number",
            Self::ClaimedName => "Name as claimed",
            Self::ClaimedBirth => "Date of birth as claimed",
            Self::VideoDecode => "Video can be played",
            Self::VideoDuration => "Video length",
            Self::VideoStreams => "Picture and sound present",
            Self::VideoPicture => "Video picture",
            Self::VideoLoudness => "Video sound",
            Self::VideoContinuity => "Video without breaks",
            Self::VideoFaces => "Face in the video",
            Self::VideoFaceQuality => "Face clear in the video",
            Self::VideoNumbers => "Numbers heard",
            Self::VideoSeenBefore => "Video not seen before",
            Self::FileIntact => "File arrived whole",
            Self::FileSafe => "File is safe to open",
        }
    }
}

/// One check's result about one evidence item, with the numbers it was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub evidence: EvidenceKind,
    pub check: Check,
    pub result: FindingResult,
    /// Given with `Attention` and `Unusable`.
    pub reason: Option<Reason>,
    /// By name with the unit last; only finite numbers, so that they survive JSON.
    pub measures: BTreeMap<String, f64>,
    /// For staff: a cause or a hint. Never holds what a patient wrote or said.
    pub note: Option<String>,
}

/// Why an item is kept from the decoders and from people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// A malware scanner found something in it.
    Unsafe,
    /// The stored bytes are not those that were acknowledged, or nobody could tell.
    Damaged,
}

/// The one finding about an item that nobody opened.
pub fn withheld(evidence: EvidenceKind, why: Withheld) -> Finding {
    let (check, reason) = match why {
        Withheld::Unsafe => (Check::FileSafe, Reason::UnsafeFile),
        Withheld::Damaged => (Check::FileIntact, Reason::DamagedUpload),
    };
    found(evidence, check, Some((FindingResult::Unusable, reason)), &[])
}

/// Judges one evidence item's measures by the table.
///
/// Measures of the wrong kind for the evidence are not assessed: the machine was wrong, not the patient.
pub fn judge(table: &Table, evidence: EvidenceKind, measured: &Measured) -> Vec<Finding> {
    let decode = if evidence.is_photo() { Check::PhotoDecode } else { Check::VideoDecode };
    match measured {
        Measured::Photo(measures) if evidence.is_photo() => photo::judge(&table.photo, evidence, measures),
        Measured::Video(measures) if !evidence.is_photo() => video::judge(&table.video, evidence, measures),
        Measured::Photo(_) | Measured::Video(_) => {
            vec![not_assessed(evidence, decode, "Measures of another kind of media arrived.")]
        }
        Measured::Undecodable { why } => {
            let reason = if evidence.is_photo() { Reason::NoDocument } else { Reason::CannotPlay };
            vec![Finding {
                note: Some(why.clone()),
                ..found(evidence, decode, Some((FindingResult::Unusable, reason)), &[])
            }]
        }
        Measured::NotAssessed { why } => vec![not_assessed(evidence, decode, why)],
    }
}

/// A finding from a judgement (`None` is fine) and the numbers behind it.
///
/// A number that is not finite means the measuring went wrong, so nothing is concluded from it.
fn found(
    evidence: EvidenceKind,
    check: Check,
    trouble: Option<(FindingResult, Reason)>,
    measures: &[(&str, f64)],
) -> Finding {
    if measures.iter().any(|(_, value)| !value.is_finite()) {
        return not_assessed(evidence, check, "A measure is not a number.");
    }
    Finding {
        evidence,
        check,
        result: trouble.map_or(FindingResult::Ok, |(result, _)| result),
        reason: trouble.map(|(_, reason)| reason),
        measures: measures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        note: None,
    }
}

fn not_assessed(evidence: EvidenceKind, check: Check, why: &str) -> Finding {
    Finding {
        evidence,
        check,
        result: FindingResult::NotAssessed,
        reason: None,
        measures: BTreeMap::new(),
        note: Some(why.to_owned()),
    }
}
