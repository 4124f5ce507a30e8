//! Chance that can be repeated: the same seed, set and number make the same capture, whatever was made before.

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub struct Dice(u64);

impl Dice {
    /// For the `index`-th capture of a set.
    pub fn of(seed: u64, set: &str, index: u32) -> Dice {
        // FNV-1a keeps sets apart.
        let named = set
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut dice = Dice(seed ^ named ^ (u64::from(index) << 32 | u64::from(index)));
        dice.next();
        dice
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to 1.
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    pub fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit.max(1)
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// Nearly normal with deviation 1: four uniform numbers out of one draw, since a photo needs millions.
    pub fn normal(&mut self) -> f32 {
        let word = self.next();
        let sum = (word & 0xffff) + (word >> 16 & 0xffff) + (word >> 32 & 0xffff) + (word >> 48);
        // The sum of four uniform numbers has a deviation of √(4/12).
        (sum as f32 / 65_536.0 - 2.0) * 3.0_f32.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_capture_gets_the_same_dice_and_others_get_others() {
        let first = |set, index| Dice::of(1, set, index).next();
        assert_eq!(first("photo/good", 7), first("photo/good", 7));
        assert_ne!(first("photo/good", 7), first("photo/good", 8));
        assert_ne!(first("photo/good", 7), first("photo/blur", 7));
    }

    #[test]
    fn normal_numbers_have_the_mean_and_deviation_they_claim() {
        let mut dice = Dice::of(1, "normal", 0);
        let numbers: Vec<f32> = (0..20_000).map(|_| dice.normal()).collect();
        let mean = numbers.iter().sum::<f32>() / 20_000.0;
        let deviation = (numbers.iter().map(|number| (number - mean).powi(2)).sum::<f32>() / 20_000.0).sqrt();
        assert!(mean.abs() < 0.03 && (deviation - 1.0).abs() < 0.03, "{mean} {deviation}");
    }
}
