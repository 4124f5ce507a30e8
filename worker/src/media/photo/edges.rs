//! How many pixels the typical edge takes to rise: blur widens edges, noise does not, so this cross-checks the Laplacian.

use image::GrayImage;

/// A rise smaller than this, in grey levels, is texture or noise and no edge.
const RISE_MIN: i32 = 48;
/// Every third line is enough for a median.
const LINE_STEP: usize = 3;
/// Fewer edges than this say nothing.
const EDGES_MIN: u32 = 50;
/// The widest edge that is counted by its own width.
const WIDTH_MAX: usize = 64;

/// The median edge width in pixels, along rows or along columns, whichever is worse: motion blurs one direction only.
/// Without enough edges: 0.
pub(super) fn median_width(grey: &GrayImage) -> f64 {
    let width = (grey.width() as usize).max(1);
    let raw = grey.as_raw();
    let mut along_rows = Histogram::default();
    for row in raw.chunks_exact(width).step_by(LINE_STEP) {
        along_rows.add_line(row.iter().copied());
    }
    let mut along_columns = Histogram::default();
    for column in (0..width).step_by(LINE_STEP) {
        along_columns.add_line(raw.iter().skip(column).step_by(width).copied());
    }
    along_rows.median().max(along_columns.median())
}

struct Histogram {
    counts: [u32; WIDTH_MAX],
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { counts: [0; WIDTH_MAX] }
    }
}

impl Histogram {
    /// Walks a line of pixels as a chain of rises and falls and counts the ones that are edges.
    fn add_line(&mut self, line: impl Iterator<Item = u8>) {
        let mut values = line.map(i32::from);
        let Some(first) = values.next() else { return };
        let (mut start, mut last, mut length, mut direction) = (first, first, 0_usize, 0_i32);
        for value in values {
            let step = (value - last).signum();
            if step != 0 && step == direction {
                length += 1;
            } else {
                self.add_run(start, last, length);
                (start, length, direction) = (last, usize::from(step != 0), step);
            }
            last = value;
        }
        self.add_run(start, last, length);
    }

    fn add_run(&mut self, start: i32, end: i32, length: usize) {
        if (end - start).abs() < RISE_MIN {
            return;
        }
        if let Some(count) = self.counts.get_mut(length.min(WIDTH_MAX - 1)) {
            *count += 1;
        }
    }

    /// The median, between whole pixels by linear interpolation.
    fn median(&self) -> f64 {
        let total: u32 = self.counts.iter().sum();
        if total < EDGES_MIN {
            return 0.0;
        }
        let half = f64::from(total) / 2.0;
        let mut below = 0.0;
        for (width, count) in self.counts.iter().enumerate() {
            let count = f64::from(*count);
            if below + count >= half {
                return width as f64 - 0.5 + (half - below) / count;
            }
            below += count;
        }
        WIDTH_MAX as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars of 40 pixels whose flanks take `flank` pixels.
    fn bars(flank: u32) -> GrayImage {
        GrayImage::from_fn(800, 300, |x, _| {
            let at = x % 40;
            let level = if at < 20 { at.min(flank) } else { flank - (at - 20).min(flank) };
            image::Luma([u8::try_from(40 + level * 160 / flank).unwrap_or(0)])
        })
    }

    #[test]
    fn wider_flanks_measure_wider() {
        let widths: Vec<f64> = [1, 3, 6, 12].into_iter().map(|flank| median_width(&bars(flank))).collect();
        assert!(widths.windows(2).all(|pair| matches!(pair, [a, b] if a < b)), "{widths:?}");
        assert!(widths.last().is_some_and(|widest| (11.0..13.0).contains(widest)), "{widths:?}");
    }

    #[test]
    fn plain_paper_has_no_edges() {
        assert!(median_width(&GrayImage::from_pixel(400, 300, image::Luma([180]))) < f64::EPSILON);
    }
}
