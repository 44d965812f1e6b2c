//! What nobody wants any more: nodes, with all that is below them, stages, or the whole run.
//!
//! Somebody asks for it once; that each node is cancelled follows from it, one event after another. What appears later and
//! is not wanted either is cancelled when it appears.

use crate::dag::base::errors::{Cause, NodeError};
use crate::dag::base::ids::{NodeId, StageId, Time};
use crate::dag::base::node_state::NodeState;
use crate::dag::event::{CancelScope, Event};
use crate::dag::machine::Machine;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// What was asked for, and what is still to be done.
#[derive(Default)]
pub(crate) struct Cancelling {
    run: Option<Arc<str>>,
    /// All nodes before this one have been looked at since the run was cancelled.
    looked_at: usize,
    stages: Vec<(StageId, Arc<str>)>,
    /// Nodes that are not wanted with all that is below them, and those that are below them.
    lineages: HashMap<NodeId, Arc<str>>,
    nodes: VecDeque<(NodeId, Arc<str>)>,
}

impl Cancelling {
    /// Whether somebody has asked for the whole run.
    #[inline]
    pub(crate) fn has_run(&self) -> bool {
        self.run.is_some()
    }

    /// Whether what appears may be unwanted.
    #[inline]
    pub(crate) fn looks_at_new(&self) -> bool {
        !self.stages.is_empty() || !self.lineages.is_empty()
    }
}

impl Machine {
    /// Whether the whole run is being cancelled: then no rule is applied any more, and nothing starts.
    pub fn is_cancelled(&self) -> bool {
        self.cancelling.has_run()
    }

    pub(crate) fn cancel_all(&mut self, what: CancelScope, why: &str) {
        self.is_unusual = true;
        let why: Arc<str> = Arc::from(why);
        match what {
            CancelScope::EntireRun => {
                self.stopped.get_or_insert_with(|| why.to_string());
                self.cancelling.run.get_or_insert(why);
                self.ready.clear(&mut self.graph);
                self.due.clear();
                self.ask.clear();
            }
            CancelScope::SingleNode(node) => self.cancelling.nodes.push_back((node, why)),
            CancelScope::Subtree(above) => {
                let below = self.note_all_below(above, &why);
                self.unwant(below, &why);
            }
            CancelScope::WholeStage(stage) => {
                if self.cancelling.stages.iter().all(|(known, _)| *known != stage) {
                    self.cancelling.stages.push((stage, Arc::clone(&why)));
                    self.unwant(self.graph.nodes_of(stage).to_vec(), &why);
                }
            }
        }
    }

    /// These are not wanted, as far as they have not ended. They leave the ready queue at once, so that none of them starts
    /// before its own event.
    fn unwant(&mut self, nodes: Vec<NodeId>, why: &Arc<str>) {
        for node in nodes {
            if self.is_settled(node) {
                continue;
            }
            let place = self.place(node);
            self.ready.remove(place, node, &mut self.graph);
            self.cancelling.nodes.push_back((node, Arc::clone(why)));
        }
    }

    /// Notes a node and all that is below it in the lineage, but for what was noted before: with all that is below that. What
    /// is new, in the order of the ids. It walks only that.
    fn note_all_below(&mut self, above: NodeId, why: &Arc<str>) -> Vec<NodeId> {
        let (mut todo, mut found) = (vec![above], Vec::new());
        while let Some(node) = todo.pop() {
            if self.cancelling.lineages.contains_key(&node) {
                continue;
            }
            self.cancelling.lineages.insert(node, Arc::clone(why));
            found.push(node);
            self.graph.push_lineage_children(node, &mut todo);
        }
        found.sort_unstable();
        found
    }

    /// Notes a node whose parent in the lineage is not wanted, for those below it. Why it is not wanted.
    fn note_below(&mut self, node: NodeId) -> Option<Arc<str>> {
        let why = Arc::clone(self.cancelling.lineages.get(&self.graph.lineage_parent(node)?)?);
        self.cancelling.lineages.insert(node, Arc::clone(&why));
        Some(why)
    }

    /// Nodes have appeared since there were so many.
    #[cold]
    pub(crate) fn cancel_new(&mut self, since: usize) {
        for node in (since..self.graph.len()).map(NodeId::from_index) {
            let stage = self.graph.stage(node);
            let below = self.note_below(node);
            let of_stage = self.cancelling.stages.iter().find(|(unwanted, _)| Some(*unwanted) == stage);
            if let Some(why) = below.or(of_stage.map(|(_, why)| Arc::clone(why))) {
                self.cancelling.nodes.push_back((node, why));
            }
        }
    }

    /// The next node that is cancelled. When the whole run is, the nodes that run may come to their end.
    #[cold]
    pub(crate) fn next_cancelled(&mut self, at: Time) -> Option<Event> {
        while let Some((node, why)) = self.cancelling.nodes.pop_front() {
            if self.graph.state(node).is_some_and(|state| !state.is_settled()) {
                return Some(self.cancelled(node, why, at));
            }
        }
        let why = self.cancelling.run.clone()?;
        while self.cancelling.looked_at < self.graph.len() {
            let node = NodeId::from_index(self.cancelling.looked_at);
            self.cancelling.looked_at += 1;
            let state = self.graph.state(node);
            if matches!(state, Some(NodeState::Waiting | NodeState::Ready | NodeState::AwaitingRetry)) {
                return Some(self.cancelled(node, why, at));
            }
        }
        None
    }

    /// That this node is cancelled.
    pub fn cancelled(&self, node: NodeId, why: impl Into<Arc<str>>, at: Time) -> Event {
        let stage = self.graph.stage_name(node);
        let error = NodeError::new(self.graph.name(node), stage, Cause::Cancelled(why.into()));
        Event::Cancelled { node, error: error.keyed(self.graph.key(node)), at }
    }
}
