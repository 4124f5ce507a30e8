//! The document's surface: where light burnt it out, and whether it has any colour at all.

use super::grid::Grid;
use image::RgbImage;

/// A pixel whose darkest colour is from here on is burnt out.
const BURNT_FROM: u8 = 249;
/// Spots are looked for in squares of this many pixels, of which so large a share is burnt out.
const SQUARE: u32 = 8;
const SQUARE_SHARE_FROM: f64 = 0.6;
const SPOTS_MAX: usize = 3;
/// Smaller spots, in squares, are glints of the print.
const SPOT_SQUARES_MIN: usize = 6;
/// Every so manieth pixel is enough for a mean.
const STEP: usize = 7;

/// A burnt-out spot: left, top, right, bottom in pixels, and its share of the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub within: [f64; 4],
    pub share: f64,
}

/// Largest first.
pub(super) fn spots(page: &RgbImage) -> Vec<Spot> {
    let (columns, rows) = (page.width() / SQUARE, page.height() / SQUARE);
    let mut burnt: Grid<bool> = Grid::new(columns as usize, rows as usize);
    let mut counts: Grid<u32> = Grid::new(columns as usize, rows as usize);
    for (y, row) in (0_u32..).zip(page.as_raw().chunks_exact((page.width() as usize * 3).max(1))) {
        for (x, pixel) in (0_u32..).zip(row.chunks_exact(3)) {
            if pixel.iter().all(|value| *value >= BURNT_FROM) {
                let (column, row) = ((x / SQUARE) as i32, (y / SQUARE) as i32);
                counts.set(column, row, counts.at(column, row) + 1);
            }
        }
    }
    let enough = (f64::from(SQUARE * SQUARE) * SQUARE_SHARE_FROM) as u32;
    let mut spots = Vec::new();
    for y in 0..rows as i32 {
        for x in 0..columns as i32 {
            burnt.set(x, y, counts.at(x, y) >= enough);
        }
    }
    for y in 0..rows as i32 {
        for x in 0..columns as i32 {
            if burnt.at(x, y) {
                let spot = flood(&mut burnt, x, y);
                if spot.len() >= SPOT_SQUARES_MIN {
                    spots.push(as_spot(&spot, columns * rows));
                }
            }
        }
    }
    spots.sort_by(|a, b| b.share.total_cmp(&a.share));
    spots.truncate(SPOTS_MAX);
    spots
}

/// The mean distance of a pixel's brightest colour from its darkest, 0 to 255.
pub(super) fn colour(page: &RgbImage) -> f64 {
    let (mut sum, mut count) = (0_u64, 0_u64);
    for pixel in page.as_raw().chunks_exact(3).step_by(STEP) {
        let (most, least) = (pixel.iter().max().copied().unwrap_or(0), pixel.iter().min().copied().unwrap_or(0));
        sum += u64::from(most - least);
        count += 1;
    }
    sum as f64 / count.max(1) as f64
}

fn flood(burnt: &mut Grid<bool>, x: i32, y: i32) -> Vec<(i32, i32)> {
    let mut squares = Vec::new();
    let mut todo = vec![(x, y)];
    burnt.set(x, y, false);
    while let Some((x, y)) = todo.pop() {
        squares.push((x, y));
        for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
            if burnt.at(x + dx, y + dy) {
                burnt.set(x + dx, y + dy, false);
                todo.push((x + dx, y + dy));
            }
        }
    }
    squares
}

fn as_spot(squares: &[(i32, i32)], all: u32) -> Spot {
    let side = f64::from(SQUARE);
    let mut within = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
    for (x, y) in squares {
        let (x, y) = (f64::from(*x) * side, f64::from(*y) * side);
        let [left, top, right, bottom] = within;
        within = [left.min(x), top.min(y), right.max(x + side), bottom.max(y + side)];
    }
    Spot { within, share: squares.len() as f64 / f64::from(all.max(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burnt_out_disc_is_found_where_it_is() {
        let page = RgbImage::from_fn(400, 300, |x, y| {
            let burnt = (i64::from(x) - 200).pow(2) + (i64::from(y) - 120).pow(2) < 40 * 40;
            image::Rgb(if burnt { [255; 3] } else { [200, 210, 190] })
        });
        let spots = spots(&page);
        assert_eq!(spots.len(), 1);
        let [left, top, right, bottom] = spots[0].within;
        assert!((150.0..175.0).contains(&left) && (225.0..250.0).contains(&right), "{spots:?}");
        assert!((70.0..95.0).contains(&top) && (145.0..170.0).contains(&bottom), "{spots:?}");
        assert!((0.03..0.05).contains(&spots[0].share), "{spots:?}");
    }

    #[test]
    fn grey_paper_has_no_colour() {
        assert!(colour(&RgbImage::from_pixel(50, 50, image::Rgb([120; 3]))) < 1e-9);
        assert!((colour(&RgbImage::from_pixel(50, 50, image::Rgb([120, 150, 130]))) - 30.0).abs() < 1e-9);
    }
}
