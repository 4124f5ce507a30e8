//! The thresholds as data, with units in their names. Ops may override them; reports record the version they used.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Check;

/// All thresholds, and which checks may send media back without a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Table {
    /// Raised with every change to a number here, and recorded with each report.
    pub version: u32,
    pub photo: PhotoLimits,
    pub video: VideoLimits,
    /// A check taken out of this set still finds, but bounces nothing: the switch for ops. [`Check::MAY_BOUNCE`] is the most.
    pub bouncing: BTreeSet<Check>,
}

/// Limits for photos. Luma is 0 to 255.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhotoLimits {
    pub shorter_side_attention_below_px: u32,
    pub shorter_side_unusable_below_px: u32,
    /// Blur is found when sharpness is below this and edges are wider than the next, or by still wider edges alone.
    pub sharpness_attention_below: f64,
    pub edge_width_attention_above_px: f64,
    pub edge_width_alone_attention_above_px: f64,
    /// No lens draws edges as thin as this: what is measured is noise.
    pub edge_width_grainy_below_px: f64,
    pub squares_attention_above: f64,
    pub mean_luma_dark_attention_below: f64,
    /// Where even the lightest parts are darker, a bright desk hides how dark the document is.
    pub p95_dark_attention_below: f64,
    pub mean_luma_light_attention_above: f64,
    pub blown_share_attention_above: f64,
    /// A single burnt-out spot of this share of the document is no reflection.
    pub burnt_document_share_attention_above: f64,
    /// A picture whose 5th and 95th percentile are closer than this shows one flat tone and nothing else.
    pub flat_luma_span_unusable_below: f64,
    /// Smaller photos and blurrier ones than these are unusable, but only where nothing on them could be read either.
    pub shorter_side_unreadable_below_px: u32,
    pub sharpness_unreadable_below: f64,
    pub edge_width_unreadable_above_px: f64,
    /// A line this near to the photo's frame, in shares of its long side, runs out of it.
    pub frame_margin_share: f64,
    pub face_score_from: f64,
    pub mrz_confidence_from: f64,
    /// The largest burnt-out spot's share of the document's area: anywhere, and on a face or machine-readable lines.
    pub glare_share_attention_above: f64,
    pub glare_on_field_share_attention_above: f64,
    pub colour_attention_below: f64,
    pub lattice_attention_above: f64,
    /// A document with fewer days left is said to expire soon.
    pub expiry_near_days: i32,
}

/// Limits for videos.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VideoLimits {
    pub duration_unusable_below_seconds: f64,
    pub duration_attention_below_seconds: f64,
    pub duration_attention_above_seconds: f64,
    pub decode_error_share_attention_above: f64,
    pub gap_attention_above_seconds: f64,
    pub black_share_attention_from: f64,
    pub black_share_unusable_from: f64,
    /// Quieter sound is named when no speech is found in it either.
    pub loudness_attention_below_lufs: f64,
    /// Quieter sound is named whatever is found in it.
    pub loudness_inaudible_below_lufs: f64,
    pub speech_attention_below_seconds: f64,
    pub clipped_share_attention_above: f64,
    pub still_attention_above_seconds: f64,
    /// This many sudden changes of the whole picture, or more.
    pub cuts_attention_from: u32,
    pub face_share_attention_below: f64,
    pub several_faces_share_attention_above: f64,
    pub face_height_share_attention_below: f64,
    /// However close the face is: with fewer pixels nobody recognises it.
    pub face_height_attention_below_px: f64,
    pub face_sharpness_attention_below: f64,
    pub face_luma_attention_below: f64,
    pub face_luma_attention_above: f64,
    /// Numbers count as heard only when the sound is at least as loud and as clear as this.
    pub numbers_loudness_least_lufs: f64,
    pub numbers_signal_to_noise_least_db: f64,
    /// Two frames look alike when at most this many of their 64 bits differ.
    pub alike_frame_bits_most: u32,
    /// Two clips look alike when this many of their frames do, in order.
    pub alike_frames_least: u32,
    pub alike_duration_most_seconds: f64,
}

impl Table {
    /// The version of the compiled-in numbers.
    pub const VERSION: u32 = 4;
}

impl Default for Table {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            photo: PhotoLimits::default(),
            video: VideoLimits::default(),
            bouncing: Check::MAY_BOUNCE.into_iter().collect(),
        }
    }
}

impl Default for PhotoLimits {
    fn default() -> Self {
        Self {
            // An ID-1 card that fills three quarters of 720 pixels still has print about 12 pixels high.
            shorter_side_attention_below_px: 720,
            // Below 200 pixels the print of a card is under 3 pixels high, which no person reads either.
            shorter_side_unusable_below_px: 200,
            // Measured on the fixtures at 1,600 pixels long: good 2.6–5.3; the 12-megapixel passport blurred by σ 2 0.82,
            // σ 4 0.18, σ 8 0.05, by 30 pixels of motion 0.57. Strong noise adds at most 0.1.
            sharpness_attention_below: 0.7,
            // Measured likewise: good 2.4–3.1, σ 2 5.4, σ 4 8, σ 8 13, motion 12; strong noise narrows σ 8 to 8.7. Readable photos
            // of the calibration, with defocus to σ 0.8 and a little movement, reach 6.3.
            edge_width_attention_above_px: 7.0,
            // Shaken by 40 pixels with strong noise: 11.7, and a sharpness of 1.6.
            edge_width_alone_attention_above_px: 10.0,
            // Good captures have 2.3 and more, noise of σ 20 of 255 1.6, of σ 40 1.4.
            edge_width_grainy_below_px: 1.7,
            // Good captures (quality 60 and more) reach 2.3, quality 5 has 2.8 and more.
            squares_attention_above: 2.6,
            // A quarter of the right exposure (mean 42) still read perfectly, so this only asks for a look.
            mean_luma_dark_attention_below: 45.0,
            // Good captures have 161 and more, 3 stops under 84, 4 stops under 66 at most.
            p95_dark_attention_below: 75.0,
            mean_luma_light_attention_above: 225.0,
            // Good captures reach 0.11.
            blown_share_attention_above: 0.35,
            burnt_document_share_attention_above: 0.5,
            // Sensor noise alone spans more than this; what is below was a covered lens or an empty file.
            flat_luma_span_unusable_below: 4.0,
            // People read print that the machine does not, down to about 5 pixels: half of what it has in a photo of this size.
            shorter_side_unreadable_below_px: 480,
            // Measured likewise on the passport and the licence blurred by σ 10: 0.010 and 31, and a person still sees which
            // document it is and that it has a face. What is bounced is blurred by more than that.
            sharpness_unreadable_below: 0.006,
            edge_width_unreadable_above_px: 36.0,
            // Boxes of lines that are cut end within 5 of 1,600 pixels of the frame.
            frame_margin_share: 0.004,
            // Wrong findings on wood, gravel and cloth score below it.
            face_score_from: 2.0,
            // Lines that were read right are alike by 0.85 and more, lines read upside down by 0.63 to 0.70.
            mrz_confidence_from: 0.78,
            glare_share_attention_above: 0.015,
            glare_on_field_share_attention_above: 0.002,
            // Good captures have 0.021 and more, grey copies under tinted lamps 0.013 at most.
            colour_attention_below: 0.0165,
            // The fixtures' fine line patterns reach 111, two of 350 good captures of the calibration more than 1,000. Of 36
            // simulated screens photographed at angles of 1.5 to 9 degrees, 30 have 2,000 and more; screens of half the camera's
            // fineness held nearly straight stay below 200.
            lattice_attention_above: 1_000.0,
            expiry_near_days: 90,
        }
    }
}

impl Default for VideoLimits {
    fn default() -> Self {
        Self {
            // Four numbers cannot be given in a second by voice, sign or writing.
            duration_unusable_below_seconds: 1.0,
            // Expected length is 4 to 30 seconds; outside it a person looks, however long the video is.
            duration_attention_below_seconds: 4.0,
            duration_attention_above_seconds: 30.0,
            // One refused frame in twenty is visible; a cut file decodes clean up to the cut.
            decode_error_share_attention_above: 0.05,
            // A pause this long can hide a whole number.
            gap_attention_above_seconds: 1.0,
            black_share_attention_from: 0.5,
            black_share_unusable_from: 0.98,
            // Speech at arm's length is about −30 LUFS, an idle microphone below −60.
            loudness_attention_below_lufs: -60.0,
            // All of it below the standard's gate of −70: the detectors still find speech there, and nobody hears it.
            loudness_inaudible_below_lufs: -69.5,
            // The shortest spoken number lasts longer than both detectors' grain of 80 ms.
            speech_attention_below_seconds: 0.08,
            // Sound that is clipped this often is hard to understand: 25 dB too loud leaves 0.007, since coding rounds peaks off.
            // Good clips had none.
            clipped_share_attention_above: 0.005,
            // Nobody who gives four numbers holds every muscle and the phone still for as long.
            still_attention_above_seconds: 2.0,
            // Good clips had none.
            cuts_attention_from: 1,
            // Good clips had a face in every sampled frame and never two.
            face_share_attention_below: 0.7,
            several_faces_share_attention_above: 0.2,
            // Good clips had 0.22 to 0.44; a face of an eighth has 90 pixels in 720.
            face_height_share_attention_below: 0.12,
            // Good clips had 79 and more, those of 90 lines 40 at most.
            face_height_attention_below_px: 48.0,
            // Measured on the fixtures: good 0.05 to 0.85, at 320 × 180 pixels 0.018 and more, at 160 × 90 pixels and blurred by 2 of
            // 640 pixels 0.010, by 7 of 640 pixels 0.003.
            face_sharpness_attention_below: 0.014,
            // Good clips had 80 to 166, an eighth of the light 18.
            face_luma_attention_below: 40.0,
            face_luma_attention_above: 225.0,
            // Speech at arm's length is about −30 LUFS. Of 42 synthetic utterances in 7 voices the recogniser heard all four
            // numbers right in 40 when clean, 34 with pink noise 20 dB below, 29 at 10 dB.
            numbers_loudness_least_lufs: -45.0,
            numbers_signal_to_noise_least_db: 15.0,
            // The same recording in another codec differed by one bit at most, other people's by seven at least.
            alike_frame_bits_most: 3,
            alike_frames_least: 10,
            alike_duration_most_seconds: 0.5,
        }
    }
}
