//! What the 37 characters look like in OCR-B, and how much a piece of a picture looks like each.

/// Drawn by `worker/glyphs/render.py` from a font in the public domain.
const DRAWN: &[u8] = include_bytes!("../../../../glyphs/ocr_b.bin");
pub(super) const ALPHABET: &[u8; 37] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";
pub(super) const WIDTH: usize = 20;
pub(super) const HEIGHT: usize = 28;
const PIXELS: usize = WIDTH * HEIGHT;
/// Spread below this, in grey levels, is plain paper and looks like nothing.
const SPREAD_MIN: f32 = 6.0;
const LANES: usize = 16;

/// The characters as unit vectors around their mean.
pub(super) struct Glyphs {
    shapes: Vec<Vec<f32>>,
}

impl Glyphs {
    /// The drawn characters, softened as a camera does.
    pub(super) fn load() -> Glyphs {
        let shapes = DRAWN.chunks_exact(PIXELS).filter_map(|drawn| {
            let mut values: Vec<f32> = softened(drawn);
            normalise(&mut values, 0.0).then_some(values)
        });
        Glyphs { shapes: shapes.collect() }
    }

    /// The likeness of a piece of picture (ink bright) to each character, −1 to 1, in the order of [`ALPHABET`].
    pub(super) fn likeness(&self, piece: &mut [f32], out: &mut Vec<f32>) {
        out.clear();
        if !normalise(piece, SPREAD_MIN) {
            out.resize(ALPHABET.len(), 0.0);
            return;
        }
        out.extend(self.shapes.iter().map(|shape| dot(shape, piece)));
    }
}

fn softened(drawn: &[u8]) -> Vec<f32> {
    let at = |x: usize, y: usize| {
        let inside = x < WIDTH && y < HEIGHT;
        if inside { drawn.get(y * WIDTH + x).copied().map_or(0.0, f32::from) } else { 0.0 }
    };
    let mut values = Vec::with_capacity(PIXELS);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let row = |y: usize| at(x.wrapping_sub(1), y) + 2.0 * at(x, y) + at(x + 1, y);
            values.push(row(y.wrapping_sub(1)) + 2.0 * row(y) + row(y + 1));
        }
    }
    values
}

/// Around its mean and of length 1; false when it is plain.
fn normalise(values: &mut [f32], spread_min: f32) -> bool {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    let squares: f32 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    if (squares / count).sqrt() <= spread_min {
        return false;
    }
    let length = squares.sqrt();
    values.iter_mut().for_each(|value| *value = (*value - mean) / length);
    true
}

/// The scalar product, summed in lanes that the compiler can lay side by side.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_looks_most_like_itself() {
        let glyphs = Glyphs::load();
        assert_eq!((glyphs.shapes.len(), DRAWN.len(), PIXELS % LANES), (37, 37 * PIXELS, 0));
        for (index, drawn) in DRAWN.chunks_exact(PIXELS).enumerate() {
            let mut piece: Vec<f32> = drawn.iter().map(|value| f32::from(*value)).collect();
            let mut likeness = Vec::new();
            glyphs.likeness(&mut piece, &mut likeness);
            let best = (0..37).max_by(|a, b| likeness[*a].total_cmp(&likeness[*b])).unwrap();
            assert_eq!(best, index, "{}", char::from(ALPHABET[index]));
            assert!(likeness[index] > 0.9);
        }
        let mut plain = vec![90.0; PIXELS];
        let mut likeness = Vec::new();
        glyphs.likeness(&mut plain, &mut likeness);
        assert!(likeness.iter().all(|value| *value == 0.0));
    }
}
