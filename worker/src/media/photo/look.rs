//! Looks at the document: which way up it is, what its lines say, where its face is. Each question is asked of the flattened page.

use super::document::{self, Outline};
use super::geometry::{Point, Quad};
use super::grid::Grid;
use super::mrz::Reading;
use super::view::View;
use super::{Resources, copies, lattice, print, surface};
use crate::media::faces::{Face, LONG_SIDE as FACES_LONG_SIDE, Look};
use domain::precheck::seen::{self, Glare, Place, Seen, SeenFace, SeenLine, SeenMrz, SeenPrint};
use domain::redacted::Redacted;
use image::RgbImage;

/// A reading of machine-readable lines less sure than this does not say which way up the page is.
const MRZ_SURE_FROM: f64 = 0.78;
/// A page darker than this, in mean luma, is searched for faces with its shadows lifted too.
const DARK_BELOW: f64 = 80.0;
/// The portrait around a face: how many face sides wide and high, and the height of its middle above the face's, in sides.
const PORTRAIT_SIDES: (f64, f64) = (1.7, 2.1);
const PORTRAIT_WIDTH: u32 = 480;
const FACES_MAX: usize = 4;

pub(super) struct Looked {
    pub seen: Seen,
    /// The flattened document, or the whole picture, upright.
    pub page: RgbImage,
    pub portrait: Option<RgbImage>,
}

/// One way of holding the page, and what was seen on it.
struct Held {
    view: View,
    mrz: Option<Reading>,
    /// In pixels of the view.
    faces: Vec<Face>,
}

pub(super) fn look(resources: &mut Resources, large: &RgbImage, full_size: (u32, u32)) -> Option<Looked> {
    let grey = Grid::of_grey(&image::imageops::grayscale(large));
    let outline = document::find(large);
    let (quarters, held, probe) = upright(resources, large, &grey, outline.as_ref())?;
    let scale = f64::from(full_size.0) / f64::from(large.width().max(1));
    let place = |quad: Quad| place_of(quad.scaled(scale));
    let in_view = |within: [f64; 4]| {
        let [left, top, right, bottom] = within;
        place(held.view.place(left, top, right, bottom))
    };
    let print = match resources.printed() {
        Ok(printed) => match printed.read(&held.view, large, lines_wanted(held.mrz.as_ref()), probe) {
            Ok(lines) => SeenPrint::Lines(lines.into_iter().map(|line| seen_line(line, &held.view, scale)).collect()),
            Err(why) => SeenPrint::NotAssessed { why },
        },
        Err(why) => SeenPrint::NotAssessed { why: why.to_owned() },
    };
    let spots = if outline.is_some() { surface::spots(&held.view.image) } else { Vec::new() };
    let seen = Seen {
        outline: outline.map(|outline| seen_outline(&outline, quarters, scale, full_size)),
        faces: held
            .faces
            .iter()
            .map(|face| SeenFace { place: in_view(square(face, 1.0, 1.0)), score: face.score })
            .collect(),
        mrz: held.mrz.as_ref().map(|read| SeenMrz {
            lines: Redacted::new(read.lines.clone()),
            confidence: read.confidence,
            place: place(read.place),
        }),
        print,
        glare: spots.iter().map(|spot| Glare { place: in_view(spot.within), share: spot.share }).collect(),
        colour: surface::colour(&held.view.image),
        lattice: lattice::peak(&grey),
    };
    let portrait = held.faces.first().and_then(|face| portrait(large, &held.view, face));
    Some(Looked { seen, page: held.view.image, portrait })
}

/// Turns the page until lines or a face say that it stands upright; a card has two ways to lie, a whole picture four.
fn upright(
    resources: &mut Resources,
    large: &RgbImage,
    grey: &Grid<u8>,
    outline: Option<&Outline>,
) -> Option<(usize, Held, Option<print::Probe>)> {
    let turns: &[usize] = if outline.is_some() { &[0, 2] } else { &[0, 1, 3, 2] };
    let mut tried: Vec<(usize, Held)> = Vec::new();
    for quarters in turns {
        let view = match (tried.first(), outline) {
            (Some((_, first)), _) => first.view.turned(*quarters),
            (None, Some(outline)) => View::of_document(large, outline)?,
            (None, None) => View::of_picture(large)?,
        };
        let mrz = resources.mrz.read(&view, grey).filter(|read| read.checks == 4 || read.confidence >= MRZ_SURE_FROM);
        let faces = faces(resources, &view);
        let is_upright = mrz.is_some() || !faces.is_empty();
        tried.push((*quarters, Held { view, mrz, faces }));
        if is_upright {
            return tried.pop().map(|(quarters, held)| (quarters, held, None));
        }
    }
    let first = tried.first().map(|(_, held)| &held.view)?;
    let probe = resources.printed().ok().and_then(|printed| printed.probe(first, large, turns).ok());
    let best = probe.as_ref().map_or(0, |probe| probe.quarters);
    let index = tried.iter().position(|(quarters, _)| *quarters == best)?;
    let (quarters, held) = tried.swap_remove(index);
    // Probed was the first view; another one is looked at anew.
    Some((quarters, held, probe.filter(|_| quarters == 0)))
}

/// With machine-readable lines that add up, the larger print is enough to point at.
fn lines_wanted(mrz: Option<&Reading>) -> usize {
    if mrz.is_some_and(|read| read.checks == 4) { print::LINES_BESIDE_MRZ } else { print::LINES_MAX }
}

fn faces(resources: &mut Resources, view: &View) -> Vec<Face> {
    let Some((finder, small)) = resources.faces.as_mut().zip(copies::shrunk(&view.image, FACES_LONG_SIDE)) else {
        return Vec::new();
    };
    let grey = image::imageops::grayscale(&small);
    let mut found = finder.find(&grey, Look::AsIs);
    let mean = grey.as_raw().iter().map(|value| f64::from(*value)).sum::<f64>() / grey.as_raw().len().max(1) as f64;
    if found.is_empty() && mean < DARK_BELOW {
        found = finder.find(&grey, Look::Lifted);
    }
    let scale = f64::from(view.image.width()) / f64::from(small.width().max(1));
    found.truncate(FACES_MAX);
    for face in &mut found {
        face.centre = (face.centre.0 * scale, face.centre.1 * scale);
        face.side *= scale;
    }
    found
}

/// A box around a face, so many sides wide and high: left, top, right, bottom.
fn square(face: &Face, wide: f64, high: f64) -> [f64; 4] {
    let (x, y) = face.centre;
    let (half_width, half_height) = (face.side * wide / 2.0, face.side * high / 2.0);
    [x - half_width, y - half_height, x + half_width, y + half_height]
}

fn portrait(large: &RgbImage, view: &View, face: &Face) -> Option<RgbImage> {
    let [left, top, right, bottom] = square(face, PORTRAIT_SIDES.0, PORTRAIT_SIDES.1);
    let corners = view.place(left, top, right, bottom);
    let height = (f64::from(PORTRAIT_WIDTH) * PORTRAIT_SIDES.1 / PORTRAIT_SIDES.0).round() as u32;
    document::flatten(large, corners, PORTRAIT_WIDTH, height)
}

fn seen_outline(outline: &Outline, quarters: usize, scale: f64, full_size: (u32, u32)) -> seen::Outline {
    let corners = outline.corners.turned(quarters).scaled(scale);
    let rounded = |value: f64| (value * 10.0).round() / 10.0;
    seen::Outline {
        corners: corners.0.map(|corner| [rounded(corner.x), rounded(corner.y)]),
        corners_cut: outline.corners_cut,
        others: outline.others,
        area_share: corners.area() / (f64::from(full_size.0) * f64::from(full_size.1)).max(1.0),
        convergence: corners.convergence(),
    }
}

fn seen_line(line: print::Line, view: &View, scale: f64) -> SeenLine {
    let width = f64::from(view.image.width()).max(1.0);
    SeenLine {
        text: Redacted::new(line.text),
        confidence: line.confidence,
        place: place_of(line.place.scaled(scale)),
        within: line.within.map(|side| side / width),
    }
}

/// The upright box around four corners, in whole pixels.
fn place_of(quad: Quad) -> Place {
    let side = |pick: fn(&Point) -> f64, better: fn(f64, f64) -> f64| {
        let found = quad.0.iter().map(pick).reduce(better).unwrap_or(0.0);
        // Saturates at 0 for what reaches beyond the picture.
        found.round() as u32
    };
    Place {
        left: side(|p| p.x, f64::min),
        top: side(|p| p.y, f64::min),
        right: side(|p| p.x, f64::max),
        bottom: side(|p| p.y, f64::max),
    }
}
