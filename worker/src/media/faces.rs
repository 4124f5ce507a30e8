//! Where faces are: the detector behind one function, so that a better one can take its place.
//!
//! It misses masks, dark glasses, faces under 40 pixels and faces that are turned, and its training data are of 2016:
//! no face found is a reason to look, never a reason to refuse.

use image::{GrayImage, imageops};
use std::io::Cursor;

/// SeetaFace frontal, BSD-2-Clause, as shipped with `rustface`.
const MODEL: &[u8] = include_bytes!("../../models/seeta_fd_frontal_v1.0.bin");
/// The long side a picture should have for the detector, in pixels; more finds no more and costs more.
pub(super) const LONG_SIDE: u32 = 480;
/// Looked at first: whoever holds a phone to speak fills an eighth of it, and the larger picture costs more than twice as much.
const FIRST_LONG_SIDE: u32 = 320;
/// The detector's window: smaller faces are not found.
const FACE_SIDE_MIN: u32 = 40;
const SCORE_MIN: f64 = 2.0;
const PYRAMID_STEP: f32 = 0.8;
const WINDOW_STEP: u32 = 4;
/// What a dark picture is raised by before a second look: luma to the power of this, on the scale 0–1.
const LIFT: f64 = 0.5;

/// A loaded detector.
pub(super) struct Faces(Box<dyn rustface::Detector>);

/// A face's place in pixels of the picture it was found in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Face {
    pub centre: (f64, f64),
    pub side: f64,
    /// The detector's own; higher is more surely a frontal face.
    pub score: f64,
}

/// The ways to look at a picture, cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    AsIs,
    Lifted,
    /// Turned clockwise by this many quarters before looking.
    Turned(u8),
}

impl Look {
    pub(super) const ALL: [Look; 5] = [Look::AsIs, Look::Lifted, Look::Turned(1), Look::Turned(2), Look::Turned(3)];
}

impl Faces {
    /// `None` when the model cannot be read, which then is not assessed.
    pub(super) fn load() -> Option<Faces> {
        let model = rustface::read_model(Cursor::new(MODEL)).ok()?;
        let mut detector = rustface::create_detector_with_model(model);
        detector.set_score_thresh(SCORE_MIN);
        detector.set_pyramid_scale_factor(PYRAMID_STEP);
        detector.set_slide_window_step(WINDOW_STEP, WINDOW_STEP);
        Some(Faces(detector))
    }

    /// The faces of a grey picture, largest first, in the picture's own pixels however it was looked at.
    pub(super) fn find(&mut self, picture: &GrayImage, look: Look) -> Vec<Face> {
        let size = picture.dimensions();
        if size.0.min(size.1) < FACE_SIDE_MIN {
            return Vec::new();
        }
        let mut faces = match look {
            Look::AsIs => self.detect(picture),
            Look::Lifted => self.detect(&lifted(picture)),
            Look::Turned(1) => self.detect(&imageops::rotate90(picture)),
            Look::Turned(2) => self.detect(&imageops::rotate180(picture)),
            Look::Turned(_) => self.detect(&imageops::rotate270(picture)),
        };
        for face in &mut faces {
            face.centre = turned_back(face.centre, size, look);
        }
        faces.sort_by(|a, b| b.side.total_cmp(&a.side));
        faces
    }

    /// Faces as large as they are expected; where there are none, smaller ones.
    fn detect(&mut self, picture: &GrayImage) -> Vec<Face> {
        let longest = picture.width().max(picture.height());
        if longest > FIRST_LONG_SIDE {
            let scale = f64::from(FIRST_LONG_SIDE) / f64::from(longest);
            let side = |length: u32| (f64::from(length) * scale).round() as u32;
            let (width, height) = (side(picture.width()), side(picture.height()));
            let small = imageops::resize(picture, width, height, imageops::FilterType::Triangle);
            let found = self.detect_all(&small);
            if !found.is_empty() {
                let up = |face: Face| Face {
                    centre: (face.centre.0 / scale, face.centre.1 / scale),
                    side: face.side / scale,
                    ..face
                };
                return found.into_iter().map(up).collect();
            }
        }
        self.detect_all(picture)
    }

    fn detect_all(&mut self, picture: &GrayImage) -> Vec<Face> {
        let (width, height) = picture.dimensions();
        let found = self.0.detect(&rustface::ImageData::new(picture.as_raw(), width, height));
        let face = |found: &rustface::FaceInfo| {
            let (place, side) = (found.bbox(), f64::from(found.bbox().width()));
            let centre = (f64::from(place.x()) + side / 2.0, f64::from(place.y()) + f64::from(place.height()) / 2.0);
            Face { centre, side, score: found.score() }
        };
        found.iter().map(face).collect()
    }
}

fn lifted(picture: &GrayImage) -> GrayImage {
    let mut lifted = picture.clone();
    for pixel in lifted.iter_mut() {
        *pixel = (255.0 * (f64::from(*pixel) / 255.0).powf(LIFT)).round() as u8;
    }
    lifted
}

/// A point of the turned picture in the picture as it was.
fn turned_back((x, y): (f64, f64), (width, height): (u32, u32), look: Look) -> (f64, f64) {
    let (width, height) = (f64::from(width), f64::from(height));
    match look {
        Look::AsIs | Look::Lifted => (x, y),
        Look::Turned(1) => (y, height - x),
        Look::Turned(2) => (width - x, height - y),
        Look::Turned(_) => (width - y, x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    #[test]
    fn a_point_is_found_again_after_turning() {
        let mut picture = GrayImage::new(40, 20);
        picture.put_pixel(30, 5, Luma([255]));
        for quarters in 1..=3 {
            let turned = match quarters {
                1 => imageops::rotate90(&picture),
                2 => imageops::rotate180(&picture),
                _ => imageops::rotate270(&picture),
            };
            let (x, y, _) = turned.enumerate_pixels().find(|(_, _, pixel)| pixel.0 == [255]).unwrap();
            let centre = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            assert_eq!(turned_back(centre, (40, 20), Look::Turned(quarters)), (30.5, 5.5), "{quarters}");
        }
    }

    #[test]
    fn the_model_loads_and_an_empty_picture_has_no_face() {
        let mut faces = Faces::load().unwrap();
        for look in Look::ALL {
            assert!(faces.find(&GrayImage::from_pixel(480, 270, Luma([90])), look).is_empty());
        }
        assert!(faces.find(&GrayImage::new(8, 8), Look::AsIs).is_empty());
    }
}
