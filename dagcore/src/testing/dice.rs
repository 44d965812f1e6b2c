//! Pseudorandom choices from a seed.

/// A generator of choices, the same for the same seed.
pub(super) struct Dice {
    state: u64,
    /// The weight of each kind of choice. Each seed has weights of its own, so that some start all nodes first and
    /// others apply each result at once; uniform weights would try neither.
    tastes: [u64; 4],
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Self { state: seed, tastes: [1; 4] };
        dice.tastes = [(); 4].map(|()| 1 << (2 * dice.below(4)));
        dice
    }

    /// Returns the index of one of the possible choices, counted across all kinds.
    pub(super) fn choose(&mut self, possible: &[usize]) -> usize {
        let tastes = self.tastes;
        let liked = |kind: usize| if possible[kind] > 0 { tastes[kind % tastes.len()] } else { 0 };
        let mut left = self.below((0..possible.len()).map(liked).sum());
        let mut before = 0;
        for (kind, count) in possible.iter().enumerate() {
            match left.checked_sub(liked(kind)) {
                None => return before + self.below(*count as u64) as usize,
                Some(rest) => (left, before) = (rest, before + count),
            }
        }
        before
    }

    /// Returns a number below `end`, from the generator SplitMix64.
    fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        ((u128::from(mixed) * u128::from(end)) >> 64) as u64
    }
}
