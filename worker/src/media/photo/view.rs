//! The document as it is read: upright and flat, with the way back to the photo it was taken from.

use super::document::{self, Outline};
use super::geometry::{Point, Projection, Quad};
use image::{RgbImage, imageops};

/// How wide a flattened document is, in pixels; the widest shapes of cards and passport pages (ISO/IEC 7810).
const WIDTH: u32 = 1400;
const CARD_HEIGHT: u32 = 882;
const PAGE_HEIGHT: u32 = 986;
/// Between the aspects of a card (1.586) and of a passport's page (1.42).
const CARD_ASPECT_FROM: f64 = 1.5;

pub(super) struct View {
    pub image: RgbImage,
    corners: Quad,
    map: Projection,
}

impl View {
    /// The document as a card or as a page, whichever is nearer; a part of one as it is.
    pub(super) fn of_document(picture: &RgbImage, outline: &Outline) -> Option<View> {
        let corners = outline.corners;
        let aspect = corners.aspect();
        let (width, height) = match aspect {
            aspect if outline.corners_cut >= 2 => long_side_wide(aspect),
            aspect if aspect >= CARD_ASPECT_FROM => (WIDTH, CARD_HEIGHT),
            aspect if aspect >= 1.0 => (WIDTH, PAGE_HEIGHT),
            aspect if aspect > 1.0 / CARD_ASPECT_FROM => (PAGE_HEIGHT, WIDTH),
            _ => (CARD_HEIGHT, WIDTH),
        };
        View::of(picture, corners, width, height)
    }

    /// The whole picture with its own proportions.
    pub(super) fn of_picture(picture: &RgbImage) -> Option<View> {
        let corners = Quad::whole(picture.width(), picture.height());
        let (width, height) = long_side_wide(corners.aspect());
        View::of(picture, corners, width, height)
    }

    /// The same after so many quarter turns of what it shows against the clock.
    pub(super) fn turned(&self, quarters: usize) -> View {
        let image = match quarters % 4 {
            0 => self.image.clone(),
            1 => imageops::rotate270(&self.image),
            2 => imageops::rotate180(&self.image),
            _ => imageops::rotate90(&self.image),
        };
        let corners = self.corners.turned(quarters);
        View { image, corners, map: corners.projection() }
    }

    fn of(picture: &RgbImage, corners: Quad, width: u32, height: u32) -> Option<View> {
        let image = document::flatten(picture, corners, width, height)?;
        Some(View { image, corners, map: corners.projection() })
    }

    /// Where a point of the view lies in the picture.
    pub(super) fn source(&self, at: Point) -> Point {
        self.map.point(at.x / f64::from(self.image.width()), at.y / f64::from(self.image.height()))
    }

    /// Where a box of the view lies in the picture.
    pub(super) fn place(&self, left: f64, top: f64, right: f64, bottom: f64) -> Quad {
        Quad([(left, top), (right, top), (right, bottom), (left, bottom)].map(|(x, y)| self.source(Point { x, y })))
    }
}

/// Width and height of something with this aspect, whose longer side is as long as a document is wide.
fn long_side_wide(aspect: f64) -> (u32, u32) {
    let long = f64::from(WIDTH);
    let (width, height) = if aspect >= 1.0 { (long, long / aspect) } else { (long * aspect, long) };
    ((width as u32).max(1), (height as u32).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_view_shows_what_its_places_point_at() {
        let picture = RgbImage::from_fn(140, 100, |x, y| image::Rgb([(x + 20) as u8, (y + 20) as u8, 0]));
        let first = View::of_picture(&picture).unwrap();
        for quarters in 0..4 {
            let view = first.turned(quarters);
            for (x, y) in [(300, 200), (700, 900), (40, 90)] {
                let at = view.source(Point { x: f64::from(x) + 0.5, y: f64::from(y) + 0.5 });
                let [across, down, _] = view.image.get_pixel(x, y).0;
                assert!((f64::from(across) - 20.0 - at.x + 0.5).abs() < 2.0, "{quarters}: {at:?} shows {across}");
                assert!((f64::from(down) - 20.0 - at.y + 0.5).abs() < 2.0, "{quarters}: {at:?} shows {down}");
            }
        }
    }
}
