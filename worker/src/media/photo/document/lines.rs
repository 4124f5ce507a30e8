//! Straight lines among the edges (Hough transform): each edge votes only for lines in its own direction.

use super::super::geometry::Point;
use super::contrast::{DIRECTIONS, Edge, apart};

/// Lines kept of each bent: upright ones and lying ones. A boarded desk alone brings ten.
const LINES_MAX: usize = 18;
/// An edge votes for this many degrees to either side of its own direction.
const VOTE_SPREAD: i32 = 2;
/// Lines closer together than both of these are one.
const SAME_DEGREES: f64 = 4.0;
const SAME_PIXELS: f64 = 6.0;

/// `x·cos + y·sin = offset`, with the normal's direction in degrees, 0 to 179.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub direction: f64,
    pub offset: f64,
}

impl Line {
    pub(super) fn through(start: Point, end: Point) -> Line {
        let along = (end.y - start.y).atan2(end.x - start.x).to_degrees();
        let line = Line { direction: (along + 90.0).rem_euclid(f64::from(DIRECTIONS)), offset: 0.0 };
        Line { offset: line.distance(start.x, start.y), ..line }
    }

    /// How far a point lies from the line, signed.
    pub(super) fn distance(self, x: f64, y: f64) -> f64 {
        let (sin, cos) = self.direction.to_radians().sin_cos();
        x * cos + y * sin - self.offset
    }

    pub(super) fn crossing(self, other: Line) -> Option<(f64, f64)> {
        let (sin_a, cos_a) = self.direction.to_radians().sin_cos();
        let (sin_b, cos_b) = other.direction.to_radians().sin_cos();
        let determinant = cos_a * sin_b - cos_b * sin_a;
        (determinant.abs() > 0.05).then(|| {
            (
                (self.offset * sin_b - other.offset * sin_a) / determinant,
                (cos_a * other.offset - cos_b * self.offset) / determinant,
            )
        })
    }

    /// Whether it lies rather than stands.
    fn is_lying(self) -> bool {
        (45.0..135.0).contains(&self.direction)
    }
}

/// The strongest lying and the strongest upright lines.
pub(super) fn strongest(edges: &[Edge], width: u32, height: u32) -> (Vec<Line>, Vec<Line>) {
    let reach = f64::from(width).hypot(f64::from(height)).ceil();
    let votes = vote(edges, reach);
    let bins = (2.0 * reach) as usize + 1;
    let mut peaks: Vec<(u32, Line)> = Vec::new();
    for (direction, row) in votes.chunks_exact(bins).enumerate() {
        for (bin, around) in row.windows(3).enumerate() {
            if let [before, here, after] = *around
                && here >= 12
                && here >= before
                && here > after
            {
                let offset = (bin + 1) as f64 - reach;
                peaks.push((here, Line { direction: direction as f64, offset }));
            }
        }
    }
    peaks.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let (mut lying, mut upright) = (Vec::new(), Vec::new());
    for (_, line) in peaks {
        let kept: &mut Vec<Line> = if line.is_lying() { &mut lying } else { &mut upright };
        if kept.len() < LINES_MAX && !kept.iter().any(|other| is_same(*other, line)) {
            kept.push(line);
        }
        if lying.len() == LINES_MAX && upright.len() == LINES_MAX {
            break;
        }
    }
    (lying, upright)
}

/// The line through points by least squares of their distance to it.
pub(super) fn fitted(points: &[(f64, f64)]) -> Option<Line> {
    let count = points.len() as f64;
    if points.len() < 8 {
        return None;
    }
    let (mean_x, mean_y) =
        (points.iter().map(|p| p.0).sum::<f64>() / count, points.iter().map(|p| p.1).sum::<f64>() / count);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    // The normal is the axis of least spread.
    let along = 0.5 * (2.0 * xy).atan2(xx - yy);
    let mut direction = along.to_degrees() + 90.0;
    direction = direction.rem_euclid(f64::from(DIRECTIONS));
    let line = Line { direction, offset: 0.0 };
    Some(Line { direction, offset: line.distance(mean_x, mean_y) })
}

fn is_same(a: Line, b: Line) -> bool {
    if apart(a.direction, b.direction) > SAME_DEGREES {
        return false;
    }
    // Across the turn from 179 to 0 degrees the offset changes its sign.
    let turned = (a.direction - b.direction).abs() > 90.0;
    let other = if turned { -b.offset } else { b.offset };
    (a.offset - other).abs() < SAME_PIXELS
}

fn vote(edges: &[Edge], reach: f64) -> Vec<u32> {
    let bins = (2.0 * reach) as usize + 1;
    let turns: Vec<(f64, f64)> = (0..DIRECTIONS).map(|degree| f64::from(degree).to_radians().sin_cos()).collect();
    let mut votes = vec![0_u32; bins * turns.len()];
    for edge in edges {
        for off in -VOTE_SPREAD..=VOTE_SPREAD {
            let direction = (edge.direction + off).rem_euclid(DIRECTIONS) as usize;
            let Some((sin, cos)) = turns.get(direction) else { continue };
            let offset = f64::from(edge.x) * cos + f64::from(edge.y) * sin;
            let bin = (offset + reach).round() as usize;
            if let Some(count) = votes.get_mut(direction * bins + bin.min(bins - 1)) {
                *count += 1;
            }
        }
    }
    votes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_give_the_line_back() {
        for degree in [0.0_f64, 30.0, 89.0, 120.0, 179.0] {
            let (sin, cos) = degree.to_radians().sin_cos();
            let points: Vec<(f64, f64)> =
                (-20..20).map(|t| (40.0 * cos - f64::from(t) * sin, 40.0 * sin + f64::from(t) * cos)).collect();
            let line = fitted(&points).unwrap();
            assert!(apart(line.direction, degree) < 1e-6, "{degree}: {line:?}");
            assert!(points.iter().all(|(x, y)| line.distance(*x, *y).abs() < 1e-6));
        }
    }

    #[test]
    fn perpendicular_lines_cross_and_parallel_ones_do_not() {
        let lying = Line { direction: 90.0, offset: 7.0 };
        let upright = Line { direction: 0.0, offset: 5.0 };
        let (x, y) = lying.crossing(upright).unwrap();
        assert!((x - 5.0).abs() < 1e-9 && (y - 7.0).abs() < 1e-9);
        assert!(lying.crossing(Line { direction: 91.0, offset: 9.0 }).is_none());
    }
}
