//! Where a flat document falls in a picture: projective maps between four corners and the unit square.

/// Clockwise from the top left.
pub type Corners = [(f32, f32); 4];

/// A projective map, its nine numbers row by row.
#[derive(Clone, Copy)]
pub struct Map([f32; 9]);

impl Map {
    /// From the unit square onto four corners (Heckbert, 1989).
    pub fn onto(corners: &Corners) -> Map {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = *corners;
        let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
        let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
        let whole = dx1 * dy2 - dx2 * dy1;
        let (g, h) = ((sx * dy2 - dx2 * sy) / whole, (dx1 * sy - sx * dy1) / whole);
        Map([x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1.0])
    }

    pub fn inverse(&self) -> Map {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        // The adjoint will do: a common factor changes nothing.
        Map([
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ])
    }

    pub fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        let depth = g * x + h * y + i;
        ((a * x + b * y + c) / depth, (d * x + e * y + f) / depth)
    }
}

/// How a document lies before the camera. Lengths are shares of the picture's width.
#[derive(Debug, Clone, Copy)]
pub struct Pose {
    pub fill: f32,
    pub turn_degrees: f32,
    /// The near edge is longer than the far one by (1 + tilt) / (1 − tilt).
    pub tilt: f32,
    pub shift: (f32, f32),
}

impl Pose {
    /// The corners of a document of this height over width in a picture of this size; the far edge is the upper one.
    pub fn corners(&self, aspect: f32, (width, height): (f32, f32)) -> Corners {
        let half_width = self.fill * width / 2.0;
        let half_height = half_width * aspect;
        let (sine, cosine) = self.turn_degrees.to_radians().sin_cos();
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(across, down): (f32, f32)| {
            let x = across * half_width * (1.0 + self.tilt * down);
            let y = down * half_height * (1.0 - self.tilt * 0.6) + across * half_height * self.tilt * 0.25;
            let (middle_x, middle_y) = (width * (0.5 + self.shift.0), height * (0.5 + self.shift.1));
            (middle_x + x * cosine - y * sine, middle_y + x * sine + y * cosine)
        })
    }
}

/// Area by the shoelace formula.
pub fn area(corners: &Corners) -> f32 {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).map(|(one, other)| one.0 * other.1 - other.0 * one.1).sum::<f32>().abs() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_takes_the_square_to_its_corners_and_its_inverse_brings_them_back() {
        let corners = [(100.0, 120.0), (900.0, 80.0), (980.0, 700.0), (60.0, 640.0)];
        let (map, back) = (Map::onto(&corners), Map::onto(&corners).inverse());
        for ((u, v), (x, y)) in [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].into_iter().zip(corners) {
            let (to_x, to_y) = map.at(u, v);
            assert!((to_x - x).abs() < 0.01 && (to_y - y).abs() < 0.01);
            let (from_u, from_v) = back.at(x, y);
            assert!((from_u - u).abs() < 1e-3 && (from_v - v).abs() < 1e-3);
        }
    }

    #[test]
    fn a_tilted_document_is_longer_at_its_near_edge() {
        let pose = Pose { fill: 0.5, turn_degrees: 0.0, tilt: 0.25, shift: (0.0, 0.0) };
        let [a, b, c, d] = pose.corners(0.63, (1600.0, 1200.0));
        assert!(((c.0 - d.0) / (b.0 - a.0) - 1.25 / 0.75).abs() < 0.02);
        assert_eq!(area(&[(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0)]), 12.0);
    }
}
