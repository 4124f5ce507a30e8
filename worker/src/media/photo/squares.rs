//! How visible the squares are in which JPEG compresses a picture: where they are plain to see, fine print is gone.

use super::decode::Picture;

/// Compression works on squares of this many pixels, counted from the corner of the picture as it lies in the file.
const SQUARE: usize = 8;
/// Every so manieth line is enough for a mean.
const LINE_STEP: usize = 7;
/// Mean steps smaller than this, in levels, are a picture of nothing.
const STEP_MIN: f64 = 0.05;

/// The mean step between neighbours across the squares' borders, over the mean step in their middle, along rows or along columns,
/// whichever shows more. About 1 where nothing is seen of the squares.
pub(super) fn visibility(picture: &Picture) -> f64 {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let bytes = if picture.has_alpha { 4 } else { 3 };
    // Green carries most of the light.
    let level = |x: usize, y: usize| picture.pixels.get((y * width + x) * bytes + 1).copied().unwrap_or(0);
    let (mut along_rows, mut along_columns) = (Steps::default(), Steps::default());
    for y in (0..height).step_by(LINE_STEP) {
        (1..width).for_each(|x| along_rows.add(x, level(x - 1, y), level(x, y)));
    }
    for y in 1..height {
        (0..width).step_by(LINE_STEP).for_each(|x| along_columns.add(y, level(x, y - 1), level(x, y)));
    }
    along_rows.ratio().max(along_columns.ratio())
}

/// Sums of steps by where in a square they lie.
#[derive(Default)]
struct Steps {
    sums: [u64; SQUARE],
    counts: [u64; SQUARE],
}

impl Steps {
    fn add(&mut self, at: usize, before: u8, here: u8) {
        if let (Some(sum), Some(count)) = (self.sums.get_mut(at % SQUARE), self.counts.get_mut(at % SQUARE)) {
            *sum += u64::from(before.abs_diff(here));
            *count += 1;
        }
    }

    fn ratio(&self) -> f64 {
        let mean = |at: usize| {
            let (sum, count) = (self.sums.get(at).copied().unwrap_or(0), self.counts.get(at).copied().unwrap_or(0));
            sum as f64 / count.max(1) as f64
        };
        // Beside the border a step is wrong in the other direction; the middle is what the picture has of its own.
        let middle = [3, 4, 5].into_iter().map(mean).sum::<f64>() / 3.0;
        if mean(0).max(middle) < STEP_MIN { 1.0 } else { mean(0) / middle.max(STEP_MIN) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::metadata::Orientation;

    fn picture(level: impl Fn(u32, u32) -> u8) -> Picture {
        let pixels = (0..96).flat_map(|y| (0..160).map(move |x| (x, y))).flat_map(|(x, y)| [level(x, y); 3]).collect();
        Picture { pixels, has_alpha: false, width: 160, height: 96, orientation: Orientation::NoTransforms }
    }

    #[test]
    fn squares_of_eight_show_and_other_patterns_do_not() {
        let slope = visibility(&picture(|x, y| u8::try_from(x + y).unwrap()));
        assert!((0.9..1.1).contains(&slope), "{slope}");
        let coarse = visibility(&picture(|x, y| u8::try_from(x / 8 * 8 + y / 16 * 8).unwrap()));
        assert!(coarse > 20.0, "{coarse}");
        let print = visibility(&picture(|x, _| if x / 5 % 2 == 0 { 30 } else { 200 }));
        assert!((0.5..1.5).contains(&print), "{print}");
        assert!((visibility(&picture(|_, _| 90)) - 1.0).abs() < 1e-9);
    }
}
