//! The document as a scanner would see it: taken out of the picture along its corners.

use super::super::geometry::{Point, Quad};
use image::RgbImage;

/// Takes the inside of `corners` out of `picture` as an upright rectangle of `width` by `height` pixels.
pub(in super::super) fn flatten(picture: &RgbImage, corners: Quad, width: u32, height: u32) -> Option<RgbImage> {
    let map = corners.projection();
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        let v = (f64::from(y) + 0.5) / f64::from(height);
        let row = map.row(v);
        for x in 0..width {
            let u = (f64::from(x) + 0.5) / f64::from(width);
            pixels.extend_from_slice(&sample(picture, row.point(u)));
        }
    }
    RgbImage::from_raw(width, height, pixels)
}

/// The colour at a point, mixed from the four pixels around; grey outside the picture.
fn sample(picture: &RgbImage, at: Point) -> [u8; 3] {
    let (x, y) = (at.x - 0.5, at.y - 0.5);
    let (right, bottom) = (f64::from(picture.width()) - 1.0, f64::from(picture.height()) - 1.0);
    if x >= 0.0 && y >= 0.0 && x < right && y < bottom {
        // Truncation is what `floor` does here, without its call.
        let (column, row) = (x as usize, y as usize);
        let (across, down) = (((x - column as f64) * 256.0) as u32, ((y - row as f64) * 256.0) as u32);
        let stride = picture.width() as usize * 3;
        let start = row * stride + column * 3;
        let pair = |start: usize| picture.as_raw().get(start..start + 6).and_then(|six| six.try_into().ok());
        return match (pair(start), pair(start + stride)) {
            (Some(upper), Some(lower)) => mixed(upper, lower, across, down),
            _ => [OUTSIDE; 3],
        };
    }
    at_edge(picture, x, y)
}

/// As [`sample`], where some of the four pixels are not there: the nearest ones stand for them.
#[cold]
fn at_edge(picture: &RgbImage, x: f64, y: f64) -> [u8; 3] {
    let (right, bottom) = (f64::from(picture.width()), f64::from(picture.height()));
    if !(x >= -1.0 && y >= -1.0 && x <= right && y <= bottom) {
        return [OUTSIDE; 3];
    }
    let (left, top) = (x.floor(), y.floor());
    let column = |off: f64| (left + off).clamp(0.0, right - 1.0) as u32;
    let row = |off: f64| (top + off).clamp(0.0, bottom - 1.0) as u32;
    let pixel = |x: u32, y: u32| picture.get_pixel_checked(x, y).map_or([OUTSIDE; 3], |pixel| pixel.0);
    let pair = |y: u32| {
        let ([a, b, c], [d, e, f]) = (pixel(column(0.0), y), pixel(column(1.0), y));
        [a, b, c, d, e, f]
    };
    mixed(pair(row(0.0)), pair(row(1.0)), ((x - left) * 256.0) as u32, ((y - top) * 256.0) as u32)
}

/// Two pixels above two others, mixed by shares of 256, so that it is whole numbers.
fn mixed(upper: [u8; 6], lower: [u8; 6], across: u32, down: u32) -> [u8; 3] {
    let [a, b, c, d, e, f] = upper.map(u32::from);
    let [g, h, i, j, k, l] = lower.map(u32::from);
    [[a, d, g, j], [b, e, h, k], [c, f, i, l]].map(|[a, b, c, d]| {
        let upper = a * (256 - across) + b * across;
        let lower = c * (256 - across) + d * across;
        ((upper * (256 - down) + lower * down) >> 16) as u8
    })
}

const OUTSIDE: u8 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_and_at_the_edge_the_same_mixture_is_made() {
        let picture = RgbImage::from_fn(40, 30, |x, y| image::Rgb([(x * 6) as u8, (y * 8) as u8, (x * y % 251) as u8]));
        for step in 0..400_u32 {
            let at = Point { x: f64::from(step) * 0.093 + 0.6, y: f64::from(step) * 0.071 + 0.6 };
            if at.x < 39.4 && at.y < 29.4 {
                assert_eq!(sample(&picture, at), at_edge(&picture, at.x - 0.5, at.y - 0.5), "{at:?}");
            }
        }
        assert_eq!(sample(&picture, Point { x: 0.0, y: 0.0 }), [0, 0, 0]);
        assert_eq!(sample(&picture, Point { x: 40.0, y: 30.0 }), picture.get_pixel(39, 29).0);
        for outside in [(-9.0, 5.0), (5.0, 99.0), (f64::NAN, 5.0)] {
            assert_eq!(sample(&picture, Point { x: outside.0, y: outside.1 }), [OUTSIDE; 3]);
        }
    }

    #[test]
    fn the_whole_of_a_picture_is_the_picture() {
        let picture = RgbImage::from_fn(31, 17, |x, y| image::Rgb([(x * 8) as u8, (y * 15) as u8, 7]));
        assert_eq!(flatten(&picture, Quad::whole(31, 17), 31, 17).unwrap(), picture);
    }
}
