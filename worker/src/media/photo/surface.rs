//! The document's surface: where light burnt it out, and whether it has any colour but the lamp's.

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
/// Colour is compared between squares of this many pixels, whose mean has no noise left.
const PATCH: usize = 8;
/// Patches darker or lighter than this say nothing about colour.
const PATCH_LIGHT: std::ops::Range<f64> = 20.0..245.0;

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

/// How far colours lie from grey once the lamp's tint, which is the same everywhere, is taken out: the mean distance of a patch's
/// brightest colour from its darkest, as a share of their light.
pub(super) fn colour(page: &RgbImage) -> f64 {
    let patches = patches(page);
    let tint = |pick: fn(&[f64; 3]) -> f64| median(patches.iter().map(|patch| pick(patch) / patch[1]).collect());
    let (red, blue) = (tint(|patch| patch[0]), tint(|patch| patch[2]));
    let (mut apart, mut light) = (0.0, 0.0);
    for patch in &patches {
        let plain = [patch[0] / red, patch[1], patch[2] / blue];
        let most = plain.iter().copied().fold(f64::MIN, f64::max);
        apart += most - plain.iter().copied().fold(f64::MAX, f64::min);
        light += plain.iter().sum::<f64>() / 3.0;
    }
    if light > 0.0 { apart / light } else { 0.0 }
}

/// The mean colours of squares that are neither black nor burnt out.
fn patches(page: &RgbImage) -> Vec<[f64; 3]> {
    let columns = page.width() as usize / PATCH;
    let mut patches = Vec::new();
    for band in page.as_raw().chunks_exact((page.width() as usize * 3 * PATCH).max(1)) {
        let mut sums = vec![[0_u32; 3]; columns];
        for row in band.chunks_exact((page.width() as usize * 3).max(1)) {
            for (sum, square) in sums.iter_mut().zip(row.chunks_exact(3 * PATCH)) {
                for pixel in square.chunks_exact(3) {
                    sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(*value));
                }
            }
        }
        let means = sums.iter().map(|sum| sum.map(|sum| f64::from(sum) / (PATCH * PATCH) as f64));
        patches.extend(means.filter(|patch| patch.iter().all(|value| PATCH_LIGHT.contains(value))));
    }
    patches
}

/// 1 of none.
fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    if values.is_empty() {
        return 1.0;
    }
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
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
    fn grey_under_a_coloured_lamp_has_no_colour_and_two_inks_have() {
        let warm = |x: u32| [60 + x, 50 + x * 5 / 6, 40 + x * 2 / 3].map(|value| u8::try_from(value).unwrap());
        let copy = RgbImage::from_fn(96, 64, |x, _| image::Rgb(warm(x)));
        assert!(colour(&copy) < 0.005, "{}", colour(&copy));
        let inks = RgbImage::from_fn(96, 64, |x, _| image::Rgb(if x < 48 { [120, 150, 130] } else { [150, 120, 130] }));
        assert!(colour(&inks) > 0.1, "{}", colour(&inks));
        assert!(colour(&RgbImage::new(96, 64)) < 1e-9);
    }
}
