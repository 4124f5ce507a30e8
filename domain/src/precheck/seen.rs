//! What was seen on a photographed document: places, characters, faces. Texts are personal data and never printed.

use serde::{Deserialize, Serialize};

use crate::redacted::{Redacted, exposed};

/// A box in pixels of the upright photo, before any shrinking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
}

/// Everything looked for on a photo of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// None where no four sides were found; the whole photo was searched then.
    pub outline: Option<Outline>,
    /// Largest first.
    pub faces: Vec<SeenFace>,
    pub mrz: Option<SeenMrz>,
    pub print: SeenPrint,
    /// Burnt-out spots on the document, largest first.
    pub glare: Vec<Glare>,
    /// How colourful the document is without the lamp's tint: the mean distance of its colours from grey, as a share of its light.
    pub colour: f64,
    /// How far one fine pattern, the same all over the photo, stands above what is usual, as a ratio: the pixels of a screen.
    pub lattice: f64,
}

/// The document's four sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// Top left, top right, bottom right, bottom left of the document as it is read, in pixels of the upright photo.
    pub corners: [[f64; 2]; 4],
    /// Corners that lie on the photo's edge or beyond it.
    pub corners_cut: u32,
    /// Other outlines as plain and about as large, beside it.
    #[serde(default)]
    pub others: u32,
    /// Its share of the photo's area.
    pub area_share: f64,
    /// The longer of two opposite sides over the shorter; 1 seen from straight above.
    pub convergence: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenFace {
    pub place: Place,
    /// The detector's own number; from 2 it is believed.
    pub score: f64,
}

/// A spot that is clipped to white.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Glare {
    pub place: Place,
    /// Its share of the document's area.
    pub share: f64,
}

/// Machine-readable lines as read, right or wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenMrz {
    #[serde(serialize_with = "exposed")]
    pub lines: Redacted<Vec<String>>,
    /// Mean likeness to the characters read, 0 to 1.
    pub confidence: f64,
    pub place: Place,
}

/// Printed lines, or why there are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenPrint {
    Lines(Vec<SeenLine>),
    NotAssessed { why: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenLine {
    #[serde(serialize_with = "exposed")]
    pub text: Redacted<String>,
    /// Mean probability of its characters, 0 to 1.
    pub confidence: f64,
    pub place: Place,
    /// Left, top, right, bottom on the upright, flattened document, in shares of its width.
    pub within: [f64; 4],
}

impl Seen {
    /// A line less certain than this is not believed.
    pub const LINE_CONFIDENCE_MIN: f64 = 0.8;

    /// The printed lines that are believed.
    pub fn lines(&self) -> impl Iterator<Item = &SeenLine> {
        let lines = match &self.print {
            SeenPrint::Lines(lines) => lines.as_slice(),
            SeenPrint::NotAssessed { .. } => &[],
        };
        lines.iter().filter(|line| line.confidence >= Self::LINE_CONFIDENCE_MIN)
    }

    /// Whether everything was looked for and nothing was found that a reader could use.
    pub fn nothing_readable(&self) -> bool {
        matches!(self.print, SeenPrint::Lines(_)) && self.lines().next().is_none() && self.mrz.is_none()
    }
}

impl Place {
    pub fn overlaps(&self, other: &Place) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}
