//! Finds machine-readable lines: long, thin, parallel rows of dark strokes of one height, two or three of them.

use super::super::copies;
use super::super::geometry::Point;
use super::super::grid::Grid;
use image::RgbImage;

/// Lines are looked for at this width, in pixels: a character of a passport is still nine pixels high.
const SEARCH_LONG_SIDE: u32 = 700;
/// The shortest row, as a share of the width, and the least length over height.
const LENGTH_SHARE_MIN: f64 = 0.28;
const SLENDER_MIN: f64 = 9.0;
/// Rows lean less than this against the page.
const SLOPE_MAX: f64 = 0.3;
const GROUPS_MAX: usize = 3;
/// More marks than this are gravel.
const MARKS_MAX: usize = 4000;

/// The middle line of a row of characters, from its left end to its right end, in shares of the searched picture's width.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub start: Point,
    pub end: Point,
    pub height: f64,
}

impl Row {
    pub(super) fn length(&self) -> f64 {
        self.start.distance(self.end)
    }

    fn middle(&self) -> Point {
        self.start.towards(self.end, 0.5)
    }

    /// How far a point lies below the row, measured across it.
    fn below(&self, point: Point) -> f64 {
        let length = self.length().max(1e-9);
        let (along_x, along_y) = ((self.end.x - self.start.x) / length, (self.end.y - self.start.y) / length);
        (point.y - self.start.y) * along_x - (point.x - self.start.x) * along_y
    }

    fn slope(&self) -> f64 {
        (self.end.y - self.start.y) / (self.end.x - self.start.x).max(1e-9)
    }
}

/// Groups of two or three rows, most promising first.
pub(super) fn groups(page: &RgbImage) -> Vec<Vec<Row>> {
    let Some(small) = copies::shrunk(page, SEARCH_LONG_SIDE) else {
        return Vec::new();
    };
    let width = f64::from(small.width());
    let grey = Grid::of_grey(&image::imageops::grayscale(&small));
    let mut rows = rows(&ink(&grey), width);
    rows.sort_by(|a, b| a.middle().y.total_cmp(&b.middle().y));
    let mut groups: Vec<Vec<Row>> = Vec::new();
    for (index, first) in rows.iter().enumerate() {
        let mut group = vec![*first];
        for next in rows.iter().skip(index + 1) {
            if group.len() < 3 && group.last().is_some_and(|last| follows(last, next)) {
                group.push(*next);
            }
        }
        if group.len() >= 2 {
            groups.push(group);
        }
    }
    let inked = |group: &Vec<Row>| group.iter().map(Row::length).sum::<f64>();
    groups.sort_by(|a, b| inked(b).total_cmp(&inked(a)));
    groups.truncate(GROUPS_MAX);
    for row in groups.iter_mut().flatten() {
        *row =
            Row { start: row.start.scaled(1.0 / width), end: row.end.scaled(1.0 / width), height: row.height / width };
    }
    groups
}

/// Whether `next` is the line below `last`: as long, as high, parallel and at the distance of printed lines.
fn follows(last: &Row, next: &Row) -> bool {
    let apart = last.below(next.middle());
    let height = last.height.max(next.height);
    let length = last.length().max(next.length());
    (1.3 * height..4.2 * height).contains(&apart)
        && (last.length() - next.length()).abs() < 0.15 * length
        && (last.slope() - next.slope()).abs() < 0.04
        && (last.start.x - next.start.x).abs() < 0.12 * length
}

/// Dark strokes, thinner than a character, joined along the line.
fn ink(grey: &Grid<u8>) -> Grid<bool> {
    let window = (grey.width() / 80).max(5);
    let closed = least(&most(grey, window), window);
    let strokes = closed.with(grey, u8::saturating_sub);
    let threshold = otsu(strokes.values()).max(10);
    let binary = strokes.map(|depth| u8::from(depth > threshold));
    let join = (grey.width() / 36).max(5);
    let joined = binary.by_rows(|row, out| sliding(row, join, u8::max, out));
    joined.by_rows(|row, out| sliding(row, join, u8::min, out)).map(|value| value > 0)
}

fn most(grid: &Grid<u8>, window: usize) -> Grid<u8> {
    let along = grid.by_rows(|row, out| sliding(row, window, u8::max, out));
    along.transposed().by_rows(|row, out| sliding(row, window, u8::max, out)).transposed()
}

fn least(grid: &Grid<u8>, window: usize) -> Grid<u8> {
    let along = grid.by_rows(|row, out| sliding(row, window, u8::min, out));
    along.transposed().by_rows(|row, out| sliding(row, window, u8::min, out)).transposed()
}

/// The extreme of a window around each value; doubling the window until it is wide enough keeps it cheap.
fn sliding(row: &[u8], window: usize, pick: fn(u8, u8) -> u8, out: &mut Vec<u8>) {
    let half = window / 2;
    let (Some(first), Some(last)) = (row.first(), row.last()) else { return };
    let mut values: Vec<u8> = Vec::with_capacity(row.len() + 2 * half);
    values.extend(std::iter::repeat_n(*first, half));
    values.extend_from_slice(row);
    values.extend(std::iter::repeat_n(*last, half));
    let wanted = 2 * half + 1;
    let mut covered = 1;
    while covered < wanted {
        let step = covered.min(wanted - covered);
        let shifted: Vec<u8> = values.iter().skip(step).zip(&values).map(|(a, b)| pick(*a, *b)).collect();
        values = shifted;
        covered += step;
    }
    out.extend(values.into_iter().take(row.len()));
}

/// The threshold that parts values best into two kinds (Otsu).
fn otsu(values: &[u8]) -> u8 {
    let mut counts = [0_u32; 256];
    for value in values {
        if let Some(count) = counts.get_mut(usize::from(*value)) {
            *count += 1;
        }
    }
    let total = f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX));
    let sum: f64 = (0_u32..).zip(&counts).map(|(value, count)| f64::from(value) * f64::from(*count)).sum();
    let (mut below, mut sum_below, mut best, mut threshold) = (0.0, 0.0, -1.0, 0_u8);
    for (value, count) in (0_u8..=255).zip(&counts) {
        below += f64::from(*count);
        sum_below += f64::from(value) * f64::from(*count);
        let above = total - below;
        if below == 0.0 || above <= 0.0 {
            continue;
        }
        let between = below * above * (sum_below / below - (sum - sum_below) / above).powi(2);
        if between > best {
            (best, threshold) = (between, value);
        }
    }
    threshold
}

/// Sums over the pixels of one mark.
#[derive(Default)]
struct Mark {
    count: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

fn rows(ink: &Grid<bool>, width: f64) -> Vec<Row> {
    let mut rows: Vec<Row> = marks(ink).iter().filter_map(as_row).filter(|row| row.slope().abs() < SLOPE_MAX).collect();
    rows.sort_by(|a, b| a.start.x.total_cmp(&b.start.x));
    let mut joined: Vec<Row> = Vec::new();
    for row in rows {
        match joined.iter_mut().find(|other| continues(other, &row)) {
            Some(other) => {
                other.end = row.end;
                other.height = other.height.max(row.height);
            }
            None => joined.push(row),
        }
    }
    joined
        .into_iter()
        .filter(|row| row.length() > LENGTH_SHARE_MIN * width && row.length() > SLENDER_MIN * row.height)
        .collect()
}

/// Whether a row goes on in another after a small gap.
fn continues(row: &Row, other: &Row) -> bool {
    let gap = other.start.x - row.end.x;
    (-row.height..4.0 * row.height).contains(&gap)
        && row.below(other.middle()).abs() < 0.6 * row.height
        && (0.5..2.0).contains(&(row.height / other.height.max(1e-9)))
}

/// The bar with the same moments as the mark.
fn as_row(mark: &Mark) -> Option<Row> {
    if mark.count < 40.0 {
        return None;
    }
    let (x, y) = (mark.x / mark.count, mark.y / mark.count);
    let (xx, yy, xy) = (mark.xx / mark.count - x * x, mark.yy / mark.count - y * y, mark.xy / mark.count - x * y);
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let spread = ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt();
    let (long, short) = ((xx + yy + spread) / 2.0, ((xx + yy - spread) / 2.0).max(0.0));
    let (length, height) = ((12.0 * long).sqrt(), (12.0 * short).sqrt());
    let (half_x, half_y) = (angle.cos() * length / 2.0, angle.sin() * length / 2.0);
    let row =
        Row { start: Point { x: x - half_x, y: y - half_y }, end: Point { x: x + half_x, y: y + half_y }, height };
    (length > 2.5 * height && height > 3.0).then_some(row)
}

/// Connected inked places, each once.
fn marks(ink: &Grid<bool>) -> Vec<Mark> {
    let mut left = ink.clone();
    let mut marks = Vec::new();
    for (y, row) in (0_i32..).zip(ink.rows()) {
        for (x, _) in (0_i32..).zip(row).filter(|(_, inked)| **inked) {
            if left.at(x, y) && marks.len() < MARKS_MAX {
                marks.push(flood(&mut left, x, y));
            }
        }
    }
    marks
}

fn flood(left: &mut Grid<bool>, x: i32, y: i32) -> Mark {
    let mut mark = Mark::default();
    let mut todo = vec![(x, y)];
    left.set(x, y, false);
    while let Some((x, y)) = todo.pop() {
        let (fx, fy) = (f64::from(x), f64::from(y));
        mark.count += 1.0;
        mark.x += fx;
        mark.y += fy;
        mark.xx += fx * fx;
        mark.yy += fy * fy;
        mark.xy += fx * fy;
        for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)] {
            if left.at(x + dx, y + dy) {
                left.set(x + dx, y + dy, false);
                todo.push((x + dx, y + dy));
            }
        }
    }
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_slides_over_its_extremes() {
        let mut out = Vec::new();
        sliding(&[1, 9, 2, 3, 0, 7], 3, u8::max, &mut out);
        assert_eq!(out, [9, 9, 9, 3, 7, 7]);
        let mut out = Vec::new();
        sliding(&[5, 9, 2, 3, 8, 7], 5, u8::min, &mut out);
        assert_eq!(out, [2, 2, 2, 2, 2, 3]);
    }

    #[test]
    fn two_rows_of_strokes_are_a_group_and_a_board_is_none() {
        let strokes = |x: u32, y: u32, rows: &[u32]| {
            rows.iter().any(|top| (*top..top + 10).contains(&y)) && (60..640).contains(&x) && x % 14 < 5
        };
        let page = |rows: &'static [u32]| {
            RgbImage::from_fn(700, 490, |x, y| image::Rgb([if strokes(x, y, rows) { 30 } else { 220 }; 3]))
        };
        let found = groups(&page(&[390, 424]));
        assert_eq!(found.first().map(Vec::len), Some(2), "{found:?}");
        assert!(groups(&page(&[390])).is_empty());
        assert!(groups(&page(&[100, 424])).is_empty());
    }
}
