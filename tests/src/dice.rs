//! Chance that can be repeated: the same seed makes the same mutant.

/// Marsaglia's xorshift. The seed must not be 0.
pub struct Dice(pub u64);

impl Dice {
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
