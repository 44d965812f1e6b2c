//! The hash of what is compared and never looked up.

use std::hash::Hasher;

/// Hashes word by word, with one multiplication for each. It need not be safe from whoever chooses what is hashed: what
/// two inputs with one hash would bring about is that nobody is told of their difference.
#[derive(Default)]
pub(super) struct Folded(u64);

impl Folded {
    #[inline]
    fn fold(&mut self, word: u64) {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let product = u128::from(self.0.rotate_left(23) ^ word ^ 0x2437_54d9_6c5b_0a3f) * u128::from(ODD);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for Folded {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.fold(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u8(&mut self, word: u8) {
        self.fold(word.into());
    }

    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.fold(word.into());
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.fold(word);
    }

    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.fold(word as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::hash::Hash;

    fn folded(value: impl Hash) -> u64 {
        let mut folded = Folded::default();
        value.hash(&mut folded);
        folded.finish() << 2 // as much as is kept of it
    }

    #[test]
    fn other_values_have_other_hashes() {
        let numbers = (-5_000..5_000_i64).map(folded);
        let mut pairs = (0..10_000_u32).map(|n| folded((n / 100, n % 100)));
        let texts = (0..10_000).map(|n| folded(format!("{n:>20}")));
        let mut lists = (0..100_usize).map(|n| folded(vec![0_u8; n]));
        let distinct = |hashes: &mut dyn Iterator<Item = u64>| hashes.collect::<BTreeSet<_>>().len();
        assert_eq!(distinct(&mut numbers.chain(texts)), 20_000);
        assert_eq!((distinct(&mut pairs), distinct(&mut lists)), (10_000, 100));
    }
}
