//! Where brightness or colour changes sharply, and in which direction: the raw material of a document's outline.

use super::super::grid::Grid;
use image::RgbImage;

/// A change weaker than this, in summed grey levels of the Sobel operator, is texture.
const STRENGTH_MIN: i32 = 60;
/// The share of pixels that may be edges at most, strongest first: on a woven cloth everything is one.
const EDGE_SHARE_MAX: f64 = 0.12;
/// Directions are told apart to one degree, over half a turn.
pub(super) const DIRECTIONS: i32 = 180;

/// One thinned edge pixel with the direction of its normal in degrees, 0 to 179.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub x: i32,
    pub y: i32,
    pub direction: i32,
}

/// A direction across a line, 0 to 179 degrees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Normal {
    pub x: f64,
    pub y: f64,
    pub degrees: f64,
}

/// All edges of a picture, as a list and by place.
pub(super) struct Edges {
    pub list: Vec<Edge>,
    /// The direction plus one; 0 where there is no edge.
    by_place: Grid<u8>,
}

impl Edges {
    pub(super) fn of(picture: &RgbImage) -> Edges {
        let (strength, direction) = gradient(picture);
        let floor = floor_of(&strength);
        let mut edges = Edges { list: Vec::new(), by_place: Grid::new(strength.width(), strength.height()) };
        for (y, row) in (0_i32..).zip(strength.rows()) {
            for (x, here) in (0_i32..).zip(row) {
                if *here < floor {
                    continue;
                }
                let angle = i32::from(direction.at(x, y));
                let (dx, dy) = step_of(angle);
                // Thinned: only the ridge along the direction of change is kept.
                if strength.at(x + dx, y + dy) > *here || strength.at(x - dx, y - dy) >= *here {
                    continue;
                }
                edges.list.push(Edge { x, y, direction: angle });
                edges.by_place.set(x, y, u8::try_from(angle + 1).unwrap_or(0));
            }
        }
        edges
    }

    /// Whether an edge with about the direction of `normal` lies at the place or within `reach` pixels along it.
    pub(super) fn near(&self, x: f64, y: f64, normal: Normal, reach: i32) -> bool {
        (-reach..=reach).any(|off| {
            let off = f64::from(off);
            // Rounded to the nearest pixel: what is left of zero is outside anyway.
            let (px, py) = ((x + normal.x * off + 0.5) as i32, (y + normal.y * off + 0.5) as i32);
            let found = i32::from(self.by_place.at(px, py));
            found > 0 && apart(f64::from(found - 1), normal.degrees) <= 14.0
        })
    }
}

impl Normal {
    /// The normal of a line from one point to another.
    pub(super) fn of(along_x: f64, along_y: f64) -> Normal {
        let degrees = (along_y.atan2(along_x).to_degrees() + 90.0).rem_euclid(180.0);
        let (y, x) = degrees.to_radians().sin_cos();
        Normal { x, y, degrees }
    }
}

/// Degrees between two directions of half a turn.
pub(super) fn apart(a: f64, b: f64) -> f64 {
    let half_turn = f64::from(DIRECTIONS);
    let difference = (a - b).abs() % half_turn;
    difference.min(half_turn - difference)
}

/// The strongest Sobel response of the three colours at each pixel, and its direction in degrees.
fn gradient(picture: &RgbImage) -> (Grid<i32>, Grid<u8>) {
    let colours: Vec<Grid<u8>> = (0..3).map(|colour| Grid::of_colour(picture, colour).softened()).collect();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut strength: Grid<i32> = Grid::new(width, height);
    let mut direction: Grid<u8> = Grid::new(width, height);
    for y in 1..i32::try_from(height).unwrap_or(0) - 1 {
        for colour in &colours {
            let Ok(middle) = usize::try_from(y) else { continue };
            let rows = [colour.row(middle - 1), colour.row(middle), colour.row(middle + 1)];
            let [above, here, below] = rows.map(|row| row.windows(3));
            for (x, ((up, mid), down)) in (1_i32..).zip(above.zip(here).zip(below)) {
                let ([a, b, c], [d, _, f], [g, h, i]) = (three(up), three(mid), three(down));
                let (across, along) = (c + 2 * f + i - a - 2 * d - g, g + 2 * h + i - a - 2 * b - c);
                let size = across.abs() + along.abs();
                if size > strength.at(x, y) {
                    strength.set(x, y, size);
                    if size >= STRENGTH_MIN {
                        let angle = f64::from(along).atan2(f64::from(across)).to_degrees().round() as i32;
                        direction.set(x, y, u8::try_from(angle.rem_euclid(DIRECTIONS)).unwrap_or(0));
                    }
                }
            }
        }
    }
    (strength, direction)
}

fn three(window: &[u8]) -> [i32; 3] {
    match *window {
        [a, b, c] => [i32::from(a), i32::from(b), i32::from(c)],
        _ => [0; 3],
    }
}

/// The strength from which on a pixel is an edge: never more of them than the share allows.
fn floor_of(strength: &Grid<i32>) -> i32 {
    let mut sorted: Vec<i32> = strength.values().iter().copied().filter(|size| *size >= STRENGTH_MIN).collect();
    let room = (strength.values().len() as f64 * EDGE_SHARE_MAX * 3.0) as usize;
    if sorted.len() <= room {
        return STRENGTH_MIN;
    }
    let (_, floor, _) = sorted.select_nth_unstable_by(room, |a, b| b.cmp(a));
    *floor
}

/// The neighbour that lies in a direction, in whole pixels.
fn step_of(angle: i32) -> (i32, i32) {
    match angle {
        0..=22 | 158..=180 => (1, 0),
        23..=67 => (1, 1),
        68..=112 => (0, 1),
        _ => (-1, 1),
    }
}
