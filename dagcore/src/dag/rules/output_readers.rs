//! Whose outputs can still be read by rules, apart from those that count as readers of single nodes.
//!
//! A rule that is given the nodes of a stage all at once reads that stage for as long as it is armed. A rule that may do
//! what nobody knows beforehand (ask a predicate, register a rule that is made on the spot, use handles that it captured)
//! may read everything.

use crate::dag::base::ids::{NodeId, StageId};
use std::collections::HashMap;

#[derive(Default, Debug)]
struct StageReaders {
    /// Armed rules that will be given its nodes.
    readers: u32,
    kept: bool,
    /// Nodes whose output nothing else would read.
    blocked: Vec<NodeId>,
}

#[derive(Default, Debug)]
struct NameReaders {
    /// Armed rules that will be given the node of this name.
    readers: u32,
    /// The nodes of this name whose output nothing else would read.
    blocked: Vec<NodeId>,
}

#[derive(Default, Debug)]
pub(crate) struct Reading {
    names: HashMap<String, NameReaders>,
    stages: Vec<StageReaders>,
    /// Armed rules that may read everything.
    anything: u32,
    /// Nodes whose output nothing reads any more.
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

    /// Gives the nodes that are to be looked at again.
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

    /// Gives the nodes that are to be looked at again.
    #[must_use]
    pub(crate) fn name_goes(&mut self, name: &str) -> Vec<NodeId> {
        let Some(entry) = self.names.get_mut(name) else { return Vec::new() };
        entry.readers -= 1;
        if entry.readers > 0 {
            return Vec::new();
        }
        self.names.remove(name).map(|entry| entry.blocked).unwrap_or_default()
    }

    /// Whether rules wait for nodes by their names.
    #[inline]
    pub(crate) fn has_names(&self) -> bool {
        !self.names.is_empty()
    }

    /// Whether a rule will be given the node of this name. If so, the node is looked at again when none is.
    pub(crate) fn is_read_by_name(&mut self, name: &str, node: NodeId) -> bool {
        let entry = self.names.get_mut(name);
        entry.map(|entry| entry.blocked.push(node)).is_some()
    }

    pub(crate) fn anything_comes(&mut self) {
        self.anything += 1;
    }

    /// Gives the nodes that are to be looked at again.
    #[must_use]
    pub(crate) fn anything_goes(&mut self) -> Vec<NodeId> {
        self.anything -= 1;
        if self.anything > 0 {
            return Vec::new();
        }
        let free = self.stages.iter_mut().filter(|entry| entry.readers == 0);
        free.flat_map(|entry| std::mem::take(&mut entry.blocked)).collect()
    }

    /// Nobody else reads this node.
    pub(crate) fn is_unread(&mut self, node: NodeId, stage: StageId) -> bool {
        let (anything, entry) = (self.anything, self.stage(stage));
        if anything > 0 || entry.readers > 0 {
            entry.blocked.push(node);
            return false;
        }
        self.unread.push(node);
        true
    }

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
