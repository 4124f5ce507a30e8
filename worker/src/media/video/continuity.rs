//! Whether the picture moves, and moves on: stretches that stand still, and moments where all of it changes at once.

/// The side of the small grey picture that frames are compared by.
pub(super) const THUMB_SIDE: u32 = 64;
/// Mean difference of luma, 0 to 255, up to which two frames are the same picture. Of the fixtures' frames that move, one in
/// twenty differs by less than 0.04 from the last, and half by more than 0.08; frames that stand still differ by 0.01 at most.
const STILL_MOST: f64 = 0.02;
/// Moving frames after which a still stretch has ended: a single one is a keyframe that renews the same picture.
const MOVED_IN_A_ROW: u32 = 2;
/// Mean differences from which all of the picture has changed, each with how many times what changes usually it has to be, so that
/// a shaken phone is no cut. Two dim recordings of people before the same wall differ by 8, which is 50 times as much as usual.
const CUTS: [(f64, f64); 2] = [(20.0, 5.0), (7.0, 15.0)];
/// How much the newest frame weighs in what is usual.
const USUAL_WEIGHT: f64 = 0.1;

/// Follows the frames in the order they are shown.
#[derive(Default)]
pub(super) struct Continuity {
    last: Option<(f64, Vec<u8>)>,
    still_since: Option<f64>,
    moved_in_a_row: u32,
    longest_still: f64,
    /// None before the second frame, whose change is taken for usual.
    usual: Option<f64>,
    cuts: u32,
}

impl Continuity {
    /// Notes a frame's small grey picture, shown at `at` seconds.
    pub(super) fn show(&mut self, at: f64, thumb: Vec<u8>) {
        if let Some((last_at, last)) = &self.last {
            let change = difference(last, &thumb);
            if change <= STILL_MOST {
                let since = *self.still_since.get_or_insert(*last_at);
                self.longest_still = self.longest_still.max(at - since);
                self.moved_in_a_row = 0;
            } else {
                self.moved_in_a_row = self.moved_in_a_row.saturating_add(1);
                if self.moved_in_a_row >= MOVED_IN_A_ROW {
                    self.still_since = None;
                }
            }
            let usual = self.usual.unwrap_or(change);
            if CUTS.iter().any(|(least, times)| change >= *least && change >= times * usual) {
                self.cuts = self.cuts.saturating_add(1);
            } else {
                self.usual = Some(usual + USUAL_WEIGHT * (change - usual));
            }
        }
        self.last = Some((at, thumb));
    }

    pub(super) fn longest_still_seconds(&self) -> f64 {
        self.longest_still
    }

    pub(super) fn cuts(&self) -> u32 {
        self.cuts
    }
}

fn difference(one: &[u8], other: &[u8]) -> f64 {
    let sum: u64 = one.iter().zip(other).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with a bright bar that stands at `place`.
    fn bar(place: usize) -> Vec<u8> {
        (0..64 * 64).map(|pixel| if pixel % 64 / 4 == place % 16 { 200 } else { 60 }).collect()
    }

    #[test]
    fn stretches_without_movement_are_timed() {
        let mut seen = Continuity::default();
        for frame in 0..90_usize {
            let place = if (30..75).contains(&frame) { 30 } else { frame };
            seen.show(frame as f64 / 30.0, bar(place));
        }
        assert!((seen.longest_still_seconds() - 44.0 / 30.0).abs() < 1e-9, "{}", seen.longest_still_seconds());
    }

    #[test]
    fn a_renewed_picture_does_not_end_a_still_stretch() {
        let mut seen = Continuity::default();
        for frame in 0..90_u32 {
            seen.show(f64::from(frame) / 30.0, vec![if frame < 45 { 60 } else { 61 }; 64 * 64]);
        }
        assert!((seen.longest_still_seconds() - 89.0 / 30.0).abs() < 1e-9, "{}", seen.longest_still_seconds());
    }

    #[test]
    fn a_join_is_a_cut_and_movement_is_none() {
        let mut seen = Continuity::default();
        for frame in 0..60 {
            seen.show(f64::from(frame) / 30.0, vec![if frame < 40 { 60 } else { 160 }; 64 * 64]);
        }
        assert_eq!(seen.cuts(), 1);
        let mut moving = Continuity::default();
        (0..60_u32).for_each(|frame| moving.show(f64::from(frame) / 30.0, bar(frame as usize)));
        assert_eq!(moving.cuts(), 0);
    }
}
