//! A picture as linear light, in which defocus, motion, exposure and reflections add up as they do in a lens.

use crate::dice::Dice;
use image::{Rgb, RgbImage};
use std::sync::OnceLock;

/// Linear light; 1 is where the sensor clips. Rows one after the other, three numbers a pixel.
pub struct Light {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

impl Light {
    /// Each pixel by its place.
    pub fn drawn(width: usize, height: usize, mut pixel: impl FnMut(usize, usize) -> [f32; 3]) -> Light {
        let mut values = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                values.extend(pixel(x, y));
            }
        }
        Light { width, height, values }
    }

    pub fn at(&self, x: usize, y: usize) -> [f32; 3] {
        let at = (y * self.width + x) * 3;
        self.values.get(at..at + 3).and_then(|pixel| pixel.try_into().ok()).unwrap_or_default()
    }

    /// Multiplies by two for each stop, and each colour by its share of the light.
    pub fn expose(&mut self, stops: f32, tint: [f32; 3]) {
        let gain = stops.exp2();
        for pixel in self.values.chunks_exact_mut(3) {
            pixel.iter_mut().zip(tint).for_each(|(value, tint)| *value *= gain * tint);
        }
    }

    /// Gaussian defocus of `sigma` pixels.
    pub fn blur(&mut self, sigma: f32) {
        let reach = (sigma * 3.0).ceil() as i32;
        let mut taps: Vec<(i32, i32, f32)> =
            (-reach..=reach).map(|at| (at, 0, (-0.5 * (at as f32 / sigma).powi(2)).exp())).collect();
        normalise(&mut taps);
        self.gather(&taps);
        taps.iter_mut().for_each(|tap| *tap = (0, tap.0, tap.2));
        self.gather(&taps);
    }

    /// The camera moved by `length` pixels in a straight line while the shutter was open.
    pub fn shake(&mut self, length: f32, angle: f32) {
        let steps = length.ceil().max(1.0) as i32;
        let mut taps: Vec<(i32, i32, f32)> = (0..=steps)
            .map(|step| (step as f32 / steps as f32 - 0.5) * length)
            .map(|along| ((along * angle.cos()).round() as i32, (along * angle.sin()).round() as i32, 1.0))
            .collect();
        normalise(&mut taps);
        self.gather(&taps);
    }

    /// A lamp's reflection that burns out a disc of `radius` pixels with a soft rim.
    pub fn glare(&mut self, (x, y): (f32, f32), radius: f32) {
        // Six times what clips at its middle falls to what clips at this share of the rim's own radius.
        const PEAK: f32 = 6.0;
        let rim = radius / PEAK.ln().powf(0.25);
        let width = self.width;
        for (index, pixel) in self.values.chunks_exact_mut(3).enumerate() {
            let (dx, dy) = ((index % width) as f32 - x, (index / width) as f32 - y);
            let distance = (dx * dx + dy * dy) / (rim * rim);
            if distance < 4.0 {
                let added = PEAK * (-distance * distance).exp();
                pixel.iter_mut().for_each(|value| *value += added);
            }
        }
    }

    /// The picture file's pixels, with sensor noise of `noise` levels of 255.
    pub fn developed(&self, noise: f32, dice: &mut Dice) -> RgbImage {
        let mut picture = RgbImage::new(self.width as u32, self.height as u32);
        for (to, from) in picture.pixels_mut().zip(self.values.chunks_exact(3)) {
            let grain = dice.normal() * noise;
            // Brightness varies more than colour: most of a camera's colour noise is smoothed away.
            let level =
                |value: f32, dice: &mut Dice| (encoded(value) + grain + dice.normal() * noise * 0.4).round() as u8;
            if let [red, green, blue] = *from {
                *to = Rgb([level(red, dice), level(green, dice), level(blue, dice)]);
            }
        }
        picture
    }

    /// Each pixel becomes the weighted sum of those at the taps' distances; the rim is repeated outwards.
    fn gather(&mut self, taps: &[(i32, i32, f32)]) {
        let (stride, rows) = (self.width * 3, self.height as i32);
        let reach = taps.iter().map(|tap| tap.0.unsigned_abs() as usize).max().unwrap_or(0);
        let padded: Vec<Vec<f32>> = self.values.chunks_exact(stride).map(|row| pad(row, reach)).collect();
        let sums = self.values.chunks_exact_mut(stride).enumerate();
        for (y, sum) in sums {
            sum.fill(0.0);
            for (dx, dy, weight) in taps {
                let row = (y as i32 + dy).clamp(0, rows - 1) as usize;
                let from = ((reach as i32 + dx) * 3) as usize;
                let source = padded.get(row).and_then(|row| row.get(from..from + stride)).unwrap_or_default();
                sum.iter_mut().zip(source).for_each(|(sum, value)| *sum += weight * value);
            }
        }
    }
}

/// sRGB (IEC 61966-2-1) to linear light, from a table of sixteenths of a level.
pub fn linear(level: f32) -> f32 {
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    let table = TABLE.get_or_init(|| (0..=255 * 16).map(|step| decode(step as f32 / (255.0 * 16.0))).collect());
    table.get((level * 16.0 + 0.5) as usize).copied().unwrap_or(1.0)
}

/// Linear light to sRGB levels, clipped, from a table over the square root, which spreads the dark end.
pub fn encoded(light: f32) -> f32 {
    const STEPS: usize = 1 << 14;
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    let table = TABLE.get_or_init(|| (0..=STEPS).map(|step| encode((step as f32 / STEPS as f32).powi(2))).collect());
    let step = (light.clamp(0.0, 1.0).sqrt() * STEPS as f32 + 0.5) as usize;
    table.get(step).copied().unwrap_or(255.0)
}

fn decode(share: f32) -> f32 {
    if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

fn encode(light: f32) -> f32 {
    255.0 * if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

fn normalise(taps: &mut [(i32, i32, f32)]) {
    let sum: f32 = taps.iter().map(|tap| tap.2).sum();
    taps.iter_mut().for_each(|tap| tap.2 /= sum);
}

fn pad(row: &[f32], reach: usize) -> Vec<f32> {
    let first = row.first_chunk::<3>().copied().unwrap_or_default();
    let last = row.last_chunk::<3>().copied().unwrap_or_default();
    let mut padded = Vec::with_capacity(row.len() + reach * 6);
    (0..reach).for_each(|_| padded.extend(first));
    padded.extend(row);
    (0..reach).for_each(|_| padded.extend(last));
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stripes 8 pixels wide.
    fn stripes() -> Light {
        Light::drawn(128, 64, |x, _| [if x / 8 % 2 == 0 { 0.1 } else { 0.6 }; 3])
    }

    fn steepest(light: &Light) -> f32 {
        let steps = light.values.chunks_exact(3).zip(light.values.chunks_exact(3).skip(1));
        let inside = steps.enumerate().filter(|(index, _)| index % light.width != light.width - 1);
        inside.map(|(_, (one, next))| (one[0] - next[0]).abs()).fold(0.0, f32::max)
    }

    fn mean(light: &Light) -> f32 {
        light.values.iter().sum::<f32>() / light.values.len() as f32
    }

    #[test]
    fn blur_flattens_edges_by_its_strength_and_keeps_the_light() {
        let (sharp, mut mild, mut strong) = (stripes(), stripes(), stripes());
        mild.blur(1.0);
        strong.blur(3.0);
        assert!((steepest(&sharp) - 0.5).abs() < 1e-6);
        // A step of 0.5 blurred by σ 1 rises by 0.5 × Φ at half a pixel each way.
        assert!((steepest(&mild) - 0.5 * 0.3829).abs() < 0.01, "{}", steepest(&mild));
        assert!(steepest(&strong) < 0.08);
        assert!((mean(&sharp) - mean(&strong)).abs() < 0.01);
    }

    #[test]
    fn shake_blurs_along_its_direction_only() {
        let (mut along, mut across) = (stripes(), stripes());
        along.shake(6.0, std::f32::consts::FRAC_PI_2);
        across.shake(6.0, 0.0);
        assert!((steepest(&along) - 0.5).abs() < 1e-5);
        assert!(steepest(&across) < 0.1);
    }

    #[test]
    fn a_stop_doubles_the_light_and_glare_burns_out_the_disc_it_names() {
        let mut light = stripes();
        light.expose(1.0, [1.0; 3]);
        assert!((mean(&light) - 0.7).abs() < 1e-4);
        let mut dark = Light::drawn(200, 200, |_, _| [0.0; 3]);
        dark.glare((100.0, 100.0), 40.0);
        let clipped = dark.values.chunks_exact(3).filter(|pixel| pixel[0] >= 1.0).count() as f32;
        assert!((clipped / (40.0 * 40.0 * std::f32::consts::PI) - 1.0).abs() < 0.02, "{clipped}");
    }

    #[test]
    fn developing_is_undone_by_the_curve_and_noise_has_its_deviation() {
        for level in [0.0_f32, 3.0, 60.0, 128.0, 254.0] {
            assert!((encoded(linear(level)) - level).abs() < 0.05);
        }
        let grey = Light::drawn(200, 100, |_, _| [linear(128.0); 3]);
        let noisy = grey.developed(10.0, &mut Dice::of(1, "noise", 0));
        let squares: f32 = noisy.pixels().map(|pixel| (f32::from(pixel.0[1]) - 128.0).powi(2)).sum();
        let deviation = (squares / 20_000.0).sqrt();
        assert!((10.0..11.5).contains(&deviation), "{deviation}");
    }
}
