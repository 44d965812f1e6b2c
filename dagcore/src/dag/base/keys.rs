//! Keys of nodes as they are looked for: each is hashed once, wherever it is looked up and kept.

use super::ids::{NodeId, StageId};
use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// One seed for all keys of the process, so that a hash is good for whoever looks a key up. Keys come from outside: it
/// is random, so that nobody can choose keys that fall together.
static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A key, and where it is unique.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    pub(crate) stage: StageId,
    /// The node below which it is unique; `None` for the whole run.
    pub(crate) under: Option<NodeId>,
    pub(crate) text: &'a str,
    pub(crate) hash: KeyHash,
}

impl<'a> Key<'a> {
    pub(crate) fn new(stage: StageId, under: Option<NodeId>, text: &'a str) -> Self {
        // Stages and nodes are dense, so one text below each of many nodes fills a table evenly.
        let place = stage.0.wrapping_mul(0x85eb_ca6b) ^ under.unwrap_or(NodeId::NONE).0.wrapping_mul(0x9e37_79b1);
        Self { stage, under, text, hash: KeyHash((SEED.hash_one(text) as u32).wrapping_add(place)) }
    }

    /// The same of a key whose hash is known.
    pub(crate) fn hashed(stage: StageId, under: Option<NodeId>, text: &'a str, hash: KeyHash) -> Self {
        Self { stage, under, text, hash }
    }

    pub(crate) fn hash(self) -> KeyHash {
        self.hash
    }
}

/// The hash of a key, with where it is unique. It is good for this process only: nothing that outlives it may hold one.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct KeyHash(u32);

impl KeyHash {
    /// For a table that looks at the highest bits too.
    #[inline]
    fn spread(self) -> u64 {
        u64::from(self.0).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// A node that has a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyedNode {
    pub(crate) node: NodeId,
    /// The first of its inputs, counted from zero, that is certainly another one; and who added the node, in words.
    pub(crate) other: Option<(usize, String)>,
}

/// Finds the places of keys in a list. It does not look at the keys: whoever asks compares them. Nothing walks it in its
/// order.
#[derive(Clone, Default, Debug)]
pub(crate) struct KeyTable(HashTable<(KeyHash, u32)>);

/// A table that has room for more than this is not swept but dropped, so that what comes after something large costs
/// little.
const MOST_SWEPT: usize = 256;

impl KeyTable {
    /// The place for which `is` says that it has the key.
    #[inline]
    pub(crate) fn find(&self, hash: KeyHash, mut is: impl FnMut(usize) -> bool) -> Option<usize> {
        let found = self.0.find(hash.spread(), |(known, place)| *known == hash && is(*place as usize));
        found.map(|(_, place)| *place as usize)
    }

    /// Notes the place of a key that is not there yet.
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
