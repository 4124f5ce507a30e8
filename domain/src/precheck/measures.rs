//! What the media process measures and reports; it concludes nothing, so that a threshold changes without it.

use serde::{Deserialize, Serialize};

use super::seen::Seen;

/// The report about one evidence item. The media process and the table share this shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    Photo(PhotoMeasures),
    Video(VideoMeasures),
    /// The bytes are no picture or no video that any decoder accepts; this is about the media.
    Undecodable {
        why: String,
    },
    /// The measuring itself went wrong (time, memory, a crash); this says nothing about the media.
    NotAssessed {
        why: String,
    },
}

/// Measures of a photo turned upright. Luma is 0 (black) to 255 (white); shares are 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhotoMeasures {
    /// Pixels, upright, before any shrinking.
    pub width: u32,
    pub height: u32,
    /// Variance of the Laplacian per 32-pixel tile, less that of the flattest tiles, over the tile's contrast; 90th
    /// percentile, at 1,600 pixels long. Higher is sharper; noise still raises it a little.
    pub sharpness: f64,
    /// Median width of edges in pixels at the same size. Lower is sharper, and noise does not fool it.
    pub edge_width: f64,
    pub mean_luma: f64,
    /// Luma that 5 % of the pixels are below.
    pub p5: f64,
    /// Luma that 95 % of the pixels are below.
    pub p95: f64,
    /// Share of pixels clipped to white.
    pub blown_share: f64,
    /// What the document shows; none in reports from before it was looked for.
    #[serde(default)]
    pub seen: Option<Seen>,
}

/// Measures of a video. Shares are 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoMeasures {
    pub duration_seconds: f64,
    /// Pixels, upright; 0 without a video stream.
    pub width: u32,
    pub height: u32,
    /// Frames decoded.
    pub frames: u32,
    /// Packets or frames the decoder refused.
    pub decode_errors: u32,
    pub has_video: bool,
    pub has_audio: bool,
    /// Longest time between two frames shown one after the other.
    pub longest_gap_seconds: f64,
    /// Share of sampled frames that are black.
    pub black_share: f64,
    /// Integrated loudness (EBU R 128); none without sound, and −70, the standard's gate, when all of it is below.
    pub loudness_lufs: Option<f64>,
    pub true_peak_dbtp: Option<f64>,
    /// Share of the sound that is silence.
    pub silence_share: f64,
}
