//! Lookup of nodes by key. Each key is hashed once, and the hash serves every table.

use super::ids::{NodeId, StageId};
use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// One seed for all keys of the process, so that a hash is valid in every table. Keys come from outside the program:
/// the seed is random to prevent deliberate collisions.
static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A key, with the scope in which it is unique.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    pub(crate) stage: StageId,
    /// The node below which the key is unique; `None` for the whole run.
    pub(crate) under: Option<NodeId>,
    pub(crate) text: &'a str,
    pub(crate) hash: KeyHash,
}

impl<'a> Key<'a> {
    pub(crate) fn new(stage: StageId, under: Option<NodeId>, text: &'a str) -> Self {
        // Stage and node ids are dense, so one text below each of many nodes spreads evenly over a table.
        let place = stage.0.wrapping_mul(0x85eb_ca6b) ^ under.unwrap_or(NodeId::NONE).0.wrapping_mul(0x9e37_79b1);
        Self { stage, under, text, hash: KeyHash((SEED.hash_one(text) as u32).wrapping_add(place)) }
    }

    /// Creates a key whose hash is already known.
    pub(crate) fn hashed(stage: StageId, under: Option<NodeId>, text: &'a str, hash: KeyHash) -> Self {
        Self { stage, under, text, hash }
    }

    pub(crate) fn hash(self) -> KeyHash {
        self.hash
    }
}

/// The hash of a key and its scope. It depends on the seed of the process, so it must not be stored beyond the process.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct KeyHash(u32);

impl KeyHash {
    /// Spreads the hash over 64 bits, for a table that also uses the highest bits.
    #[inline]
    fn spread(self) -> u64 {
        u64::from(self.0).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// An existing node that has the key of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyedNode {
    pub(crate) node: NodeId,
    /// The index of the first input that certainly differs, counted from zero, and a description of the code that added
    /// the node.
    pub(crate) other: Option<(usize, String)>,
}

/// A hash table from keys to their positions in a list. The table does not hold the keys: the caller compares them. It
/// is never iterated, so its order affects nothing.
#[derive(Clone, Default, Debug)]
pub(crate) struct KeyTable(HashTable<(KeyHash, u32)>);

/// Capacity above which `clear` drops the table instead of clearing it in place, so that one large batch does not make
/// every later `clear` slow.
const MOST_SWEPT: usize = 256;

impl KeyTable {
    /// Returns the position for which `is` confirms the key.
    #[inline]
    pub(crate) fn find(&self, hash: KeyHash, mut is: impl FnMut(usize) -> bool) -> Option<usize> {
        let found = self.0.find(hash.spread(), |(known, place)| *known == hash && is(*place as usize));
        found.map(|(_, place)| *place as usize)
    }

    /// Inserts the position of a key that is not in the table yet.
    pub(crate) fn insert(&mut self, hash: KeyHash, place: usize) {
        self.0.insert_unique(hash.spread(), (hash, place as u32), |(known, _)| known.spread());
    }

    pub(crate) fn clear(&mut self) {
        if self.0.capacity() <= MOST_SWEPT { self.0.clear() } else { self.0 = HashTable::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_finds_what_was_put_in_and_nothing_else_however_large_it_grows_and_wherever_keys_meet() {
        let mut table = KeyTable::default();
        let hash = |n: usize| KeyHash(n as u32 % 40); // 25 keys meet at each hash
        for n in 0..1_000 {
            assert_eq!(table.find(hash(n), |place| place == n), None);
            table.insert(hash(n), n);
            assert_eq!(table.find(hash(n / 2), |place| place == n / 2), Some(n / 2));
        }
        table.clear();
        assert_eq!(table.find(hash(7), |_| true), None);
    }

    #[test]
    fn one_text_has_other_hashes_below_other_nodes_and_of_other_stages() {
        let [one, two] = [StageId(0), StageId(1)];
        let hash = |stage, under| Key::new(stage, under, "a").hash;
        assert_ne!(hash(one, None), hash(two, None));
        assert_ne!(hash(one, None), hash(one, Some(NodeId(0))));
        let low = |node| hash(one, Some(NodeId(node))).0 & 0xff;
        let all: std::collections::BTreeSet<_> = (0..256).map(low).collect();
        assert!(all.len() > 128, "{} of 256 slots", all.len());
    }
}
