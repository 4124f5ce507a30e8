//! The lattice of a screen's pixels, or its beat with the camera's: one fine pattern that is the same all over the picture.
//!
//! Paper has patterns too, but they differ from place to place. So the spectra of many tiles are added up, in which what
//! they share stands out, and the highest peak is told against what is usual at that fineness.

use super::grid::Grid;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::f32::consts::PI;
use std::sync::Arc;

/// Pixels of a tile's side.
const TILE: usize = 128;
const TILES_MAX: usize = 48;
/// Tiles flatter than this (standard deviation of luma) hold nothing, darker ones no light of a screen.
const DEVIATION_MIN: f32 = 0.3;
const MEAN_LUMA_MIN: f32 = 25.0;
/// Waves per tile that are looked at: coarser ones are the picture itself.
const WAVES_MIN: f32 = 6.0;
const WAVES_MAX: f32 = 62.0;
/// Peaks nearer to an axis than this are lines of print and blocks of JPEG.
const AXIS_WAVES: usize = 2;
/// What is usual is the median in a ring so many waves wide: narrow, since curved lines of one fineness fill a whole ring.
const RING: usize = 3;

/// How far the highest shared peak stands above what is usual, as a ratio; the drawn specimens have less than 120. 0 where there is
/// nothing to measure.
pub(super) fn peak(grey: &Grid<u8>) -> f64 {
    let tiles = flattest(grey);
    if tiles.is_empty() {
        return 0.0;
    }
    let wave = FftPlanner::new().plan_fft_forward(TILE);
    let mut shared = vec![0.0_f32; TILE * TILE];
    for tile in &tiles {
        let power = power(tile, &wave);
        let total: f32 = power.iter().sum::<f32>().max(f32::EPSILON);
        for (sum, value) in shared.iter_mut().zip(power) {
            *sum += value / total;
        }
    }
    highest(&shared)
}

/// The tiles with the least going on in them: margins and plain ground, where a lattice shows best.
fn flattest(grey: &Grid<u8>) -> Vec<Vec<f32>> {
    let mut tiles: Vec<(f32, Vec<f32>)> = Vec::new();
    for top in (0..grey.height().saturating_sub(TILE)).step_by(TILE) {
        for left in (0..grey.width().saturating_sub(TILE)).step_by(TILE) {
            let rows = (top..top + TILE).filter_map(|y| grey.row(y).get(left..left + TILE));
            let mut tile: Vec<f32> = rows.flatten().map(|luma| f32::from(*luma)).collect();
            let count = tile.len().max(1) as f32;
            let mean = tile.iter().sum::<f32>() / count;
            tile.iter_mut().for_each(|luma| *luma -= mean);
            let deviation = (tile.iter().map(|luma| luma * luma).sum::<f32>() / count).sqrt();
            if tile.len() == TILE * TILE && mean > MEAN_LUMA_MIN && deviation > DEVIATION_MIN {
                tiles.push((deviation, tile));
            }
        }
    }
    tiles.sort_by(|a, b| a.0.total_cmp(&b.0));
    tiles.truncate(TILES_MAX);
    tiles.into_iter().map(|(_, tile)| tile).collect()
}

/// The power spectrum of a tile that fades out towards its edges.
fn power(tile: &[f32], wave: &Arc<dyn Fft<f32>>) -> Vec<f32> {
    let fade: Vec<f32> = (0..TILE).map(|at| 0.5 - 0.5 * (2.0 * PI * at as f32 / (TILE - 1) as f32).cos()).collect();
    let mut plane = Vec::with_capacity(TILE * TILE);
    for (row, down) in tile.chunks_exact(TILE).zip(&fade) {
        plane.extend(row.iter().zip(&fade).map(|(luma, across)| Complex::new(luma * across * down, 0.0)));
    }
    // One call transforms every row; then the same for columns.
    wave.process(&mut plane);
    let mut turned = turned(&plane);
    wave.process(&mut turned);
    turned.iter().map(Complex::norm_sqr).collect()
}

fn turned(plane: &[Complex<f32>]) -> Vec<Complex<f32>> {
    (0..TILE).flat_map(|column| plane.iter().skip(column).step_by(TILE).copied()).collect()
}

fn highest(shared: &[f32]) -> f64 {
    let mut by_fineness: Vec<Vec<f32>> = vec![Vec::new(); TILE];
    // The other half of the plane says the same again.
    for (v, row) in shared.chunks_exact(TILE).enumerate().take(TILE / 2) {
        for (u, power) in row.iter().enumerate() {
            let across = u.min(TILE - u);
            let fineness = ((across * across + v * v) as f32).sqrt();
            let is_looked_at = across > AXIS_WAVES && v > AXIS_WAVES && (WAVES_MIN..=WAVES_MAX).contains(&fineness);
            if let Some(ring) = by_fineness.get_mut(fineness as usize).filter(|_| is_looked_at) {
                ring.push(*power);
            }
        }
    }
    let rings = by_fineness.windows(RING);
    rings.map(|ring| above_usual(ring.concat())).fold(0.0, f64::max)
}

fn above_usual(mut ring: Vec<f32>) -> f64 {
    ring.sort_by(f32::total_cmp);
    let (Some(most), Some(usual)) = (ring.last(), ring.get(ring.len() / 2)) else { return 0.0 };
    if *usual > 0.0 { f64::from(most / usual) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::GrayImage;

    /// Paper: grain, and curved lines whose direction changes from place to place.
    fn paper(x: u32, y: u32) -> f32 {
        let mixed = (x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663)).wrapping_mul(0x9E37_79B1);
        let grain = (mixed ^ (mixed >> 15)).wrapping_mul(0x85EB_CA6B) >> 29;
        let from_middle = ((x as f32 - 500.0).powi(2) + (y as f32 - 400.0).powi(2)).sqrt();
        180.0 + grain as f32 + 3.0 * (from_middle / 1.7).sin()
    }

    fn measured(luma: impl Fn(u32, u32) -> f32) -> f64 {
        peak(&Grid::of_grey(&GrayImage::from_fn(1_000, 800, |x, y| image::Luma([luma(x, y).clamp(0.0, 255.0) as u8]))))
    }

    #[test]
    fn one_lattice_all_over_stands_out_and_patterns_of_paper_do_not() {
        let on_paper = measured(paper);
        let lattice = |x: u32, y: u32| {
            let (x, y) = (x as f32, y as f32);
            (2.0 * PI * (x * 0.27 + y * 0.05)).sin() * (2.0 * PI * (y * 0.27 - x * 0.05)).sin()
        };
        let on_screen = measured(|x, y| paper(x, y) + 5.0 * lattice(x, y));
        assert!(on_paper < 200.0 && on_screen > 500.0, "{on_paper} {on_screen}");
    }

    #[test]
    fn upright_lines_and_flat_pictures_are_no_lattice() {
        let lines = measured(|x, y| paper(x, y) + if y % 8 == 0 { 40.0 } else { 0.0 });
        assert!(lines < 200.0, "{lines}");
        assert_eq!(measured(|_, _| 200.0), 0.0);
        assert_eq!(peak(&Grid::of_grey(&GrayImage::new(100, 100))), 0.0);
    }
}
