//! Faces over time: sampled evenly, measured where they are, and the clearest moments kept for a checker.

use super::super::faces::{Face, Faces, LONG_SIDE, Look};
use super::super::{Artefact, media_type_of, photo};
use super::picture::Reducer;
use domain::evidence::ArtefactKind;
use domain::precheck::FaceMeasures;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;
use image::{GrayImage, RgbImage, imageops};
use serde_json::json;

const FIRST_INTERVAL_SECONDS: f64 = 0.7;
/// When there are this many samples every second one is forgotten, and sampling goes on half as often.
const SAMPLES_MAX: usize = 48;
/// Looks at pictures in which nothing was found at first, over the whole clip.
const SECOND_LOOKS_MAX: u32 = 16;
/// The moments kept lie at least this far apart.
const APART_SECONDS: f64 = 0.8;
const KEPT_MAX: usize = 8;
const SHOWN: usize = 4;
/// A kept moment's side in pixels, and how much more than the face it shows.
const CROP_SIDE: u32 = 320;
const CROP_OF_FACE: f64 = 1.8;
/// The side a face is brought to before its sharpness is measured.
const MEASURED_SIDE: u32 = 128;
const JPEG_QUALITY: u8 = 85;

/// Looks for faces while the clip plays.
pub(super) struct People {
    detector: Option<Faces>,
    small: Reducer,
    grey: Reducer,
    colour: Reducer,
    interval_seconds: f64,
    next_at: f64,
    samples: Vec<Sample>,
    second_looks: u32,
    look: Look,
    kept: Vec<Moment>,
}

struct Sample {
    count: usize,
    /// Of the largest face.
    measures: Option<FaceSeen>,
}

#[derive(Clone, Copy)]
struct FaceSeen {
    height_share: f64,
    sharpness: f64,
    mean_luma: f64,
}

struct Moment {
    at: f64,
    worth: f64,
    crop: RgbImage,
}

impl People {
    pub(super) fn new(detector: Option<Faces>) -> People {
        People {
            detector,
            small: Reducer::new(Pixel::GRAY8),
            grey: Reducer::new(Pixel::GRAY8),
            colour: Reducer::new(Pixel::RGB24),
            interval_seconds: FIRST_INTERVAL_SECONDS,
            next_at: f64::MIN,
            samples: Vec::new(),
            second_looks: 0,
            look: Look::AsIs,
            kept: Vec::new(),
        }
    }

    /// Offers an upright frame shown at `at` seconds.
    pub(super) fn offer(&mut self, copy: &frame::Video, at: f64) {
        if at < self.next_at {
            return;
        }
        self.next_at = at + self.interval_seconds;
        let scale = (f64::from(LONG_SIDE) / f64::from(copy.width().max(copy.height()))).min(1.0);
        let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
        let size = (side(copy.width()), side(copy.height()));
        let small = self.small.reduce(copy, size).and_then(|pixels| GrayImage::from_raw(size.0, size.1, pixels));
        let Some((small, faces)) = small.and_then(|small| self.find(&small).map(|faces| (small, faces))) else {
            return;
        };
        let measures = faces.first().and_then(|face| self.measure(copy, face, f64::from(small.height()), (at, scale)));
        self.samples.push(Sample { count: faces.len(), measures });
        if self.samples.len() >= SAMPLES_MAX {
            self.interval_seconds *= 2.0;
            let mut index = 0;
            self.samples.retain(|_| {
                index += 1;
                index % 2 == 1
            });
        }
    }

    /// The measures, and the clearest moments when there was a face.
    pub(super) fn finish(mut self) -> (Option<FaceMeasures>, Option<Artefact>) {
        let sampled = self.samples.len();
        if sampled == 0 {
            return (None, None);
        }
        let share = |count: usize| count as f64 / sampled as f64;
        let seen: Vec<FaceSeen> = self.samples.iter().filter_map(|sample| sample.measures).collect();
        let measures = FaceMeasures {
            sampled: u32::try_from(sampled).unwrap_or(u32::MAX),
            with_face_share: share(self.samples.iter().filter(|sample| sample.count > 0).count()),
            several_share: share(self.samples.iter().filter(|sample| sample.count > 1).count()),
            height_share: median(seen.iter().map(|face| face.height_share)),
            sharpness: median(seen.iter().map(|face| face.sharpness)),
            mean_luma: median(seen.iter().map(|face| face.mean_luma)),
        };
        self.kept.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        self.kept.truncate(SHOWN);
        self.kept.sort_by(|a, b| a.at.total_cmp(&b.at));
        (Some(measures), sheet(&self.kept))
    }

    /// Looks as it did last; when nothing is found, in the other ways, as long as the budget lasts.
    fn find(&mut self, small: &GrayImage) -> Option<Vec<Face>> {
        let detector = self.detector.as_mut()?;
        let usual = self.look;
        let mut faces = detector.find(small, usual);
        for look in Look::ALL.into_iter().filter(|look| *look != usual) {
            if !faces.is_empty() || self.second_looks >= SECOND_LOOKS_MAX {
                break;
            }
            self.second_looks += 1;
            faces = detector.find(small, look);
            if !faces.is_empty() {
                self.look = look;
            }
        }
        Some(faces)
    }

    /// Measures the face in the copy, where it has more pixels than in the small picture it was found in.
    fn measure(
        &mut self,
        copy: &frame::Video,
        face: &Face,
        small_height: f64,
        (at, scale): (f64, f64),
    ) -> Option<FaceSeen> {
        let size = (copy.width(), copy.height());
        let grey = GrayImage::from_raw(size.0, size.1, self.grey.reduce(copy, size)?)?;
        let centre = (face.centre.0 / scale, face.centre.1 / scale);
        let skin = square(size, centre, face.side / scale);
        let skin = imageops::crop_imm(&grey, skin.0, skin.1, skin.2, skin.2).to_image();
        let skin = imageops::resize(&skin, MEASURED_SIDE, MEASURED_SIDE, imageops::FilterType::Triangle);
        let (sharpness, mean_luma) = (sharpness(&skin), mean(&skin));
        let worth = sharpness * face.score * face.side;
        let neighbour = self.kept.iter().position(|other| (other.at - at).abs() < APART_SECONDS);
        if neighbour.and_then(|index| self.kept.get(index)).is_none_or(|other| other.worth < worth) {
            let colours = RgbImage::from_raw(size.0, size.1, self.colour.reduce(copy, size)?)?;
            let (left, top, side) = square(size, centre, face.side / scale * CROP_OF_FACE);
            let crop = imageops::crop_imm(&colours, left, top, side, side).to_image();
            let crop = imageops::resize(&crop, CROP_SIDE, CROP_SIDE, imageops::FilterType::Triangle);
            if let Some(index) = neighbour {
                self.kept.swap_remove(index);
            }
            self.kept.push(Moment { at, worth, crop });
            if self.kept.len() > KEPT_MAX {
                self.kept.sort_by(|a, b| b.worth.total_cmp(&a.worth));
                self.kept.truncate(KEPT_MAX);
            }
        }
        Some(FaceSeen { height_share: face.side / small_height.max(1.0), sharpness, mean_luma })
    }
}

/// Left, top and side of the square around a point, moved and shrunk to lie inside the picture.
fn square((width, height): (u32, u32), centre: (f64, f64), side: f64) -> (u32, u32, u32) {
    let side = (side.round().max(1.0) as u32).min(width).min(height).max(1);
    let edge = |middle: f64, length: u32| {
        let first = (middle - f64::from(side) / 2.0).round().max(0.0) as u32;
        first.min(length.saturating_sub(side))
    };
    (edge(centre.0, width), edge(centre.1, height), side)
}

/// Variance of the Laplacian over the variance of the light itself: contrast does not count, detail does.
fn sharpness(picture: &GrayImage) -> f64 {
    let (width, height) = picture.dimensions();
    let light = |x: u32, y: u32| picture.get_pixel_checked(x, y).map_or(0.0, |pixel| f64::from(pixel.0[0]));
    let mut edges = Vec::new();
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            edges.push(light(x - 1, y) + light(x + 1, y) + light(x, y - 1) + light(x, y + 1) - 4.0 * light(x, y));
        }
    }
    let lights: Vec<f64> = picture.iter().map(|pixel| f64::from(*pixel)).collect();
    variance(&edges) / variance(&lights).max(1.0)
}

fn mean(picture: &GrayImage) -> f64 {
    picture.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / (picture.len().max(1) as f64)
}

fn variance(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count
}

/// Zero when there is none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn sheet(kept: &[Moment]) -> Option<Artefact> {
    let count = u32::try_from(kept.len()).ok().filter(|count| *count > 0)?;
    let mut sheet = RgbImage::new(CROP_SIDE * count, CROP_SIDE);
    for (index, moment) in kept.iter().enumerate() {
        let left = i64::try_from(index).ok()? * i64::from(CROP_SIDE);
        imageops::replace(&mut sheet, &moment.crop, left, 0);
    }
    let frames: Vec<_> = kept.iter().map(|moment| json!({"at": (moment.at * 1000.0).round() / 1000.0})).collect();
    Some(Artefact {
        kind: ArtefactKind::FaceFrames,
        media_type: media_type_of(ArtefactKind::FaceFrames),
        bytes: photo::jpeg(&sheet, JPEG_QUALITY)?.into(),
        meta: json!({
            "frames": frames, "frame_width": CROP_SIDE, "frame_height": CROP_SIDE,
            "width": sheet.width(), "height": sheet.height(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_stay_inside_the_picture() {
        assert_eq!(square((100, 50), (50.0, 25.0), 20.0), (40, 15, 20));
        assert_eq!(square((100, 50), (2.0, 49.0), 20.0), (0, 30, 20));
        assert_eq!(square((100, 50), (99.0, 1.0), 500.0), (50, 0, 50));
    }

    #[test]
    fn blur_lowers_sharpness_and_light_does_not() {
        let checks = GrayImage::from_fn(64, 64, |x, y| image::Luma([if (x / 8 + y / 8) % 2 == 0 { 180 } else { 60 }]));
        let blurred = imageops::fast_blur(&checks, 3.0);
        let darker = GrayImage::from_fn(64, 64, |x, y| image::Luma([checks.get_pixel(x, y).0[0] / 2]));
        assert!(sharpness(&blurred) < sharpness(&checks) / 4.0);
        assert!((sharpness(&darker) / sharpness(&checks) - 1.0).abs() < 0.01);
    }
}
