//! What the media process measures and reports; it concludes nothing, so that a threshold changes without it.

use serde::{Deserialize, Serialize};

use super::seen::Seen;

/// The report about one evidence item. The media process and the table share this shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one stands in memory for each item, and never many")]
pub enum Measured {
    Photo(PhotoMeasures),
    Video(Box<VideoMeasures>),
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
    /// Mean step across the borders of the 8-pixel squares in which JPEG compresses, over that inside them; 1 where they do not show.
    #[serde(default = "no_squares")]
    pub squares: f64,
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

/// Reports from before it was measured say nothing against a photo.
fn no_squares() -> f64 {
    1.0
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
    pub longest_silence_seconds: f64,
    /// Share of samples at full scale, where the microphone could not follow.
    pub clipped_share: f64,
    /// Longest time in which the picture did not move at all.
    pub longest_still_seconds: f64,
    /// Sudden changes of the whole picture, as where two recordings were joined.
    pub cuts: u32,
    /// The program that edits films or pretends to be a camera, of a list of ours, that the file names.
    #[serde(default)]
    pub made_with: Option<String>,
    /// None when no detector could be loaded or no frame was sampled.
    pub faces: Option<FaceMeasures>,
    pub speech: Option<SpeechMeasures>,
    /// Numbers the recogniser heard, in order; empty when it heard none or could not listen. Never part of a finding.
    pub heard: Vec<HeardNumber>,
    /// None when the clip has no picture.
    pub print: Option<ClipPrint>,
}

/// Faces in frames sampled evenly over a video. Shares are 0 to 1; medians are over frames with a face.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaceMeasures {
    /// Frames looked at.
    pub sampled: u32,
    pub with_face_share: f64,
    pub several_share: f64,
    /// Median height of the largest face, as a share of the picture's height.
    pub height_share: f64,
    /// Median variance of the Laplacian over the contrast, on the face brought to one size. Higher is sharper.
    pub sharpness: f64,
    /// Median light on the face, 0 to 255.
    pub mean_luma: f64,
}

/// Speech in a video's sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeechMeasures {
    /// Stretches of speech, by the detector that separates words best.
    pub segments: u32,
    /// Seconds of speech by the detector that hears most.
    pub seconds: f64,
    /// Level of speech over that of what lies between, in dB; none when there is no speech or nothing between.
    pub signal_to_noise_db: Option<f64>,
}

/// One number the recogniser heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeardNumber {
    pub digit: u8,
    pub from_seconds: f64,
    pub until_seconds: f64,
    /// The recogniser's own, 0 to 1.
    pub confidence: f64,
}

/// What tells a clip from others: exactly, and by how it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipPrint {
    /// SHA-256 of the coded picture without its container, in hexadecimal.
    pub stream_sha256: String,
    /// Difference hashes of frames spread evenly over the clip, 16 hexadecimal digits each.
    pub frames: Vec<String>,
}
