//! What nobody wants any more: nodes, with all that is below them, stages, or the whole run.
//!
//! Somebody asks for it once; that each node is cancelled follows from it, one event after another. What appears later and
//! is not wanted either is cancelled when it appears.

use super::Machine;
use crate::dag::event::{Event, Unwanted};
use crate::dag::failure::{Cause, NodeError};
use crate::dag::id::{NodeId, StageId, Time};
use crate::dag::kind::NodeState;
use std::collections::VecDeque;
use std::sync::Arc;

/// What was asked for, and what is still to be done.
#[derive(Default)]
pub(super) struct Cancelling {
    run: Option<Arc<str>>,
    /// All nodes before this one have been looked at since the run was cancelled.
    looked_at: usize,
    stages: Vec<(StageId, Arc<str>)>,
    lineages: Vec<(NodeId, Arc<str>)>,
    nodes: VecDeque<(NodeId, Arc<str>)>,
}

impl Cancelling {
    /// Whether somebody has asked for the whole run.
    #[inline]
    pub(super) fn has_run(&self) -> bool {
        self.run.is_some()
    }

    /// Whether what appears may be unwanted.
    #[inline]
    pub(super) fn looks_at_new(&self) -> bool {
        !self.stages.is_empty() || !self.lineages.is_empty()
    }
}

impl Machine {
    /// Whether the whole run is being cancelled: then no rule is applied any more, and nothing starts.
    pub fn is_cancelled(&self) -> bool {
        self.cancelling.has_run()
    }

    pub(super) fn cancel_all(&mut self, what: Unwanted, why: &str) {
        self.is_unusual = true;
        let why: Arc<str> = Arc::from(why);
        match what {
            Unwanted::EntireRun => {
                self.stopped.get_or_insert_with(|| why.to_string());
                self.cancelling.run.get_or_insert(why);
                self.ready.clear();
                self.due.clear();
                self.ask.clear();
            }
            Unwanted::SingleNode(node) => self.cancelling.nodes.push_back((node, why)),
            Unwanted::WithLineage(above) => {
                self.cancelling.lineages.push((above, Arc::clone(&why)));
                let below = self.graph.nodes().skip(above.index()).filter(|node| self.is_below(*node, above));
                let below: Vec<NodeId> = below.collect();
                self.cancelling.nodes.extend(below.into_iter().map(|node| (node, Arc::clone(&why))));
            }
            Unwanted::WholeStage(stage) => {
                self.cancelling.stages.push((stage, Arc::clone(&why)));
                let nodes = self.graph.nodes_of(stage).iter();
                self.cancelling.nodes.extend(nodes.map(|node| (*node, Arc::clone(&why))));
            }
        }
    }

    /// Whether a node is this one, or below it in the lineage.
    fn is_below(&self, node: NodeId, above: NodeId) -> bool {
        std::iter::successors(Some(node), |node| self.graph.lineage_parent(*node)).any(|node| node == above)
    }

    /// Nodes have appeared since there were so many.
    #[cold]
    pub(super) fn cancel_new(&mut self, since: usize) {
        for node in self.graph.nodes().skip(since) {
            let stage = self.graph.stage(node);
            let of_stage = self.cancelling.stages.iter().find(|(unwanted, _)| Some(*unwanted) == stage);
            let below = || {
                let found = self.cancelling.lineages.iter().find(|(above, _)| self.is_below(node, *above));
                found.map(|(_, why)| Arc::clone(why))
            };
            if let Some(why) = of_stage.map(|(_, why)| Arc::clone(why)).or_else(below) {
                self.cancelling.nodes.push_back((node, why));
            }
        }
    }

    /// The next node that is cancelled. When the whole run is, the nodes that run may come to their end.
    #[cold]
    pub(super) fn next_cancelled(&mut self, at: Time) -> Option<Event> {
        while let Some((node, why)) = self.cancelling.nodes.pop_front() {
            if self.graph.state(node).is_some_and(|state| !state.is_settled()) {
                return Some(self.cancelled(node, &why, at));
            }
        }
        let why = self.cancelling.run.clone()?;
        while self.cancelling.looked_at < self.graph.len() {
            let node = NodeId::from_index(self.cancelling.looked_at);
            self.cancelling.looked_at += 1;
            let state = self.graph.state(node);
            if matches!(state, Some(NodeState::Waiting | NodeState::Ready | NodeState::Delayed)) {
                return Some(self.cancelled(node, &why, at));
            }
        }
        None
    }

    /// That this node is cancelled.
    pub fn cancelled(&self, node: NodeId, why: &str, at: Time) -> Event {
        let stage = self.graph.stage(node).map_or("?", |stage| self.graph.stage_info(stage).name);
        let error = NodeError::new(self.graph.name(node), stage, Cause::Cancelled(why.to_owned()));
        Event::Cancelled { node, error: error.keyed(self.graph.key(node)), at }
    }
}
