//! Random numbers from a seed: splitmix64.

/// A sequence of numbers that depends on its seed only.
pub struct Dice(pub u64);

impl Dice {
    /// Returns the next number, below `most`.
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }

    /// Returns `true` in one of `many` calls on average.
    pub fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// Returns up to two different numbers below `below`, in ascending order.
    pub fn some(&mut self, below: usize) -> Vec<usize> {
        let count = if below == 0 { 0 } else { self.below(3) };
        let mut some: Vec<usize> = (0..count).map(|_| self.below(below as u64) as usize).collect();
        some.sort_unstable();
        some.dedup();
        some
    }

    /// Returns one of these.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}
