//! Twelve frames of the clip side by side, so that a checker sees it whole and can jump into it.

use super::super::photo;
use super::super::{Artefact, media_type_of};
use super::picture;
use domain::evidence::ArtefactKind;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;
use ffmpeg_next::software::scaling::{Context, Flags};
use image::RgbImage;
use serde_json::json;

const FRAMES: usize = 12;
const FRAME_WIDTH_MAX: u32 = 240;
const JPEG_QUALITY: u8 = 80;
/// How long a clip is is known only at its end, so more frames are kept than shown, and thinned out when there are this many.
const KEPT_MAX: usize = 48;
const FIRST_INTERVAL_SECONDS: f64 = 0.2;

/// Collects candidates while the clip plays.
pub(super) struct Strip {
    kept: Vec<(f64, RgbImage)>,
    interval_seconds: f64,
    next_at: f64,
    scaler: Option<Context>,
}

impl Strip {
    pub(super) fn new() -> Strip {
        Strip { kept: Vec::new(), interval_seconds: FIRST_INTERVAL_SECONDS, next_at: f64::MIN, scaler: None }
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

    /// The strip of a clip that was `seconds` long; nothing when no frame could be seen.
    pub(super) fn finish(self, seconds: f64) -> Option<Artefact> {
        let (width, height) = self.kept.first().map(|(_, image)| image.dimensions())?;
        let mut chosen: Vec<&(f64, RgbImage)> = Vec::new();
        for index in 0..FRAMES {
            let wanted = seconds * (index as f64 + 0.5) / FRAMES as f64;
            let nearest = self
                .kept
                .iter()
                .filter(|(_, image)| image.dimensions() == (width, height))
                .min_by(|(a, _), (b, _)| (a - wanted).abs().total_cmp(&(b - wanted).abs()));
            chosen.extend(nearest);
        }
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
                "width": sheet.width(), "height": sheet.height(), "seconds": seconds,
            }),
        })
    }

    fn small(&mut self, copy: &frame::Video) -> Option<RgbImage> {
        let width = FRAME_WIDTH_MAX.min(copy.width());
        let height = (copy.height() * width / copy.width().max(1)).max(1);
        let known =
            self.scaler.as_ref().is_some_and(|s| (s.input().width, s.input().height) == (copy.width(), copy.height()));
        if !known {
            let (from, to) = (Pixel::YUV420P, Pixel::RGB24);
            self.scaler = Context::get(from, copy.width(), copy.height(), to, width, height, Flags::AREA).ok();
        }
        let mut small = frame::Video::empty();
        self.scaler.as_mut()?.run(copy, &mut small).ok()?;
        let pixels: Vec<u8> = picture::rows(&small, 0).flatten().copied().collect();
        RgbImage::from_raw(width, height, pixels)
    }
}
