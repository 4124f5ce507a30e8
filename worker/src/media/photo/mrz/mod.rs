//! Machine-readable lines, read by comparing with OCR-B and checked by arithmetic: what does not add up is not claimed.

mod cells;
mod glyphs;
mod lines;

use super::geometry::Quad;
use super::grid::Grid;
use super::view::View;
use cells::{Strip, Text};
use domain::precheck::mrz::{self, Format};
use glyphs::Glyphs;
use lines::Row;

/// A mean likeness below this means "not read".
const LIKENESS_MIN: f64 = 0.6;

/// The reader; loading it parses no media.
pub(super) struct Reader {
    glyphs: Glyphs,
}

/// Lines as read, whether or not they add up.
pub(super) struct Reading {
    pub lines: Vec<String>,
    /// Mean likeness to the characters read, 0 to 1.
    pub confidence: f64,
    /// How many of the four checks hold.
    pub checks: usize,
    /// Around all lines, in the pixels of the picture the view was taken from.
    pub place: Quad,
}

impl Reader {
    pub(super) fn load() -> Reader {
        Reader { glyphs: Glyphs::load() }
    }

    /// The best reading of a view, if there are rows of characters in it at all. `grey` is the picture the view was taken from.
    pub(super) fn read(&self, view: &View, grey: &Grid<u8>) -> Option<Reading> {
        let mut best: Option<Reading> = None;
        for group in lines::groups(&view.image) {
            for (format, rows) in readings(&group) {
                let reading = self.attempt(view, grey, format, &rows);
                let better = |best: &Reading| (reading.checks, reading.confidence) > (best.checks, best.confidence);
                if reading.confidence >= LIKENESS_MIN && best.as_ref().is_none_or(better) {
                    best = Some(reading);
                }
                if best.as_ref().is_some_and(|best| best.checks == 4) {
                    return best;
                }
            }
        }
        best
    }

    fn attempt(&self, view: &View, grey: &Grid<u8>, format: Format, rows: &[Row]) -> Reading {
        let texts: Vec<Text> = rows
            .iter()
            .enumerate()
            .map(|(line, row)| Strip::cut(view, grey, row, format.columns()).read(&self.glyphs, format, line))
            .collect();
        let confidence = texts.iter().map(|text| text.likeness).sum::<f64>() / texts.len().max(1) as f64;
        let mut lines: Vec<String> = texts.into_iter().map(|text| text.characters).collect();
        let mut checks = held(&lines);
        if checks < 4
            && let Some(repaired) = repaired(format, &lines)
        {
            (lines, checks) = (repaired, 4);
        }
        Reading { lines, confidence, checks, place: around(view, rows) }
    }
}

/// The formats that a group of rows may be, likelier ones first.
fn readings(group: &[Row]) -> Vec<(Format, Vec<Row>)> {
    let mut tries = Vec::new();
    if group.len() >= 3 {
        tries.push((Format::Td1, group.iter().take(3).copied().collect()));
    }
    for pair in group.windows(2) {
        // A cell is as wide as a character is high, and a little more.
        let cells = pair.first().map_or(0.0, |row| row.length() / row.height.max(1e-9));
        tries.push((Format::Td3, pair.to_vec()));
        if cells < 42.0 {
            tries.push((Format::Td2, pair.to_vec()));
        }
    }
    tries
}

fn held(lines: &[String]) -> usize {
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    mrz::read(&lines).map_or(0, |read| read.checks.count())
}

/// One look-alike exchanged where a letter and a digit may both stand, if exactly one exchange makes everything hold.
fn repaired(format: Format, lines: &[String]) -> Option<Vec<String>> {
    let mut found = None;
    for (line, text) in lines.iter().enumerate() {
        for (column, character) in text.char_indices() {
            if format.cell(line, column) != mrz::Cell::Any {
                continue;
            }
            // A speck between fillers is read as something.
            let is_lonely = character != '<'
                && column > 0
                && text.get(column - 1..column + 2).is_some_and(|three| three.starts_with('<') && three.ends_with('<'));
            let lonely = if is_lonely { "<" } else { "" };
            for other in look_alikes(character).chars().chain(lonely.chars()) {
                let mut changed = text.clone();
                changed.replace_range(column..column + 1, other.encode_utf8(&mut [0; 4]));
                let mut all = lines.to_vec();
                if let Some(place) = all.get_mut(line) {
                    *place = changed;
                }
                if held(&all) == 4 {
                    if found.is_some() {
                        return None;
                    }
                    found = Some(all);
                }
            }
        }
    }
    found
}

fn look_alikes(character: char) -> &'static str {
    match character {
        '0' => "ODQ",
        'O' | 'D' | 'Q' => "0",
        '1' => "I",
        'I' => "1",
        '5' => "S",
        'S' => "5",
        '8' => "B",
        'B' => "8",
        '2' => "Z",
        'Z' => "2",
        _ => "",
    }
}

fn around(view: &View, rows: &[Row]) -> Quad {
    let width = f64::from(view.image.width());
    let (mut left, mut top, mut right, mut bottom) = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
    for row in rows {
        for point in [row.start, row.end] {
            left = left.min(point.x - row.height);
            right = right.max(point.x + row.height);
            top = top.min(point.y - row.height);
            bottom = bottom.max(point.y + row.height);
        }
    }
    view.place(left * width, top * width, right * width, bottom * width)
}
