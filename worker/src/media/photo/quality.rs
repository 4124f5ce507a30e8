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
/// From here on a pixel is blown out.
const BLOWN_FROM: usize = 250;

/// Measures an upright copy; `full_size` is what the camera delivered.
pub(super) fn measure(copy: &RgbImage, full_size: (u32, u32)) -> Option<PhotoMeasures> {
    let grey = image::imageops::grayscale(&copies::shrunk(copy, MEASURED_LONG_SIDE)?);
    let light = light(&grey);
    Some(PhotoMeasures {
        width: full_size.0,
        height: full_size.1,
        sharpness: sharpness(&grey),
        edge_width: edges::median_width(&grey),
        mean_luma: light.mean,
        p5: light.p5,
        p95: light.p95,
        blown_share: light.blown_share,
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
/// Divided by contrast, a dim photo is not taken for a blurred one. No tile with contrast: 0.
fn sharpness(grey: &GrayImage) -> f64 {
    let width = grey.width() as usize;
    let rows: Vec<&[u8]> = grey.as_raw().chunks_exact(width.max(1)).collect();
    let mut tiles: Vec<f64> = Vec::new();
    for band in rows.windows(TILE + 2).step_by(TILE) {
        let mut left = 0;
        while left + TILE + 2 <= width {
            tiles.extend(tile(band, left));
            left += TILE;
        }
    }
    tiles.sort_by(f64::total_cmp);
    let rank = (tiles.len() as f64 * TILE_RANK) as usize;
    tiles.get(rank.min(tiles.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

fn tile(band: &[&[u8]], left: usize) -> Option<f64> {
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
                laplacian.add(
                    f64::from(west) + f64::from(east) + f64::from(*up) + f64::from(*down) - 4.0 * centre,
                );
            }
        }
    }
    let contrast = pixels.variance();
    (contrast >= TILE_VARIANCE_MIN).then(|| laplacian.variance() / contrast)
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
