//! Names and keys of nodes, which few of them have, or all: so what is kept of each stands side by side in a few lists,
//! with no allocation of its own.

use super::event::Label;
use super::id::{NodeId, StageId};
use super::key::{Key, KeyHash, KeyTable};
use super::prints::Print;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

#[derive(Debug)]
struct Record {
    node: NodeId,
    /// None of a node without a key.
    stage: StageId,
    under: NodeId,
    /// How many firings there are along the line of the lineage before a node with a key.
    depth: u32,
    name: u32,
    prints: u32,
    text: usize,
}

#[derive(Default, Debug)]
pub(super) struct Labels {
    /// The place in `records`, by node: up to the last node that has a label.
    places: Vec<u32>,
    /// In the order of the nodes.
    records: Vec<Record>,
    /// The keys, one after another, and what is known of the inputs that each stands for.
    texts: String,
    prints: Vec<Print>,
    keys: KeyTable,
    names: Vec<Arc<str>>,
    named: HashMap<Arc<str>, Vec<NodeId>>,
}

/// Stands for "none" in the compact records.
const NONE: u32 = u32::MAX;

impl Labels {
    /// Takes in the label of the newest node. `hash` is that of its key, and `depth` says how many firings there are
    /// along the line of the lineage before it.
    pub(super) fn insert(&mut self, node: NodeId, stage: StageId, label: &Label, hash: KeyHash, depth: u32) {
        let place = self.records.len();
        let name = label.name.as_deref().map_or(NONE, |name| self.name(node, name));
        let (text, prints) = (self.texts.len(), self.prints.len() as u32);
        let mut stage_of_key = StageId::NONE;
        if let Some(key) = &label.key {
            stage_of_key = stage;
            self.texts.push_str(key);
            self.prints.extend_from_slice(label.prints.list());
            self.keys.insert(hash, place);
        }
        let under = label.under.unwrap_or(NodeId::NONE);
        self.records.push(Record { node, stage: stage_of_key, under, depth, name, prints, text });
        self.places.resize(node.index(), NONE);
        self.places.push(place as u32);
    }

    fn name(&mut self, node: NodeId, name: &str) -> u32 {
        let name: Arc<str> = Arc::from(name);
        self.names.push(Arc::clone(&name));
        self.named.entry(name).or_default().push(node);
        (self.names.len() - 1) as u32
    }

    fn get(&self, node: NodeId) -> Option<(usize, &Record)> {
        let place = *self.places.get(node.index())? as usize;
        Some((place, self.records.get(place)?))
    }

    /// The name that the program gave a node.
    pub(super) fn name_of(&self, node: NodeId) -> Option<&str> {
        let (_, record) = self.get(node)?;
        self.names.get(record.name as usize).map(|name| &**name)
    }

    pub(super) fn key_of(&self, node: NodeId) -> Option<&str> {
        let (place, record) = self.get(node)?;
        if record.stage.is_some() { Some(&self.texts[self.text(place)]) } else { None }
    }

    /// The node below which the key of a node is unique.
    pub(super) fn under(&self, node: NodeId) -> Option<NodeId> {
        Some(self.get(node)?.1.under).filter(|under| under.is_some())
    }

    pub(super) fn depth(&self, node: NodeId) -> u32 {
        self.get(node).map_or(0, |(_, record)| record.depth)
    }

    /// The nodes that were given this name, the oldest first.
    pub(super) fn named(&self, name: &str) -> &[NodeId] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    /// The node that has a key, and what is known of the inputs that it stands for.
    pub(super) fn keyed(&self, key: Key<'_>) -> Option<(NodeId, &[Print])> {
        let under = key.under.unwrap_or(NodeId::NONE);
        let place = self.keys.find(key.hash, |place| {
            let record = &self.records[place];
            record.stage == key.stage && record.under == under && self.texts[self.text(place)] == *key.text
        })?;
        let prints =
            self.records[place].prints as usize..self.end(place, |next| next.prints as usize, self.prints.len());
        Some((self.records[place].node, &self.prints[prints]))
    }

    fn text(&self, place: usize) -> Range<usize> {
        self.records[place].text..self.end(place, |next| next.text, self.texts.len())
    }

    /// Where that ends which the next label begins behind.
    #[inline]
    fn end(&self, place: usize, begins: impl Fn(&Record) -> usize, all: usize) -> usize {
        self.records.get(place + 1).map_or(all, begins)
    }
}
