//! What patient media shows, measured in a limited child process: the parent never parses a byte of it.

#[cfg(debug_assertions)]
mod attacker;
mod child;
mod faces;
#[cfg(debug_assertions)]
pub mod fuzzing;
mod parent;
mod photo;
mod protocol;
mod sandbox;
mod sound;
mod video;

use bytes::Bytes;
use domain::evidence::{ArtefactKind, EvidenceKind};
use domain::precheck::Measured;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

#[cfg(debug_assertions)]
pub use attacker::attacker_main;
pub use child::child_main;
pub use parent::{InspectError, inspect};
pub use photo::models_are_complete;
pub use sandbox::holds as sandbox_holds;
pub use sound::recogniser_missing;

/// The one variable of the child's environment: the directory of the models that read print.
const MODELS_VARIABLE: &str = "PROOFDESK_MODELS";

/// Which of the two inspections a media item gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    Photo,
    Video,
}

/// The program that is started as the child; the code of the media kind is added as its last argument.
#[derive(Debug, Clone)]
pub struct InspectProgram {
    pub path: PathBuf,
    pub args: Vec<String>,
    /// The directory of the models that read print, filled by `scripts/models`; without it print is not assessed.
    pub models: Option<PathBuf>,
}

/// What one child may use. The child sets all but the wall clock on itself before the first byte of media arrives.
#[derive(Debug, Clone)]
pub struct Limits {
    pub address_space_bytes: u64,
    pub cpu_seconds: u64,
    /// The parent's own clock; when it runs out the child is killed.
    pub wall: Duration,
    pub input_bytes_max: u64,
    /// All artefacts of one item together.
    pub output_bytes_max: u64,
}

/// What came back from a child that ended well.
#[derive(Debug, Clone)]
pub struct Inspection {
    pub measured: Measured,
    pub artefacts: Vec<Artefact>,
}

/// Something made from the media for the checker's eyes and ears.
#[derive(Debug, Clone)]
pub struct Artefact {
    pub kind: ArtefactKind,
    pub media_type: &'static str,
    pub bytes: Bytes,
    /// Sizes in pixels and lengths in seconds, as far as they make sense for the kind.
    pub meta: serde_json::Value,
}

impl MediaKind {
    pub fn of(evidence: EvidenceKind) -> MediaKind {
        if evidence.is_photo() { MediaKind::Photo } else { MediaKind::Video }
    }

    pub fn code(self) -> &'static str {
        match self {
            MediaKind::Photo => "photo",
            MediaKind::Video => "video",
        }
    }

    fn from_code(code: &str) -> Option<MediaKind> {
        [MediaKind::Photo, MediaKind::Video].into_iter().find(|kind| kind.code() == code)
    }

    /// The artefacts a child may hand back for this kind, each once.
    fn artefacts(self) -> &'static [ArtefactKind] {
        match self {
            MediaKind::Photo => &[
                ArtefactKind::PhotoLarge,
                ArtefactKind::PhotoSmall,
                ArtefactKind::DocumentLarge,
                ArtefactKind::DocumentSmall,
                ArtefactKind::Portrait,
            ],
            MediaKind::Video => &[
                ArtefactKind::VideoPlayable,
                ArtefactKind::FrameStrip,
                ArtefactKind::Waveform,
                ArtefactKind::FaceFrames,
                ArtefactKind::NumberSegments,
            ],
        }
    }
}

impl fmt::Display for MediaKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl InspectProgram {
    /// The running binary itself, with the hidden subcommand.
    ///
    /// # Errors
    /// The system could not say where the running binary lies.
    pub fn this_binary(models: Option<PathBuf>) -> std::io::Result<InspectProgram> {
        Ok(InspectProgram { path: std::env::current_exe()?, args: vec!["inspect".to_owned()], models })
    }
}

impl Default for Limits {
    /// Every good clip of the fixtures stays under half of each of these.
    fn default() -> Self {
        Limits {
            address_space_bytes: 1 << 30,
            cpu_seconds: 30,
            wall: Duration::from_secs(60),
            input_bytes_max: 120 << 20,
            output_bytes_max: 64 << 20,
        }
    }
}

impl Inspection {
    /// Media that could not be read; `why` is a clause for the finding's note.
    fn undecodable(why: impl Into<String>) -> Inspection {
        Inspection { measured: Measured::Undecodable { why: why.into() }, artefacts: Vec::new() }
    }

    /// Media that was not looked at, through no fault of the media.
    fn not_assessed(why: impl Into<String>) -> Inspection {
        Inspection { measured: Measured::NotAssessed { why: why.into() }, artefacts: Vec::new() }
    }
}

/// The media type an artefact is served with: it follows from the kind and is never the child's word.
fn media_type_of(kind: ArtefactKind) -> &'static str {
    match kind {
        ArtefactKind::PhotoLarge
        | ArtefactKind::PhotoSmall
        | ArtefactKind::DocumentLarge
        | ArtefactKind::DocumentSmall
        | ArtefactKind::Portrait
        | ArtefactKind::FrameStrip
        | ArtefactKind::FaceFrames => "image/jpeg",
        ArtefactKind::VideoPlayable => "video/mp4",
        ArtefactKind::Waveform | ArtefactKind::NumberSegments | ArtefactKind::MachineReport => "application/json",
    }
}
