//! Names and keys of nodes. In a typical run, either few nodes have one or all of them.
//!
//! Everything known about a key is in one row of bytes, so that a lookup among a million keys touches two places in
//! memory: the table and the row.

use super::additions::Label;
use crate::dag::base::fingerprints::Print;
use crate::dag::base::ids::{NodeId, StageId};
use crate::dag::base::keys::{Key, KeyHash, KeyTable};
use std::collections::HashMap;
use std::sync::Arc;

/// The names and keys of all nodes.
#[derive(Default, Debug)]
pub(crate) struct Labels {
    keys: KeyTable,
    /// The rows, one after another.
    rows: Vec<u8>,
    /// The position of each node's row, up to the last node that has a key.
    places: Vec<u32>,
    /// The names, ordered by node.
    names: Vec<(NodeId, Arc<str>)>,
    named: HashMap<Arc<str>, Vec<NodeId>>,
}

/// Rows are aligned to this many bytes, and positions count in this unit, so that a position fits into 32 bits.
const STEP: usize = 16;
/// Represents "none" among the positions.
const NONE: u32 = u32::MAX;

/// The header of a row; the fingerprints and the text of the key follow.
struct Head {
    node: u32,
    stage: u32,
    under: u32,
    /// The number of firings along the line of the lineage before the node.
    depth: u32,
    prints: u32,
    text: u32,
}

/// A row, decoded.
struct Row<'a> {
    head: Head,
    prints: &'a [u8],
    text: &'a [u8],
}

impl Head {
    const BYTES: usize = 24;

    fn bytes(&self) -> [u8; Self::BYTES] {
        let Self { node, stage, under, depth, prints, text } = *self;
        let mut bytes = [0; Self::BYTES];
        let words = [node, stage, under, depth, prints, text];
        bytes.chunks_exact_mut(4).zip(words).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_le_bytes()));
        bytes
    }

    #[inline]
    fn of(bytes: &[u8; Self::BYTES]) -> Self {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let [node, stage, under] = [word(0), word(4), word(8)];
        Self { node, stage, under, depth: word(12), prints: word(16), text: word(20) }
    }
}

impl<'a> Row<'a> {
    #[inline]
    fn at(rows: &'a [u8], place: usize) -> Option<Self> {
        let (head, rest) = rows.get(place * STEP..)?.split_first_chunk()?;
        let head = Head::of(head);
        let (prints, rest) = rest.split_at_checked(head.prints as usize * Print::BYTES)?;
        let text = rest.get(..head.text as usize)?;
        Some(Self { head, prints, text })
    }

    #[inline]
    fn is(&self, key: Key<'_>) -> bool {
        let Head { stage, under, .. } = self.head;
        stage == key.stage.0 && under == key.under.unwrap_or(NodeId::NONE).0 && self.text == key.text.as_bytes()
    }
}

impl Labels {
    /// Stores the label of the newest node. `hash` is that of its key, and `depth` is the number of firings along the
    /// line of the lineage before the node.
    pub(crate) fn insert(&mut self, node: NodeId, stage: StageId, label: &Label, hash: KeyHash, depth: u32) {
        if let Some(name) = &label.name {
            self.insert_name(node, name);
        }
        let Some(key) = &label.key else { return };
        let place = self.rows.len() / STEP;
        self.keys.insert(hash, place);
        self.places.resize(node.index(), NONE);
        self.places.push(place as u32);
        let (under, prints) = (label.under.unwrap_or(NodeId::NONE).0, label.prints.list());
        let (count, text) = (prints.len() as u32, key.len() as u32);
        let head = Head { node: node.0, stage: stage.0, under, depth, prints: count, text };
        self.rows.extend_from_slice(&head.bytes());
        prints.iter().for_each(|print| self.rows.extend_from_slice(&print.bytes()));
        self.rows.extend_from_slice(key.as_bytes());
        self.rows.resize(self.rows.len().next_multiple_of(STEP), 0);
    }

    fn insert_name(&mut self, node: NodeId, name: &str) {
        let name: Arc<str> = Arc::from(name);
        self.names.push((node, Arc::clone(&name)));
        self.named.entry(name).or_default().push(node);
    }

    fn row(&self, node: NodeId) -> Option<Row<'_>> {
        Row::at(&self.rows, *self.places.get(node.index())? as usize)
    }

    /// Returns the name that the program set for a node.
    pub(crate) fn name(&self, node: NodeId) -> Option<&str> {
        let place = self.names.binary_search_by_key(&node, |(named, _)| *named).ok()?;
        self.names.get(place).map(|(_, name)| &**name)
    }

    pub(crate) fn key(&self, node: NodeId) -> Option<&str> {
        std::str::from_utf8(self.row(node)?.text).ok()
    }

    /// Returns the node below which the key of `node` is unique.
    pub(crate) fn under(&self, node: NodeId) -> Option<NodeId> {
        Some(NodeId(self.row(node)?.head.under)).filter(|under| under.is_some())
    }

    pub(crate) fn depth(&self, node: NodeId) -> u32 {
        self.row(node).map_or(0, |row| row.head.depth)
    }

    /// Returns the nodes with this name, oldest first.
    pub(crate) fn named(&self, name: &str) -> &[NodeId] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the node with this key, and the fingerprints of its inputs.
    pub(crate) fn keyed(&self, key: Key<'_>) -> Option<(NodeId, impl Iterator<Item = Print>)> {
        let mut found = None;
        self.keys.find(key.hash, |place| {
            found = Row::at(&self.rows, place).filter(|row| row.is(key));
            found.is_some()
        })?;
        let row = found?;
        Some((NodeId(row.head.node), row.prints.chunks_exact(Print::BYTES).map(Print::of)))
    }
}
