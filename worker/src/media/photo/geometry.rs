//! Four corners and the projective map of a rectangle onto them, so that what is read on a flattened page points back to the photo.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

/// The corners of something rectangular in the order top left, top right, bottom right, bottom left, as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Quad(pub [Point; 4]);

/// Maps the unit square onto a quad (Heckbert's construction of a projective map).
#[derive(Debug, Clone, Copy)]
pub(super) struct Projection {
    across: [f64; 3],
    down: [f64; 3],
    depth: [f64; 2],
}

/// One line of a [`Projection`].
#[derive(Debug, Clone, Copy)]
pub(super) struct ProjectionRow {
    across: [f64; 2],
    down: [f64; 2],
    depth: [f64; 2],
}

impl Point {
    pub(super) fn distance(self, other: Point) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point at `share` of the way to `other`.
    pub(super) fn towards(self, other: Point, share: f64) -> Point {
        Point { x: self.x + (other.x - self.x) * share, y: self.y + (other.y - self.y) * share }
    }

    pub(super) fn scaled(self, by: f64) -> Point {
        Point { x: self.x * by, y: self.y * by }
    }
}

impl Quad {
    /// The whole of a picture.
    pub(super) fn whole(width: u32, height: u32) -> Quad {
        let (right, bottom) = (f64::from(width), f64::from(height));
        Quad([(0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)].map(|(x, y)| Point { x, y }))
    }

    /// The same corners read after so many quarter turns of the document against the clock.
    pub(super) fn turned(self, quarters: usize) -> Quad {
        let mut corners = self.0;
        corners.rotate_left(quarters % 4);
        Quad(corners)
    }

    pub(super) fn scaled(self, by: f64) -> Quad {
        Quad(self.0.map(|corner| corner.scaled(by)))
    }

    pub(super) fn sides(self) -> [(Point, Point); 4] {
        let [a, b, c, d] = self.0;
        [(a, b), (b, c), (c, d), (d, a)]
    }

    pub(super) fn area(self) -> f64 {
        let twice: f64 = self.sides().iter().map(|(a, b)| a.x * b.y - b.x * a.y).sum();
        twice / 2.0
    }

    /// Whether the upright boxes around both share no point.
    pub(super) fn is_apart_from(self, other: Quad) -> bool {
        let span = |quad: Quad, pick: fn(&Point) -> f64| {
            let sides = quad.0.iter().map(pick);
            (sides.clone().fold(f64::INFINITY, f64::min), sides.fold(f64::NEG_INFINITY, f64::max))
        };
        let apart = |pick: fn(&Point) -> f64| {
            let (own, its) = (span(self, pick), span(other, pick));
            own.1 < its.0 || its.1 < own.0
        };
        apart(|point| point.x) || apart(|point| point.y)
    }

    /// Whether all corners of another lie inside this one, which must be convex.
    pub(super) fn contains(self, other: Quad) -> bool {
        let is_inside = |at: &Point| {
            self.sides().iter().all(|(a, b)| (b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x) >= 0.0)
        };
        other.0.iter().all(is_inside)
    }

    /// All corners turn the same way, clockwise on a screen.
    pub(super) fn is_convex(self) -> bool {
        let [a, b, c, d] = self.0;
        [(a, b, c), (b, c, d), (c, d, a), (d, a, b)]
            .iter()
            .all(|(a, b, c)| (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x) > 0.0)
    }

    /// Mean width over mean height.
    pub(super) fn aspect(self) -> f64 {
        let [top, right, bottom, left] = self.sides().map(|(a, b)| a.distance(b));
        (top + bottom) / (left + right).max(1e-9)
    }

    /// How much longer the longer of two opposite sides is, in the pair that differs more; 1 seen from straight above.
    pub(super) fn convergence(self) -> f64 {
        let [top, right, bottom, left] = self.sides().map(|(a, b)| a.distance(b).max(1e-9));
        (top / bottom).max(bottom / top).max(left / right).max(right / left)
    }

    pub(super) fn projection(self) -> Projection {
        let [a, b, c, d] = self.0;
        let (bend_x, bend_y) = (a.x - b.x + c.x - d.x, a.y - b.y + c.y - d.y);
        let (right_x, right_y) = (b.x - c.x, b.y - c.y);
        let (left_x, left_y) = (d.x - c.x, d.y - c.y);
        let determinant = right_x * left_y - left_x * right_y;
        let (g, h) = if determinant.abs() < 1e-12 {
            (0.0, 0.0)
        } else {
            ((bend_x * left_y - left_x * bend_y) / determinant, (right_x * bend_y - bend_x * right_y) / determinant)
        };
        Projection {
            across: [b.x - a.x + g * b.x, d.x - a.x + h * d.x, a.x],
            down: [b.y - a.y + g * b.y, d.y - a.y + h * d.y, a.y],
            depth: [g, h],
        }
    }
}

impl Projection {
    /// The point that `(u, v)` of the unit square lands on.
    pub(super) fn point(&self, u: f64, v: f64) -> Point {
        self.row(v).point(u)
    }

    /// The line of points with one `v`: what they have in common is worked out once.
    pub(super) fn row(&self, v: f64) -> ProjectionRow {
        let [g, h] = self.depth;
        let with = |[a, b, c]: [f64; 3]| [a, b * v + c];
        ProjectionRow { across: with(self.across), down: with(self.down), depth: [g, h * v + 1.0] }
    }
}

impl ProjectionRow {
    pub(super) fn point(&self, u: f64) -> Point {
        let at = |[a, b]: [f64; 2]| a * u + b;
        let share = 1.0 / at(self.depth).max(1e-9);
        Point { x: at(self.across) * share, y: at(self.down) * share }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quad(corners: [(f64, f64); 4]) -> Quad {
        Quad(corners.map(|(x, y)| Point { x, y }))
    }

    #[test]
    fn the_corners_of_the_square_land_on_the_corners() {
        let seen = quad([(10.0, 20.0), (300.0, 5.0), (320.0, 240.0), (30.0, 200.0)]);
        let map = seen.projection();
        for (corner, (u, v)) in seen.0.iter().zip([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]) {
            assert!(map.point(u, v).distance(*corner) < 1e-6);
        }
        assert!(seen.is_convex() && !quad([(0.0, 0.0), (9.0, 0.0), (1.0, 1.0), (0.0, 9.0)]).is_convex());
        assert!(!seen.is_convex() || seen.area() > 0.0);
    }

    #[test]
    fn straight_lines_stay_straight() {
        let map = quad([(0.0, 0.0), (100.0, 10.0), (90.0, 80.0), (5.0, 60.0)]).projection();
        let (start, middle, end) = (map.point(0.1, 0.3), map.point(0.4, 0.5), map.point(0.7, 0.7));
        let cross = (middle.x - start.x) * (end.y - start.y) - (middle.y - start.y) * (end.x - start.x);
        assert!(cross.abs() < 1e-6, "{cross}");
    }

    #[test]
    fn a_document_on_its_head_reads_from_the_opposite_corner() {
        let whole = Quad::whole(200, 100);
        assert_eq!(whole.turned(2).0[0], Point { x: 200.0, y: 100.0 });
        assert!((whole.turned(1).aspect() - 0.5).abs() < 1e-9);
        assert!((whole.convergence() - 1.0).abs() < 1e-9);
    }
}
