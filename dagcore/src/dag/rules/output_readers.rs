//! The outputs that rules may still read, apart from readers that are counted on single nodes.
//!
//! A rule that receives all nodes of a stage at once reads that stage for as long as it is armed. A rule whose reads
//! cannot be known in advance (it has a predicate, registers a rule that is built at run time, or uses captured
//! handles) may read everything.

use crate::dag::base::ids::{NodeId, StageId};
use std::collections::HashMap;

/// The readers of one stage.
#[derive(Default, Debug)]
struct StageReaders {
    /// The number of armed rules that will receive its nodes.
    readers: u32,
    kept: bool,
    /// Nodes that have no other reader; they are checked again when the last reader of the stage goes.
    blocked: Vec<NodeId>,
}

/// The readers of one name.
#[derive(Default, Debug)]
struct NameReaders {
    /// The number of armed rules that will receive the node of this name.
    readers: u32,
    /// The nodes of this name that have no other reader.
    blocked: Vec<NodeId>,
}

/// The readers that are not counted on single nodes, and the nodes that wait for them to go.
#[derive(Default, Debug)]
pub(crate) struct Reading {
    names: HashMap<String, NameReaders>,
    stages: Vec<StageReaders>,
    /// The number of armed rules that may read everything.
    anything: u32,
    /// Nodes without readers, whose outputs can be dropped.
    unread: Vec<NodeId>,
}

impl Reading {
    pub(crate) fn keep(&mut self, stage: StageId) {
        self.stage(stage).kept = true;
    }

    pub(crate) fn is_kept(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_some_and(|entry| entry.kept)
    }

    pub(crate) fn stage_comes(&mut self, stage: StageId) {
        self.stage(stage).readers += 1;
    }

    /// Removes a reader. Returns the nodes to check again.
    #[must_use]
    pub(crate) fn stage_goes(&mut self, stage: StageId) -> Vec<NodeId> {
        let entry = self.stage(stage);
        entry.readers -= 1;
        let free = entry.readers == 0;
        if free && self.anything == 0 { std::mem::take(&mut self.stage(stage).blocked) } else { Vec::new() }
    }

    pub(crate) fn name_comes(&mut self, name: &str) {
        self.names.entry(name.to_owned()).or_default().readers += 1;
    }

    /// Removes a reader. Returns the nodes to check again.
    #[must_use]
    pub(crate) fn name_goes(&mut self, name: &str) -> Vec<NodeId> {
        let Some(entry) = self.names.get_mut(name) else { return Vec::new() };
        entry.readers -= 1;
        if entry.readers > 0 {
            return Vec::new();
        }
        self.names.remove(name).map(|entry| entry.blocked).unwrap_or_default()
    }

    /// Returns `true` if rules wait for nodes by name.
    #[inline]
    pub(crate) fn has_names(&self) -> bool {
        !self.names.is_empty()
    }

    /// Returns `true` if a rule will receive the node of this name. The node is then checked again when no such rule is
    /// left.
    pub(crate) fn is_read_by_name(&mut self, name: &str, node: NodeId) -> bool {
        let entry = self.names.get_mut(name);
        entry.map(|entry| entry.blocked.push(node)).is_some()
    }

    pub(crate) fn anything_comes(&mut self) {
        self.anything += 1;
    }

    /// Removes a reader. Returns the nodes to check again.
    #[must_use]
    pub(crate) fn anything_goes(&mut self) -> Vec<NodeId> {
        self.anything -= 1;
        if self.anything > 0 {
            return Vec::new();
        }
        let free = self.stages.iter_mut().filter(|entry| entry.readers == 0);
        free.flat_map(|entry| std::mem::take(&mut entry.blocked)).collect()
    }

    /// Marks a node that has no other reader as unread, and returns `true`, unless a rule may still read its stage: the
    /// node is then blocked until that rule goes.
    pub(crate) fn is_unread(&mut self, node: NodeId, stage: StageId) -> bool {
        let (anything, entry) = (self.anything, self.stage(stage));
        if anything > 0 || entry.readers > 0 {
            entry.blocked.push(node);
            return false;
        }
        self.unread.push(node);
        true
    }

    /// Removes and returns a node whose output can be dropped.
    pub(crate) fn next(&mut self) -> Option<NodeId> {
        self.unread.pop()
    }

    fn stage(&mut self, stage: StageId) -> &mut StageReaders {
        if self.stages.len() <= stage.index() {
            self.stages.resize_with(stage.index() + 1, StageReaders::default);
        }
        &mut self.stages[stage.index()]
    }
}
