//! Twelve frames of the clip side by side, so that a checker sees it whole and can jump into it.

use super::super::photo;
use super::super::{Artefact, media_type_of};
use super::picture::Reducer;
use domain::evidence::ArtefactKind;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;
use image::{RgbImage, imageops};
use serde_json::json;

const FRAMES: usize = 12;
const FRAME_WIDTH_MAX: u32 = 240;
const JPEG_QUALITY: u8 = 80;
/// How long a clip is is known only at its end, so more frames are kept than shown, and thinned out when there are this many.
const KEPT_MAX: usize = 96;
const FIRST_INTERVAL_SECONDS: f64 = 0.2;

/// Collects candidates while the clip plays.
pub(super) struct Strip {
    kept: Vec<(f64, RgbImage)>,
    interval_seconds: f64,
    next_at: f64,
    small: Reducer,
}

/// How many frames are shown for each spoken number, and how far they lie around its middle.
const FRAMES_OF_A_NUMBER: usize = 3;
const AROUND_A_NUMBER_SECONDS: f64 = 0.3;
/// Sides of the grey picture whose neighbouring pixels are compared: 64 comparisons.
const HASH_WIDTH: u32 = 9;
const HASH_HEIGHT: u32 = 8;

impl Strip {
    pub(super) fn new() -> Strip {
        Strip {
            kept: Vec::new(),
            interval_seconds: FIRST_INTERVAL_SECONDS,
            next_at: f64::MIN,
            small: Reducer::new(Pixel::RGB24),
        }
    }

    /// Offers an upright frame shown at `at` seconds.
    pub(super) fn offer(&mut self, copy: &frame::Video, at: f64) {
        if at < self.next_at {
            return;
        }
        if let Some(small) = self.small(copy) {
            self.kept.push((at, small));
            self.next_at = at + self.interval_seconds;
        }
        if self.kept.len() >= KEPT_MAX {
            self.interval_seconds *= 2.0;
            let mut index = 0;
            self.kept.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.next_at = self.kept.last().map_or(f64::MIN, |(at, _)| at + self.interval_seconds);
        }
    }

    /// The strip of a clip that was `seconds` long; nothing when no frame could be seen. When the middles of the four spoken
    /// numbers are known, three frames show each; otherwise the frames are spread evenly.
    pub(super) fn finish(&self, seconds: f64, spoken_at: &[f64]) -> Option<Artefact> {
        let (width, height) = self.kept.first().map(|(_, image)| image.dimensions())?;
        let around = |middle: &f64| {
            let step = |index: usize| index as f64 - (FRAMES_OF_A_NUMBER - 1) as f64 / 2.0;
            let middle = *middle;
            (0..FRAMES_OF_A_NUMBER).map(move |index| middle + step(index) * AROUND_A_NUMBER_SECONDS)
        };
        let aligned = spoken_at.len() * FRAMES_OF_A_NUMBER == FRAMES;
        let chosen = if aligned { self.nearest(spoken_at.iter().flat_map(around)) } else { self.spread(seconds) };
        let mut sheet = RgbImage::new(width * u32::try_from(chosen.len()).ok()?, height);
        for (index, (_, image)) in chosen.iter().enumerate() {
            let left = i64::try_from(index).ok()? * i64::from(width);
            image::imageops::replace(&mut sheet, image, left, 0);
        }
        let frames: Vec<_> = chosen.iter().map(|(at, _)| json!({"at": (at * 1000.0).round() / 1000.0})).collect();
        Some(Artefact {
            kind: ArtefactKind::FrameStrip,
            media_type: media_type_of(ArtefactKind::FrameStrip),
            bytes: photo::jpeg(&sheet, JPEG_QUALITY)?.into(),
            meta: json!({
                "frames": frames, "frame_width": width, "frame_height": height,
                "width": sheet.width(), "height": sheet.height(), "seconds": seconds, "aligned": aligned,
            }),
        })
    }

    /// Difference hashes of the evenly spread frames: each bit says whether a pixel is lighter than its neighbour.
    pub(super) fn hashes(&self, seconds: f64) -> Vec<String> {
        let hash = |image: &RgbImage| {
            let grey = imageops::grayscale(image);
            let small = imageops::resize(&grey, HASH_WIDTH, HASH_HEIGHT, imageops::FilterType::Triangle);
            let lighter = small.rows().flat_map(|row| {
                let row: Vec<u8> = row.map(|pixel| pixel.0[0]).collect();
                row.windows(2).map(|pair| u64::from(pair.first() < pair.last())).collect::<Vec<_>>()
            });
            lighter.fold(0_u64, |hash, bit| hash << 1 | bit)
        };
        self.spread(seconds).iter().map(|(_, image)| format!("{:016x}", hash(image))).collect()
    }

    fn spread(&self, seconds: f64) -> Vec<&(f64, RgbImage)> {
        self.nearest((0..FRAMES).map(|index| seconds * (index as f64 + 0.5) / FRAMES as f64))
    }

    fn nearest(&self, wanted: impl Iterator<Item = f64>) -> Vec<&(f64, RgbImage)> {
        let size = self.kept.first().map(|(_, image)| image.dimensions());
        wanted
            .filter_map(|wanted| {
                let same_size = self.kept.iter().filter(|(_, image)| Some(image.dimensions()) == size);
                same_size.min_by(|(a, _), (b, _)| (a - wanted).abs().total_cmp(&(b - wanted).abs()))
            })
            .collect()
    }

    fn small(&mut self, copy: &frame::Video) -> Option<RgbImage> {
        let width = FRAME_WIDTH_MAX.min(copy.width());
        let height = (copy.height() * width / copy.width().max(1)).max(1);
        RgbImage::from_raw(width, height, self.small.reduce(copy, (width, height))?)
    }
}
