//! What a submission shows: the kinds of evidence, of media, of what is derived from them, and of accepted documents.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The text named no member of a closed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of: {expected}")]
pub struct UnknownCode {
    pub expected: String,
}

/// A closed list whose members have stable codes.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant),+
        }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The stable code used in tables, API and messages.
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }

        impl FromStr for $name {
            type Err = $crate::evidence::UnknownCode;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|item| item.code() == text).ok_or_else(|| {
                    let codes: Vec<_> = Self::ALL.iter().map(|item| item.code()).collect();
                    $crate::evidence::UnknownCode { expected: codes.join(", ") }
                })
            }
        }
    };
}
pub(crate) use coded;

coded!(/// One media item a submission can hold.
EvidenceKind {
    IdPhotoFront = "id_photo_front",
    IdPhotoBack = "id_photo_back",
    FaceVideo = "face_video",
});

coded!(/// A media type decided by content, never by name or by what the sender says.
MediaType {
    Jpeg = "image/jpeg",
    Png = "image/png",
    Webp = "image/webp",
    Heic = "image/heic",
    Mp4 = "video/mp4",
    Mov = "video/quicktime",
    Webm = "video/webm",
});

coded!(/// What is derived from evidence for the checker's eyes.
ArtefactKind {
    PhotoLarge = "photo_large",
    PhotoSmall = "photo_small",
    /// The document alone, flat and upright, in two sizes.
    DocumentLarge = "document_large",
    DocumentSmall = "document_small",
    /// The face on the document.
    Portrait = "portrait",
    VideoPlayable = "video_playable",
    FrameStrip = "frame_strip",
    Waveform = "waveform",
    /// The clearest moments of the face, side by side.
    FaceFrames = "face_frames",
    /// When something was said, without what.
    NumberSegments = "number_segments",
    /// All measures and the versions that made them; for oversight, never for a checker's first look.
    MachineReport = "machine_report",
});

coded!(/// The accepted photo documents; nothing else proves identity.
DocumentKind {
    Passport = "passport",
    /// Full or provisional.
    UkDrivingLicence = "uk_driving_licence",
    EuropeanDrivingLicence = "european_driving_licence",
    EuropeanIdentityCard = "european_identity_card",
});

impl EvidenceKind {
    pub fn is_photo(self) -> bool {
        !matches!(self, EvidenceKind::FaceVideo)
    }

    /// The name used in sentences: "the photo of the front of the ID".
    pub fn label(self) -> &'static str {
        match self {
            EvidenceKind::IdPhotoFront => "photo of the front of the ID",
            EvidenceKind::IdPhotoBack => "photo of the back of the ID",
            EvidenceKind::FaceVideo => "video of the face",
        }
    }

    /// The media types this item may have.
    pub fn media_types(self) -> &'static [MediaType] {
        if self.is_photo() {
            &[MediaType::Jpeg, MediaType::Png, MediaType::Webp, MediaType::Heic]
        } else {
            &[MediaType::Mp4, MediaType::Mov, MediaType::Webm]
        }
    }
}

impl ArtefactKind {
    /// Whether a checker may be shown it at all.
    pub fn is_for_eyes(self) -> bool {
        self != ArtefactKind::MachineReport
    }

    /// Whether it shows more of the document than the face on it.
    pub fn shows_document(self) -> bool {
        use ArtefactKind::{DocumentLarge, DocumentSmall, PhotoLarge, PhotoSmall};
        matches!(self, PhotoLarge | PhotoSmall | DocumentLarge | DocumentSmall)
    }
}

impl DocumentKind {
    pub fn label(self) -> &'static str {
        match self {
            DocumentKind::Passport => "Passport",
            DocumentKind::UkDrivingLicence => "UK driving licence (full or provisional)",
            DocumentKind::EuropeanDrivingLicence => "European driving licence",
            DocumentKind::EuropeanIdentityCard => "European national identity card",
        }
    }
}

impl MediaType {
    /// Bytes that [`MediaType::sniff`] needs to see before it answers for good.
    pub const SNIFF_BYTES: usize = 64;

    pub fn mime(self) -> &'static str {
        self.code()
    }

    pub fn is_photo(self) -> bool {
        matches!(self, MediaType::Jpeg | MediaType::Png | MediaType::Webp | MediaType::Heic)
    }

    /// Decides by the first bytes (ISO/IEC 10918, PNG, RIFF, ISO BMFF `ftyp`, EBML); `None` is not accepted media.
    pub fn sniff(head: &[u8]) -> Option<MediaType> {
        if head.starts_with(&[0xff, 0xd8, 0xff]) {
            return Some(MediaType::Jpeg);
        }
        if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(MediaType::Png);
        }
        if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
            return Some(MediaType::Webp);
        }
        if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
            // Matroska and WebM share a header; the document type says which.
            let is_webm = head.windows(4).take(MediaType::SNIFF_BYTES).any(|w| w == b"webm");
            return is_webm.then_some(MediaType::Webm);
        }
        Self::sniff_iso(head)
    }

    fn sniff_iso(head: &[u8]) -> Option<MediaType> {
        if matches!(head.get(4..8), Some(b"moov" | b"wide" | b"mdat" | b"free")) {
            // QuickTime before 2001 had no `ftyp`; some recorders still write so.
            return Some(MediaType::Mov);
        }
        if head.get(4..8) != Some(b"ftyp") {
            return None;
        }
        match head.get(8..12)? {
            b"qt  " => Some(MediaType::Mov),
            b"heic" | b"heix" | b"mif1" | b"heim" | b"heis" | b"msf1" => Some(MediaType::Heic),
            b"avif" | b"avis" => None,
            _ => Some(MediaType::Mp4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_unknown_ones_name_the_choices() {
        for kind in EvidenceKind::ALL {
            assert_eq!(kind.code().parse(), Ok(*kind));
        }
        let refused = "selfie".parse::<EvidenceKind>();
        assert!(refused.is_err_and(|e| e.expected.contains("face_video")));
    }

    #[test]
    fn media_type_is_decided_by_content() {
        let webm = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm";
        let cases: &[(&[u8], Option<MediaType>)] = &[
            (&[0xff, 0xd8, 0xff, 0xe0], Some(MediaType::Jpeg)),
            (b"\x89PNG\r\n\x1a\n....", Some(MediaType::Png)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(MediaType::Webp)),
            (b"RIFF\0\0\0\0WAVEfmt ", None),
            (b"\0\0\0\x18ftypmp42....", Some(MediaType::Mp4)),
            (b"\0\0\0\x14ftypqt  ....", Some(MediaType::Mov)),
            (b"\0\0\0\x18ftypheic....", Some(MediaType::Heic)),
            (webm, Some(MediaType::Webm)),
            (b"\x1a\x45\xdf\xa3\x9fB\x82\x88matroska", None),
            (b"<!doctype html><html>", None),
            (b"PK\x03\x04", None),
            (b"", None),
        ];
        for (head, expected) in cases {
            assert_eq!(MediaType::sniff(head), *expected, "{head:?}");
        }
    }
}
