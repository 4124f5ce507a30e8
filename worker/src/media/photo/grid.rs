//! A plane of numbers that is never read or written outside its edges: beyond them lies the default.

use image::{GrayImage, RgbImage};

#[derive(Debug, Clone)]
pub(super) struct Grid<T> {
    width: usize,
    height: usize,
    values: Vec<T>,
}

impl<T: Copy + Default> Grid<T> {
    pub(super) fn new(width: usize, height: usize) -> Grid<T> {
        Grid { width, height, values: vec![T::default(); width * height] }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    pub(super) fn at(&self, x: i32, y: i32) -> T {
        self.index(x, y).and_then(|index| self.values.get(index)).copied().unwrap_or_default()
    }

    pub(super) fn set(&mut self, x: i32, y: i32, value: T) {
        if let Some(place) = self.index(x, y).and_then(|index| self.values.get_mut(index)) {
            *place = value;
        }
    }

    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, T> {
        self.values.chunks_exact(self.width.max(1))
    }

    pub(super) fn row(&self, y: usize) -> &[T] {
        self.values.get(y * self.width..(y + 1) * self.width).unwrap_or(&[])
    }

    pub(super) fn map<U>(&self, change: impl Fn(T) -> U) -> Grid<U> {
        Grid {
            width: self.width,
            height: self.height,
            values: self.values.iter().map(|value| change(*value)).collect(),
        }
    }

    /// A grid made value by value from this one and another of the same size.
    pub(super) fn with<U>(&self, other: &Grid<T>, make: impl Fn(T, T) -> U) -> Grid<U> {
        let values = self.values.iter().zip(&other.values).map(|(a, b)| make(*a, *b)).collect();
        Grid { width: self.width, height: self.height, values }
    }

    pub(super) fn transposed(&self) -> Grid<T> {
        let mut values = Vec::with_capacity(self.values.len());
        for x in 0..self.width {
            values.extend(self.values.iter().skip(x).step_by(self.width.max(1)).copied());
        }
        Grid { width: self.height, height: self.width, values }
    }

    /// A grid of the same size whose every row is made from the row there.
    pub(super) fn by_rows<U>(&self, make: impl Fn(&[T], &mut Vec<U>)) -> Grid<U> {
        let mut values = Vec::with_capacity(self.values.len());
        for row in self.rows() {
            make(row, &mut values);
        }
        Grid { width: self.width, height: self.height, values }
    }

    fn index(&self, x: i32, y: i32) -> Option<usize> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.width && y < self.height).then(|| y * self.width + x)
    }
}

impl Grid<u8> {
    pub(super) fn of_grey(image: &GrayImage) -> Grid<u8> {
        Grid { width: image.width() as usize, height: image.height() as usize, values: image.as_raw().clone() }
    }

    /// One colour of a picture: 0 red, 1 green, 2 blue.
    pub(super) fn of_colour(image: &RgbImage, colour: usize) -> Grid<u8> {
        let values = image.as_raw().iter().skip(colour).step_by(3).copied().collect();
        Grid { width: image.width() as usize, height: image.height() as usize, values }
    }

    /// Blurred a little, by a binomial of five along rows and columns.
    pub(super) fn softened(&self) -> Grid<u8> {
        self.by_rows(soften).transposed().by_rows(soften).transposed()
    }

    /// The value between pixels, by distance to the four around; edges repeat.
    pub(super) fn between(&self, x: f64, y: f64) -> f64 {
        let (right, bottom) = (self.width.saturating_sub(1) as f64, self.height.saturating_sub(1) as f64);
        let (x, y) = (x.clamp(0.0, right), y.clamp(0.0, bottom));
        let (left, top) = (x.floor(), y.floor());
        let (across, down) = (x - left, y - top);
        let (left, top) = (left as i32, top as i32);
        let value = |dx: i32, dy: i32| f64::from(self.at((left + dx).min(right as i32), (top + dy).min(bottom as i32)));
        let upper = value(0, 0) * (1.0 - across) + value(1, 0) * across;
        let lower = value(0, 1) * (1.0 - across) + value(1, 1) * across;
        upper * (1.0 - down) + lower * down
    }
}

fn soften(row: &[u8], out: &mut Vec<u8>) {
    let (Some(first), Some(last)) = (row.first(), row.last()) else { return };
    let before = [*first; 2];
    let after = [*last; 2];
    let padded: Vec<u16> = before.iter().chain(row).chain(&after).map(|value| u16::from(*value)).collect();
    out.extend(padded.windows(5).map(|five| match *five {
        [a, b, c, d, e] => u8::try_from((a + 4 * b + 6 * c + 4 * d + e + 8) / 16).unwrap_or(u8::MAX),
        _ => 0,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_edge_lies_the_default_and_between_pixels_the_mean() {
        let grey = GrayImage::from_fn(4, 3, |x, y| image::Luma([u8::try_from(10 * x + 100 * (y % 2)).unwrap()]));
        let grid = Grid::of_grey(&grey);
        assert_eq!((grid.at(3, 1), grid.at(4, 0), grid.at(-1, 0), grid.at(0, 3)), (130, 0, 0, 0));
        assert!((grid.between(0.5, 0.5) - 55.0).abs() < 1e-9);
        assert!((grid.between(9.0, -4.0) - 30.0).abs() < 1e-9);
        assert_eq!(grid.transposed().at(1, 3), 130);
        assert_eq!(Grid::of_grey(&GrayImage::from_pixel(9, 9, image::Luma([77]))).softened().at(4, 8), 77);
    }
}
