//! Where text stands: the first network paints a map of it, whose islands are the lines.

use super::super::copies;
use super::super::geometry::{Point, Quad};
use super::super::grid::Grid;
use super::Network;
use image::RgbImage;
use rten::RunOptions;
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

/// The network sees the document at this length, in pixels, rounded to its stride.
const LONG_SIDE: u32 = 640;
const STRIDE: u32 = 32;
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// From this probability on a pixel belongs to text, and from this mean on an island is a line.
const TEXT_FROM: f32 = 0.3;
const LINE_FROM: f32 = 0.5;
/// The network paints the cores of lines; this share of area over outline is added around.
const GROWTH: f64 = 1.6;
const ISLANDS_MAX: usize = 200;

pub(super) struct Detector {
    pub network: Network,
}

/// A line's box in the pixels of the view, its first side along the writing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub corners: Quad,
}

impl Found {
    pub(super) fn width(&self) -> f64 {
        let [a, b, ..] = self.corners.0;
        a.distance(b)
    }

    pub(super) fn height(&self) -> f64 {
        let [a, .., d] = self.corners.0;
        a.distance(d)
    }

    /// The longer side over the shorter one.
    pub(super) fn slenderness(&self) -> f64 {
        let (width, height) = (self.width().max(1.0), self.height().max(1.0));
        (width / height).max(height / width)
    }

    /// Left, top, right and bottom.
    pub(super) fn bounds(&self) -> [f64; 4] {
        let mut bounds = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        for corner in self.corners.0 {
            let [left, top, right, bottom] = bounds;
            bounds = [left.min(corner.x), top.min(corner.y), right.max(corner.x), bottom.max(corner.y)];
        }
        bounds
    }
}

impl Detector {
    pub(super) fn boxes(&self, page: &RgbImage, options: RunOptions) -> Result<Vec<Found>, String> {
        let longest = page.width().max(page.height()).max(1);
        let rounded = |side: u32| (side * LONG_SIDE / longest).div_ceil(STRIDE).max(1) * STRIDE;
        let (width, height) = (rounded(page.width()), rounded(page.height()));
        let small = copies::stretched(page, width, height).ok_or("the page could not be shrunk")?;
        let input = NdTensor::from_data([1, 3, height as usize, width as usize], planes(&small));
        let output = self.network.model.run_one(input.into(), Some(options)).map_err(|error| error.to_string())?;
        let map: NdTensor<f32, 4> = output.try_into().map_err(|_| "the map has another shape".to_owned())?;
        let scale = (f64::from(page.width()) / f64::from(width), f64::from(page.height()) / f64::from(height));
        Ok(islands(&map.to_vec(), width as usize, height as usize).iter().map(|island| island.found(scale)).collect())
    }
}

/// Blue, green, red, each normalised.
fn planes(picture: &RgbImage) -> Vec<f32> {
    let mut values = Vec::with_capacity(picture.as_raw().len());
    for (colour, (mean, deviation)) in [2, 1, 0].into_iter().zip(MEAN.into_iter().zip(DEVIATION)) {
        let plane = picture.as_raw().iter().skip(colour).step_by(3);
        values.extend(plane.map(|value| (f32::from(*value) / 255.0 - mean) / deviation));
    }
    values
}

/// Sums over the pixels of one island.
struct Island {
    pixels: Vec<(i32, i32)>,
}

fn islands(map: &[f32], width: usize, height: usize) -> Vec<Island> {
    let mut left: Grid<f32> = Grid::new(width, height);
    for ((index, value), row) in map.iter().enumerate().zip(std::iter::repeat(width.max(1))) {
        if *value > TEXT_FROM {
            left.set((index % row) as i32, (index / row) as i32, *value);
        }
    }
    let mut islands = Vec::new();
    for y in 0..height as i32 {
        for x in 0..width as i32 {
            if left.at(x, y) > 0.0 && islands.len() < ISLANDS_MAX {
                let (pixels, sum) = flood(&mut left, x, y);
                if pixels.len() >= 12 && sum / pixels.len() as f32 >= LINE_FROM {
                    islands.push(Island { pixels });
                }
            }
        }
    }
    islands
}

fn flood(left: &mut Grid<f32>, x: i32, y: i32) -> (Vec<(i32, i32)>, f32) {
    let mut pixels = Vec::new();
    let mut sum = left.at(x, y);
    let mut todo = vec![(x, y)];
    left.set(x, y, 0.0);
    while let Some((x, y)) = todo.pop() {
        pixels.push((x, y));
        for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
            let value = left.at(x + dx, y + dy);
            if value > 0.0 {
                sum += value;
                left.set(x + dx, y + dy, 0.0);
                todo.push((x + dx, y + dy));
            }
        }
    }
    (pixels, sum)
}

impl Island {
    /// The box along the island's long axis, grown to the whole letters, in pixels of the page.
    fn found(&self, scale: (f64, f64)) -> Found {
        let count = self.pixels.len().max(1) as f64;
        let place = |(x, y): &(i32, i32)| ((f64::from(*x) + 0.5) * scale.0, (f64::from(*y) + 0.5) * scale.1);
        let points: Vec<(f64, f64)> = self.pixels.iter().map(place).collect();
        let (x, y) = (points.iter().map(|p| p.0).sum::<f64>() / count, points.iter().map(|p| p.1).sum::<f64>() / count);
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for point in &points {
            let (dx, dy) = (point.0 - x, point.1 - y);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        // A short word has no axis of its own.
        let angle = if xx > 4.0 * yy { 0.5 * (2.0 * xy).atan2(xx - yy) } else { 0.0 };
        let (sin, cos) = angle.sin_cos();
        let (mut left, mut right, mut top, mut bottom) = (f64::MAX, f64::MIN, f64::MAX, f64::MIN);
        for point in &points {
            let (along, across) =
                ((point.0 - x) * cos + (point.1 - y) * sin, (point.1 - y) * cos - (point.0 - x) * sin);
            left = left.min(along - scale.0 / 2.0);
            right = right.max(along + scale.0 / 2.0);
            top = top.min(across - scale.1 / 2.0);
            bottom = bottom.max(across + scale.1 / 2.0);
        }
        let (width, height) = (right - left, bottom - top);
        let growth = GROWTH * width * height / (2.0 * (width + height)).max(1e-9);
        let corner =
            |along: f64, across: f64| Point { x: x + along * cos - across * sin, y: y + along * sin + across * cos };
        let (left, right, top, bottom) = (left - growth, right + growth, top - growth, bottom + growth);
        Found { corners: Quad([corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slanting_island_becomes_a_slanting_box() {
        let mut map = vec![0.0_f32; 200 * 100];
        for x in 20..180_usize {
            for off in 0..8_usize {
                map[(30 + x / 10 + off) * 200 + x] = 0.9;
            }
        }
        let islands = islands(&map, 200, 100);
        assert_eq!(islands.len(), 1);
        let found = islands[0].found((2.0, 2.0));
        let [a, b, ..] = found.corners.0;
        assert!(((b.y - a.y) / (b.x - a.x) - 0.1).abs() < 0.02, "{found:?}");
        assert!(found.width() > 320.0 && (20.0..50.0).contains(&found.height()), "{found:?}");
        let faint = vec![0.4_f32; 200 * 100];
        assert!(super::islands(&faint, 200, 100).is_empty());
    }
}
