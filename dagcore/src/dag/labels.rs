//! Names and keys of nodes, which few of them have.

use super::event::Label;
use super::id::{NodeId, StageId};
use std::collections::HashMap;

#[derive(Default, Debug)]
pub(super) struct Labels {
    labels: HashMap<NodeId, Label>,
    names: HashMap<String, Vec<NodeId>>,
    /// By stage, and by the node below which a key is unique.
    keys: HashMap<(StageId, Option<NodeId>), HashMap<String, NodeId>>,
}

impl Labels {
    pub(super) fn insert(&mut self, node: NodeId, stage: StageId, label: &Label) {
        if let Some(name) = &label.name {
            self.names.entry(name.clone()).or_default().push(node);
        }
        if let Some(key) = &label.key {
            self.keys.entry((stage, label.under)).or_default().insert(key.clone(), node);
        }
        self.labels.insert(node, label.clone());
    }

    pub(super) fn get(&self, node: NodeId) -> Option<&Label> {
        self.labels.get(&node)
    }

    /// The nodes that were given this name, the oldest first.
    pub(super) fn named(&self, name: &str) -> &[NodeId] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn keyed(&self, stage: StageId, under: Option<NodeId>, key: &str) -> Option<NodeId> {
        self.keys.get(&(stage, under))?.get(key).copied()
    }
}
