//! The outline of a card or page on whatever it lies on: four straight sides that really end where they meet, or three that end
//! at the picture's edge.

mod contrast;
mod flatten;
mod lines;

use super::copies;
use super::geometry::{Point, Quad};
use contrast::{Edges, Normal};
pub(super) use flatten::flatten;
use image::RgbImage;
use lines::Line;

/// Outlines are looked for at this size, in pixels.
const LONG_SIDE: u32 = 640;
/// A document smaller than this share of the picture is not looked for.
const AREA_SHARE_MIN: f64 = 0.08;
/// Width over height that cards and passport pages have, with room for a slanting view.
const ASPECTS: std::ops::Range<f64> = 1.1..2.1;
/// How far outside the picture a corner may lie, as a share of the long side.
const OUTSIDE_SHARE_MAX: f64 = 0.25;
/// The share of each side, and of all four, that must show as an edge.
const SIDE_SUPPORT_MIN: f64 = 0.42;
const SUPPORT_MIN: f64 = 0.62;
/// A line of which so much shows beyond both corners is no side.
const GOES_ON_FROM: f64 = 0.5;
/// What a side that is cut off by the picture's edge counts for: less than one that is seen.
const CUT_SIDE_SUPPORT: f64 = 0.7;
/// How much of the last pixels before the picture's edge must show as a side that runs out of it, and which.
const RUNS_OUT_FROM: f64 = 0.6;
const RUNS_OUT_PX: (f64, f64) = (20.0, 3.0);
/// Documents that are cut off may have any shape between these.
const CUT_ASPECTS: std::ops::Range<f64> = 0.8..3.0;
/// What is printed on a document is drawn more plainly than a document that is cut off, but not that much.
const AROUND_SCORE_SHARE: f64 = 0.65;
/// A second document is about as plain and as large as the first, in shares of its score and its area.
const SECOND_SCORE_SHARE: f64 = 0.6;
const SECOND_AREA_SHARE: f64 = 0.5;
/// Corners are often round: only this part of a side is looked at.
const SIDE_PART: (f64, f64) = (0.07, 0.93);
const SAMPLES: u32 = 48;

/// What was found, in the pixels of the picture that was searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outline {
    pub corners: Quad,
    /// Corners that lie on the picture's edge or beyond it.
    pub corners_cut: u32,
    /// Other outlines beside it, as plain and about as large.
    pub others: u32,
}

/// The document's outline, its corners so ordered that the first side is a long one and lies rather than stands; which way up it is
/// remains open.
pub(super) fn find(picture: &RgbImage) -> Option<Outline> {
    let small = copies::shrunk(picture, LONG_SIDE)?;
    let scale = f64::from(picture.width()) / f64::from(small.width().max(1));
    let edges = Edges::of(&small);
    let (lying, upright) = lines::strongest(&edges.list, small.width(), small.height());
    let frame = (f64::from(small.width()), f64::from(small.height()));
    let whole = pairs(&lying).flat_map(|rows| pairs(&upright).map(move |columns| (rows, columns)));
    let [top, right, bottom, left] =
        Quad::whole(small.width(), small.height()).sides().map(|(a, b)| Line::through(a, b));
    let cut_above = pairs(&upright)
        .flat_map(|columns| lying.iter().flat_map(move |row| [top, bottom].map(|edge| ((*row, edge), columns))));
    let cut_beside = pairs(&lying)
        .flat_map(|rows| upright.iter().flat_map(move |column| [left, right].map(|edge| (rows, (*column, edge)))));
    let candidates: Vec<Candidate> = whole
        .chain(cut_above)
        .chain(cut_beside)
        .filter_map(|(rows, columns)| candidate(&edges, frame, rows, columns))
        .collect();
    let best = candidates.iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
    let around = candidates.iter().filter(|other| is_around(best, other));
    let best = around.max_by(|a, b| a.score.total_cmp(&b.score)).unwrap_or(best);
    let others = u32::from(candidates.iter().any(|other| is_second(best, other)));
    let corners = refined(&edges, frame, best.corners).filter(|quad| quad.is_convex()).unwrap_or(best.corners);
    let margin = frame.0.max(frame.1) * 0.006;
    let is_cut = |corner: &&Point| {
        corner.x < margin || corner.y < margin || corner.x > frame.0 - margin || corner.y > frame.1 - margin
    };
    Some(Outline {
        corners: lying_first(corners).scaled(scale),
        corners_cut: u32::try_from(corners.0.iter().filter(is_cut).count()).unwrap_or(4),
        others,
    })
}

struct Candidate {
    corners: Quad,
    /// By the picture's edge.
    is_cut: bool,
    score: f64,
}

/// Whether a candidate is a document cut off by the picture's edge on which the best one is only printed: a table of a licence's back.
fn is_around(best: &Candidate, other: &Candidate) -> bool {
    other.is_cut && other.score > best.score * AROUND_SCORE_SHARE && other.corners.contains(best.corners)
}

/// Whether a candidate is a document of its own: nowhere over the best one, and not much smaller or weaker.
fn is_second(best: &Candidate, other: &Candidate) -> bool {
    other.score > best.score * SECOND_SCORE_SHARE
        && other.corners.area() > best.corners.area() * SECOND_AREA_SHARE
        && best.corners.is_apart_from(other.corners)
}

fn pairs(lines: &[Line]) -> impl Iterator<Item = (Line, Line)> + '_ {
    lines.iter().enumerate().flat_map(|(index, a)| lines.iter().skip(index + 1).map(|b| (*a, *b)))
}

fn candidate(edges: &Edges, frame: (f64, f64), rows: (Line, Line), columns: (Line, Line)) -> Option<Candidate> {
    let corner = |row: Line, column: Line| row.crossing(column).map(|(x, y)| Point { x, y });
    let room = frame.0.max(frame.1) * OUTSIDE_SHARE_MAX;
    let found = [
        corner(rows.0, columns.0)?,
        corner(rows.0, columns.1)?,
        corner(rows.1, columns.1)?,
        corner(rows.1, columns.0)?,
    ];
    if found.iter().any(|c| c.x < -room || c.y < -room || c.x > frame.0 + room || c.y > frame.1 + room) {
        return None;
    }
    let corners = clockwise(Quad(found))?;
    let area_share = corners.area() / (frame.0 * frame.1);
    let aspect = corners.aspect();
    let is_cut = corners.sides().iter().any(|(start, end)| lies_on_frame(frame, *start, *end));
    let aspects = if is_cut { CUT_ASPECTS } else { ASPECTS };
    let fits = aspects.contains(&aspect) || aspects.contains(&(1.0 / aspect.max(1e-9)));
    if area_share < AREA_SHARE_MIN || !fits || corners.convergence() > 1.8 {
        return None;
    }
    let mut total = 0.0;
    let mut least: f64 = 1.0;
    let mut beyond = 0.0;
    for (start, end) in corners.sides() {
        if lies_on_frame(frame, start, end) {
            total += CUT_SIDE_SUPPORT / 4.0;
            least = least.min(CUT_SIDE_SUPPORT);
            continue;
        }
        let side = support(edges, frame, start, end, SIDE_PART);
        if side < SIDE_SUPPORT_MIN {
            return None;
        }
        total += side / 4.0;
        least = least.min(side);
        // A side ends at its corners; the joint between two boards of a desk goes on.
        let before = support(edges, frame, start, end, (-0.16, -0.04));
        let after = support(edges, frame, start, end, (1.04, 1.16));
        let goes_on = match (is_on_frame(frame, start), is_on_frame(frame, end)) {
            (false, false) => before.min(after),
            (true, _) if !runs_out(edges, frame, end, start) => return None,
            (_, true) if !runs_out(edges, frame, start, end) => return None,
            _ => before.max(after),
        };
        if goes_on > GOES_ON_FROM {
            return None;
        }
        beyond += (before + after) / 8.0;
    }
    let score = total * total * least * (1.0 - 0.6 * beyond) * area_share.powf(0.35);
    (total >= SUPPORT_MIN).then_some(Candidate { corners, is_cut, score })
}

/// Whether a side is one of the picture's own.
fn lies_on_frame(frame: (f64, f64), start: Point, end: Point) -> bool {
    let both = |a: f64, b: f64, at: f64| (a - at).abs() < 0.5 && (b - at).abs() < 0.5;
    both(start.x, end.x, 0.0)
        || both(start.y, end.y, 0.0)
        || both(start.x, end.x, frame.0)
        || both(start.y, end.y, frame.1)
}

fn is_on_frame(frame: (f64, f64), corner: Point) -> bool {
    let on = |at: f64, end: f64| at.abs() < 0.5 || (at - end).abs() < 0.5;
    on(corner.x, frame.0) || on(corner.y, frame.1)
}

/// Whether the side from `start` shows up to where it meets the picture's edge: a document that lies wholly inside has round corners
/// and a desk there.
fn runs_out(edges: &Edges, frame: (f64, f64), start: Point, end: Point) -> bool {
    let length = start.distance(end).max(1.0);
    let part = (1.0 - RUNS_OUT_PX.0 / length, 1.0 - RUNS_OUT_PX.1 / length);
    support(edges, frame, start, end, part) >= RUNS_OUT_FROM
}

/// The share of a part of the side that shows as an edge; what lies outside the picture counts as nothing.
fn support(edges: &Edges, frame: (f64, f64), start: Point, end: Point, part: (f64, f64)) -> f64 {
    let normal = Normal::of(end.x - start.x, end.y - start.y);
    let mut seen = 0_u32;
    for index in 0..SAMPLES {
        let share = part.0 + (part.1 - part.0) * (f64::from(index) + 0.5) / f64::from(SAMPLES);
        let at = start.towards(end, share);
        let is_inside = at.x >= 0.0 && at.y >= 0.0 && at.x < frame.0 && at.y < frame.1;
        if is_inside && edges.near(at.x, at.y, normal, 2) {
            seen += 1;
        }
    }
    f64::from(seen) / f64::from(SAMPLES)
}

/// Each side drawn anew through the edges close to it; where the picture cuts it off, along the cut.
fn refined(edges: &Edges, frame: (f64, f64), corners: Quad) -> Option<Quad> {
    let sides = corners.sides();
    let mut fitted = Vec::with_capacity(4);
    for (start, end) in sides {
        if lies_on_frame(frame, start, end) {
            fitted.push(Line::through(start, end));
            continue;
        }
        let length = start.distance(end).max(1.0);
        let (along_x, along_y) = ((end.x - start.x) / length, (end.y - start.y) / length);
        let direction = (along_y.atan2(along_x).to_degrees() + 90.0).rem_euclid(180.0);
        let near: Vec<(f64, f64)> = edges
            .list
            .iter()
            .map(|edge| (f64::from(edge.x), f64::from(edge.y), f64::from(edge.direction)))
            .filter(|(x, y, found)| {
                let along = ((x - start.x) * along_x + (y - start.y) * along_y) / length;
                let off = (x - start.x) * along_y - (y - start.y) * along_x;
                (SIDE_PART.0..SIDE_PART.1).contains(&along)
                    && off.abs() < 3.0
                    && contrast::apart(*found, direction) < 14.0
            })
            .map(|(x, y, _)| (x, y))
            .collect();
        fitted.push(lines::fitted(&near)?);
    }
    let [top, right, bottom, left] = fitted.try_into().ok()?;
    let corner = |a: Line, b: Line| a.crossing(b).map(|(x, y)| Point { x, y });
    Some(Quad([corner(left, top)?, corner(top, right)?, corner(right, bottom)?, corner(bottom, left)?]))
}

fn clockwise(quad: Quad) -> Option<Quad> {
    let [a, b, c, d] = quad.0;
    [quad, Quad([a, d, c, b])].into_iter().find(|quad| quad.is_convex())
}

/// Starts with the corner from which a long side runs most to the right.
fn lying_first(quad: Quad) -> Quad {
    (0..4)
        .map(|quarters| quad.turned(quarters))
        .filter(|quad| quad.aspect() >= 1.0)
        .max_by(|a, b| rightward(*a).total_cmp(&rightward(*b)))
        .unwrap_or(quad)
}

fn rightward(quad: Quad) -> f64 {
    let [a, b, ..] = quad.0;
    // The tiny share of downward breaks the tie of a document that stands exactly upright.
    (b.x - a.x) + 0.01 * (b.y - a.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A desk of boards with grain, and on it whatever lies inside `page`.
    fn desk(page: Option<Quad>) -> RgbImage {
        RgbImage::from_fn(800, 600, |x, y| {
            let grain = (x / 3 + y * 7) % 11;
            let joint = if y % 150 < 2 { 40 } else { 0 };
            let wood = [150 + grain - joint, 105 + grain - joint, 60 + grain - joint];
            let inside = page.is_some_and(|page| {
                let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
                page.sides().iter().all(|(a, b)| (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) > 0.0)
            });
            let colour = if inside { [205, 215, 210] } else { wood };
            image::Rgb(colour.map(|value| u8::try_from(value).unwrap_or(u8::MAX)))
        })
    }

    fn quad(corners: [(f64, f64); 4]) -> Quad {
        Quad(corners.map(|(x, y)| Point { x, y }))
    }

    #[test]
    fn a_card_is_found_on_boards_however_it_lies() {
        for corners in [
            [(120.0, 90.0), (640.0, 70.0), (660.0, 400.0), (100.0, 420.0)],
            [(150.0, 160.0), (620.0, 60.0), (690.0, 360.0), (210.0, 470.0)],
            [(560.0, 60.0), (580.0, 540.0), (270.0, 550.0), (250.0, 50.0)],
        ] {
            let expected = quad(corners);
            let found = find(&desk(Some(expected))).unwrap();
            assert_eq!(found.corners_cut, 0);
            let near = |corner: &Point| found.corners.0.iter().any(|other| other.distance(*corner) < 8.0);
            assert!(expected.0.iter().all(near), "{corners:?}: {found:?}");
            assert!(found.corners.aspect() > 1.0, "a long side comes first: {found:?}");
        }
    }

    #[test]
    fn a_card_that_runs_out_of_the_picture_is_followed_to_its_edge() {
        for (corners, cut) in [
            ([(300.0, 90.0), (900.0, 70.0), (915.0, 430.0), (310.0, 450.0)], 2),
            ([(-110.0, 120.0), (470.0, 140.0), (460.0, 480.0), (-120.0, 470.0)], 2),
            ([(160.0, -60.0), (640.0, -50.0), (650.0, 280.0), (150.0, 270.0)], 2),
        ] {
            let found = find(&desk(Some(quad(corners)))).unwrap();
            assert_eq!(found.corners_cut, cut, "{corners:?}: {found:?}");
            let seen = corners.iter().filter(|(x, y)| (0.0..800.0).contains(x) && (0.0..600.0).contains(y));
            let near = |(x, y): &(f64, f64)| found.corners.0.iter().any(|c| c.distance(Point { x: *x, y: *y }) < 8.0);
            assert!(seen.clone().count() == 2 && seen.clone().all(near), "{corners:?}: {found:?}");
        }
    }

    #[test]
    fn two_cards_side_by_side_are_two() {
        let cards = [
            quad([(60.0, 90.0), (370.0, 100.0), (360.0, 300.0), (50.0, 290.0)]),
            quad([(420.0, 320.0), (730.0, 310.0), (735.0, 510.0), (425.0, 515.0)]),
        ];
        let one = desk(Some(cards[0]));
        let mut both = desk(Some(cards[1]));
        for (x, y, pixel) in one.enumerate_pixels().filter(|(x, _, _)| *x < 395) {
            both.put_pixel(x, y, *pixel);
        }
        assert_eq!((find(&one).unwrap().others, find(&both).unwrap().others), (0, 1));
    }

    #[test]
    fn boards_alone_are_no_document() {
        assert!(find(&desk(None)).is_none());
    }
}
