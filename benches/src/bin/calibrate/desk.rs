//! What a document lies on: wood, cloth, stone and plain tops, each drawn anew.

use crate::dice::Dice;

/// One drawn surface.
pub struct Desk {
    /// Levels of sRGB.
    colour: [f32; 3],
    layers: Vec<Layer>,
    grain: f32,
    /// Distance of the seams between planks or tiles in pixels, and how dark they are; none on plain tops.
    seams: Option<(f32, f32)>,
}

/// Slow random light and dark patches.
struct Layer {
    seed: u64,
    cell: (f32, f32),
    /// Share of the colour.
    depth: f32,
}

impl Desk {
    /// `depth` is how strongly the surface is patterned, as a share of its light. Cells are for 1,600 pixels.
    pub fn drawn(depth: f32, scale: f32, dice: &mut Dice) -> Desk {
        let base = dice.between(35.0, 215.0);
        let colour = [0, 1, 2].map(|_| base * dice.between(0.8, 1.12));
        let kind = dice.below(4);
        let mut layer = |across: f32, down: f32, share: f32| Layer {
            seed: dice.next(),
            cell: (across * scale, down * scale),
            depth: depth * share,
        };
        let layers = match kind {
            // Wood: long along the grain.
            0 => vec![layer(180.0, 3.0, 0.8), layer(500.0, 14.0, 1.0)],
            // Cloth.
            1 => vec![layer(3.0, 3.0, 1.0), layer(220.0, 260.0, 0.5)],
            // Stone.
            2 => vec![layer(9.0, 9.0, 0.6), layer(45.0, 40.0, 0.8), layer(260.0, 240.0, 0.7)],
            _ => vec![layer(600.0, 500.0, 0.4)],
        };
        let seams = (kind == 0 && depth > 0.05).then(|| (dice.between(220.0, 420.0) * scale, 0.35));
        Desk { colour, layers, grain: 0.015, seams }
    }

    /// sRGB levels at a pixel.
    pub fn at(&self, x: usize, y: usize) -> [f32; 3] {
        let (across, down) = (x as f32, y as f32);
        let pattern: f32 = self.layers.iter().map(|layer| layer.at(across, down)).sum();
        let grain = (corner(self.grain.to_bits().into(), x as i64, y as i64) - 0.5) * 2.0 * self.grain;
        let seam = self.seams.map_or(0.0, |(every, dark)| {
            let from_seam = (down % every).min(every - down % every);
            dark * (-(from_seam / 2.0).powi(2)).exp()
        });
        let light = (1.0 + pattern + grain) * (1.0 - seam);
        self.colour.map(|level| (level * light).clamp(0.0, 255.0))
    }
}

impl Layer {
    fn at(&self, x: f32, y: f32) -> f32 {
        let (u, v) = (x / self.cell.0, y / self.cell.1);
        let (left, top) = (u.floor(), v.floor());
        let (along, below) = (eased(u - left), eased(v - top));
        let lattice = |dx: i64, dy: i64| corner(self.seed, left as i64 + dx, top as i64 + dy);
        let upper = lattice(0, 0) + (lattice(1, 0) - lattice(0, 0)) * along;
        let lower = lattice(0, 1) + (lattice(1, 1) - lattice(0, 1)) * along;
        (upper + (lower - upper) * below - 0.5) * 2.0 * self.depth
    }
}

fn eased(share: f32) -> f32 {
    share * share * (3.0 - 2.0 * share)
}

/// A number from 0 to 1 that belongs to a lattice point.
fn corner(seed: u64, x: i64, y: i64) -> f32 {
    let mut mixed =
        seed ^ (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 40) as f32 / (1_u64 << 24) as f32
}
