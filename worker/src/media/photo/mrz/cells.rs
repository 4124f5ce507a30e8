//! One line cut into its cells: the path of places and characters that together look most like print.

use super::super::geometry::Point;
use super::super::grid::Grid;
use super::super::view::View;
use super::glyphs::{ALPHABET, Glyphs, HEIGHT, WIDTH};
use super::lines::Row;
use domain::precheck::mrz::{Cell, Format};

/// Pixels of the strip from one character to the next, as the glyphs are drawn, and how much that may vary.
const PITCH: usize = WIDTH;
const PITCHES: std::ops::RangeInclusive<usize> = 17..=23;
/// Room before the first and after the last cell, in cells: the ends of a row are found roughly.
const MARGIN: usize = 2;
const STRIP_HEIGHT: usize = 64;
/// Rows of the strip around the best one in which characters are compared too.
const LIFTS: [i32; 3] = [-2, 0, 2];

/// A line straightened out, ink bright, at the scale of the glyphs.
pub(super) struct Strip {
    values: Grid<u8>,
    columns: usize,
}

pub(super) struct Text {
    pub characters: String,
    /// Mean over the cells.
    pub likeness: f64,
}

/// The best character of each kind at one place of the strip.
#[derive(Clone, Copy, Default)]
struct Best {
    letter: (f32, u8),
    digit: (f32, u8),
    any: (f32, u8),
}

impl Strip {
    /// Samples a row out of the picture behind the view, so that no detail is lost to the view's size.
    pub(super) fn cut(view: &View, grey: &Grid<u8>, row: &Row, columns: usize) -> Strip {
        let scale = f64::from(view.image.width());
        let (start, end) = (row.start.scaled(scale), row.end.scaled(scale));
        // The row runs from the first character's left side to the last one's right side: not quite `columns` pitches.
        let pitch = start.distance(end) / (columns as f64 - 0.2);
        let (along_x, along_y) = ((end.x - start.x) / start.distance(end), (end.y - start.y) / start.distance(end));
        let width = (columns + 2 * MARGIN) * PITCH;
        let mut values = Grid::new(width, STRIP_HEIGHT);
        for y in 0..STRIP_HEIGHT {
            let across = (y as f64 + 0.5 - STRIP_HEIGHT as f64 / 2.0) * pitch / PITCH as f64;
            for x in 0..width {
                let along = ((x as f64 + 0.5) / PITCH as f64 - MARGIN as f64 - 0.1) * pitch;
                let at = Point {
                    x: start.x + along * along_x - across * along_y,
                    y: start.y + along * along_y + across * along_x,
                };
                let source = view.source(at);
                let value = grey.between(source.x - 0.5, source.y - 0.5);
                values.set(x as i32, y as i32, 255 - value.round() as u8);
            }
        }
        Strip { values, columns }
    }

    pub(super) fn read(&self, glyphs: &Glyphs, format: Format, line: usize) -> Text {
        let places = self.places(glyphs);
        let kinds: Vec<Cell> = (0..self.columns).map(|column| format.cell(line, column)).collect();
        path(&places, &kinds)
    }

    /// For each left side of a cell the characters that fit best there.
    fn places(&self, glyphs: &Glyphs) -> Vec<Best> {
        let top = self.inked_rows() as i32 - HEIGHT as i32 / 2;
        let room = self.values.width().saturating_sub(WIDTH);
        let mut piece: Vec<f32> = Vec::with_capacity(WIDTH * HEIGHT);
        let mut likeness: Vec<f32> = Vec::new();
        let mut places = Vec::with_capacity(room);
        for x in 0..room {
            let mut best = Best::default();
            for lift in LIFTS {
                piece.clear();
                for y in 0..HEIGHT as i32 {
                    let row = usize::try_from(top + lift + y).unwrap_or(usize::MAX / 4);
                    match self.values.row(row.min(STRIP_HEIGHT - 1)).get(x..x + WIDTH) {
                        Some(values) => piece.extend(values.iter().map(|value| f32::from(*value))),
                        None => piece.extend([0.0; WIDTH]),
                    }
                }
                glyphs.likeness(&mut piece, &mut likeness);
                best.note(&likeness);
            }
            places.push(best);
        }
        places
    }

    /// The row in the middle of the ink: where a band as high as a capital letter holds most contrast.
    fn inked_rows(&self) -> usize {
        const BAND: usize = 18;
        let contrast: Vec<u64> = self
            .values
            .rows()
            .map(|row| row.windows(2).map(|pair| if let [a, b] = *pair { u64::from(a.abs_diff(b)) } else { 0 }).sum())
            .collect();
        let bands = contrast.windows(BAND).map(|band| band.iter().sum::<u64>());
        // Of bands as good as each other the one nearest to the middle of the strip.
        let off = |start: usize| (start + BAND / 2).abs_diff(STRIP_HEIGHT / 2) as u64;
        let best = bands.enumerate().max_by_key(|(start, sum)| sum.saturating_sub(sum / 100 * off(*start)));
        best.map_or(STRIP_HEIGHT / 2, |(start, _)| start + BAND / 2)
    }
}

impl Best {
    fn note(&mut self, likeness: &[f32]) {
        for (value, character) in likeness.iter().zip(ALPHABET) {
            let found = (*value, *character);
            if found.0 > self.any.0 {
                self.any = found;
            }
            if (character.is_ascii_uppercase() || *character == b'<') && found.0 > self.letter.0 {
                self.letter = found;
            }
            if (character.is_ascii_digit() || *character == b'<') && found.0 > self.digit.0 {
                self.digit = found;
            }
        }
    }

    fn of(&self, kind: Cell) -> (f32, u8) {
        match kind {
            Cell::Letter => self.letter,
            Cell::Digit => self.digit,
            Cell::Any => self.any,
        }
    }
}

/// The sequence of places, about one pitch apart, whose characters look most like print in sum.
fn path(places: &[Best], kinds: &[Cell]) -> Text {
    let unreachable = f32::MIN / 4.0;
    let mut before: Vec<f32> = Vec::new();
    let mut came_from: Vec<Vec<usize>> = Vec::with_capacity(kinds.len());
    for (column, kind) in kinds.iter().enumerate() {
        let mut sums = Vec::with_capacity(places.len());
        let mut origins = Vec::with_capacity(places.len());
        for (x, best) in places.iter().enumerate() {
            let own = best.of(*kind).0;
            if column == 0 {
                let is_near = x < 2 * MARGIN * PITCH;
                sums.push(if is_near { own } else { unreachable });
                origins.push(0);
                continue;
            }
            let reachable = PITCHES.filter_map(|pitch| x.checked_sub(pitch));
            let best = reachable
                .filter_map(|from| before.get(from).map(|sum| (from, *sum)))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            let (from, sum) = best.unwrap_or((0, unreachable));
            sums.push(sum + own);
            origins.push(from);
        }
        before = sums;
        came_from.push(origins);
    }
    let mut x = before.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(x, _)| x);
    let mut characters = Vec::with_capacity(kinds.len());
    let mut total = 0.0;
    for (kind, origins) in kinds.iter().zip(&came_from).rev() {
        let (value, character) = places.get(x).map_or((0.0, b'<'), |best| best.of(*kind));
        total += f64::from(value);
        characters.push(if character == 0 { '<' } else { char::from(character) });
        x = origins.get(x).copied().unwrap_or(0);
    }
    characters.reverse();
    Text { characters: characters.into_iter().collect(), likeness: total / kinds.len().max(1) as f64 }
}
