//! How sharp and how light a photo is: numbers only; what they mean is `domain::precheck`'s to say.

use super::{copies, edges};
use domain::precheck::PhotoMeasures;
use image::{GrayImage, RgbImage};

/// Photos of any size are measured at this length, so that one table of thresholds fits all.
const MEASURED_LONG_SIDE: u32 = 1600;
const TILE: usize = 32;
/// A tile with less spread than this is plain paper or table: its Laplacian is only sensor noise.
const TILE_VARIANCE_MIN: f64 = 150.0;
/// The share of tiles that are less sharp than the number reported.
const TILE_RANK: f64 = 0.9;
/// The share of tiles that are taken to show nothing but the sensor's noise.
const NOISE_RANK: f64 = 0.1;
/// From here on a pixel is blown out.
const BLOWN_FROM: usize = 250;

/// Measures an upright copy; `full_size` is what the camera delivered, `squares` how visible its compression is.
pub(super) fn measure(copy: &RgbImage, full_size: (u32, u32), squares: f64) -> Option<PhotoMeasures> {
    let grey = image::imageops::grayscale(&copies::shrunk(copy, MEASURED_LONG_SIDE)?);
    let light = light(&grey);
    Some(PhotoMeasures {
        width: full_size.0,
        height: full_size.1,
        sharpness: sharpness(&grey),
        edge_width: edges::median_width(&grey),
        squares,
        mean_luma: light.mean,
        p5: light.p5,
        p95: light.p95,
        blown_share: light.blown_share,
        seen: None,
    })
}

struct Light {
    mean: f64,
    p5: f64,
    p95: f64,
    blown_share: f64,
}

fn light(grey: &GrayImage) -> Light {
    let mut counts = [0_u64; 256];
    for value in grey.as_raw() {
        if let Some(count) = counts.get_mut(usize::from(*value)) {
            *count += 1;
        }
    }
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let sum: f64 = counts.iter().enumerate().map(|(value, count)| value as f64 * *count as f64).sum();
    let blown: u64 = counts.iter().skip(BLOWN_FROM).sum();
    Light {
        mean: sum / total,
        p5: percentile(&counts, total * 0.05),
        p95: percentile(&counts, total * 0.95),
        blown_share: blown as f64 / total,
    }
}

fn percentile(counts: &[u64; 256], wanted: f64) -> f64 {
    let mut seen = 0.0;
    for (value, count) in counts.iter().enumerate() {
        seen += *count as f64;
        if seen >= wanted {
            return value as f64;
        }
    }
    255.0
}

/// The variance of the Laplacian over the variance of the pixels, tile by tile; the 90th percentile of the tiles that show anything.
/// Divided by contrast, a dim photo is not taken for a blurred one; less the flattest tiles' Laplacian, a noisy one is not taken for
/// a sharp one. No tile with contrast: 0.
fn sharpness(grey: &GrayImage) -> f64 {
    let width = grey.width() as usize;
    let rows: Vec<&[u8]> = grey.as_raw().chunks_exact(width.max(1)).collect();
    let mut tiles: Vec<Tile> = Vec::new();
    for band in rows.windows(TILE + 2).step_by(TILE) {
        let mut left = 0;
        while left + TILE + 2 <= width {
            tiles.extend(tile(band, left));
            left += TILE;
        }
    }
    let noise = ranked(tiles.iter().map(|tile| tile.laplacian).collect(), NOISE_RANK);
    let shown = tiles.iter().filter(|tile| tile.contrast >= TILE_VARIANCE_MIN);
    ranked(shown.map(|tile| (tile.laplacian - noise).max(0.0) / tile.contrast).collect(), TILE_RANK)
}

/// The value that the given share of the others is below; 0 of none.
fn ranked(mut values: Vec<f64>, rank: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (values.len() as f64 * rank) as usize;
    values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// Two variances of one tile.
struct Tile {
    contrast: f64,
    laplacian: f64,
}

fn tile(band: &[&[u8]], left: usize) -> Option<Tile> {
    let mut pixels = Spread::default();
    let mut laplacian = Spread::default();
    for rows in band.windows(3) {
        let [above, here, below] = rows else { continue };
        let above = above.get(left + 1..left + 1 + TILE)?;
        let below = below.get(left + 1..left + 1 + TILE)?;
        let here = here.get(left..left + TILE + 2)?;
        for ((trio, up), down) in here.windows(3).zip(above).zip(below) {
            if let [west, centre, east] = *trio {
                let centre = f64::from(centre);
                pixels.add(centre);
                laplacian.add(f64::from(west) + f64::from(east) + f64::from(*up) + f64::from(*down) - 4.0 * centre);
            }
        }
    }
    Some(Tile { contrast: pixels.variance(), laplacian: laplacian.variance() })
}

#[derive(Default)]
struct Spread {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn variance(&self) -> f64 {
        if self.count == 0.0 {
            return 0.0;
        }
        let mean = self.sum / self.count;
        (self.squares / self.count - mean * mean).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A board of dark and light squares, a third of it left plain.
    fn board() -> GrayImage {
        GrayImage::from_fn(960, 640, |x, y| {
            let is_light = x < 320 || (x / 16 + y / 16) % 2 == 0;
            image::Luma([if is_light { 170 } else { 80 }])
        })
    }

    #[test]
    fn blur_lowers_sharpness_and_noise_does_not_hide_it() {
        let sharp = sharpness(&board());
        let blurred = image::imageops::blur(&board(), 4.0);
        let noisy = GrayImage::from_fn(960, 640, |x, y| {
            let speck = speck(x, y);
            image::Luma([blurred.get_pixel(x, y).0.first().map_or(0, |value| value.saturating_add(speck))])
        });
        let (blurred, noisy) = (sharpness(&blurred), sharpness(&noisy));
        assert!(blurred < sharp / 10.0, "sharp {sharp}, blurred {blurred}");
        assert!(noisy < sharp / 4.0, "sharp {sharp}, blurred and noisy {noisy}");
    }

    #[test]
    fn light_is_measured_in_shares_of_pixels() {
        let half = GrayImage::from_fn(100, 100, |x, _| image::Luma([if x < 50 { 0 } else { 255 }]));
        let light = light(&half);
        assert!((light.mean - 127.5).abs() < 1e-9 && (light.blown_share - 0.5).abs() < 1e-9);
        assert!(light.p5 < 1.0 && light.p95 > 254.0);
    }

    fn speck(x: u32, y: u32) -> u8 {
        let mixed = (x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663)).wrapping_mul(2_654_435_761);
        u8::try_from((mixed >> 24) % 12).unwrap_or(0)
    }
}
