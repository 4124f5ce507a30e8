//! Chance that can be repeated: the same seed makes the same choices.

/// Marsaglia's xorshift. The seed must not be 0.
pub struct Dice(pub u64);

impl Dice {
    /// Any seed; near ones soon differ.
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        (0..8).for_each(|_| {
            dice.roll();
        });
        dice
    }

    pub fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 up to, but without, `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        ((self.roll() >> 11) % limit.max(1) as u64) as usize
    }
}
