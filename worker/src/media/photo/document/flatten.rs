//! The document as a scanner would see it: taken out of the picture along its corners.

use super::super::geometry::{Point, Projection, Quad};
use image::RgbImage;

/// Takes the inside of `corners` out of `picture` as an upright rectangle of `width` by `height` pixels.
pub(in super::super) fn flatten(picture: &RgbImage, corners: Quad, width: u32, height: u32) -> Option<RgbImage> {
    let map = corners.projection();
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        let v = (f64::from(y) + 0.5) / f64::from(height);
        for x in 0..width {
            let u = (f64::from(x) + 0.5) / f64::from(width);
            pixels.extend(sample(picture, &map, u, v));
        }
    }
    RgbImage::from_raw(width, height, pixels)
}

/// The colour at a point of the unit square, mixed from the four pixels around; grey outside the picture.
fn sample(picture: &RgbImage, map: &Projection, u: f64, v: f64) -> [u8; 3] {
    let Point { x, y } = map.point(u, v);
    let (x, y) = (x - 0.5, y - 0.5);
    let (right, bottom) = (f64::from(picture.width()), f64::from(picture.height()));
    if x < -1.0 || y < -1.0 || x > right || y > bottom {
        return [OUTSIDE; 3];
    }
    let (left, top) = (x.floor(), y.floor());
    // Shares of 256, so that the mixing is whole numbers.
    let (across, down) = (((x - left) * 256.0) as u32, ((y - top) * 256.0) as u32);
    let column = |off: f64| (left + off).clamp(0.0, right - 1.0) as usize;
    let row = |off: f64| (top + off).clamp(0.0, bottom - 1.0) as usize;
    let raw = picture.as_raw();
    let stride = picture.width() as usize * 3;
    let pixel = |column: usize, row: usize| {
        let at = row * stride + column * 3;
        raw.get(at..at + 3).and_then(|three| <[u8; 3]>::try_from(three).ok()).unwrap_or([OUTSIDE; 3])
    };
    let (a, b) = (pixel(column(0.0), row(0.0)), pixel(column(1.0), row(0.0)));
    let (c, d) = (pixel(column(0.0), row(1.0)), pixel(column(1.0), row(1.0)));
    let mut mixed = [0; 3];
    for ((((to, a), b), c), d) in mixed.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        let upper = u32::from(a) * (256 - across) + u32::from(b) * across;
        let lower = u32::from(c) * (256 - across) + u32::from(d) * across;
        *to = u8::try_from((upper * (256 - down) + lower * down) >> 16).unwrap_or(u8::MAX);
    }
    mixed
}

const OUTSIDE: u8 = 128;
