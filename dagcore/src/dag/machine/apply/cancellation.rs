//! Cancellation of nodes, of nodes with their descendants in the lineage, of stages, or of the whole run.
//!
//! A request is one event; the cancellation of each node follows from it, as one event after another. Nodes that appear
//! later and match a request are cancelled when they appear.

use crate::dag::base::errors::{Cause, NodeError};
use crate::dag::base::ids::{NodeId, StageId, Time};
use crate::dag::base::node_state::NodeState;
use crate::dag::event::{CancelScope, Event};
use crate::dag::machine::Machine;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The requests, and the pending cancellations.
#[derive(Default)]
pub(crate) struct Cancelling {
    run: Option<Arc<str>>,
    /// All nodes before this one have been visited since the run was cancelled.
    looked_at: usize,
    stages: Vec<(StageId, Arc<str>)>,
    /// Nodes that were cancelled with their descendants in the lineage, and those descendants.
    lineages: HashMap<NodeId, Arc<str>>,
    nodes: VecDeque<(NodeId, Arc<str>)>,
}

impl Cancelling {
    /// Returns `true` if the whole run is being cancelled.
    #[inline]
    pub(crate) fn has_run(&self) -> bool {
        self.run.is_some()
    }

    /// Returns `true` if new nodes may have to be cancelled.
    #[inline]
    pub(crate) fn looks_at_new(&self) -> bool {
        !self.stages.is_empty() || !self.lineages.is_empty()
    }
}

impl Machine {
    /// Returns `true` if the whole run is being cancelled: no rule is applied and no node starts any more.
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

    /// Enqueues unsettled nodes for cancellation. They leave the ready queue immediately, so that none of them starts
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

    /// Records a node and its descendants in the lineage as cancelled. Returns those that are new, in the order of ids.
    /// A node that was recorded before is skipped together with its descendants, so only new nodes are visited.
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

    /// Records a node as cancelled if its lineage parent was recorded, for its own descendants. Returns the reason.
    fn note_below(&mut self, node: NodeId) -> Option<Arc<str>> {
        let why = Arc::clone(self.cancelling.lineages.get(&self.graph.lineage_parent(node)?)?);
        self.cancelling.lineages.insert(node, Arc::clone(&why));
        Some(why)
    }

    /// Enqueues the nodes added since there were `since` of them, where they match a request.
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

    /// Returns the next cancellation. When the whole run is cancelled, running nodes may finish.
    #[cold]
    pub(crate) fn next_cancelled(&mut self, at: Time) -> Option<Event> {
        while let Some((node, why)) = self.cancelling.nodes.pop_front() {
            if self.graph.state(node).is_some_and(|state| !state.is_settled()) {
                return Some(self.cancelled(node, why, at));
            }
        }
        let why = self.cancelling.run.clone()?;
        // The graph is append-only, so one cursor visits each node once, including nodes that are added later.
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

    /// Creates the event that cancels this node.
    pub fn cancelled(&self, node: NodeId, why: impl Into<Arc<str>>, at: Time) -> Event {
        let stage = self.graph.stage_name(node);
        let error = NodeError::new(self.graph.name(node), stage, Cause::Cancelled(why.into()));
        Event::Cancelled { node, error: error.keyed(self.graph.key(node)), at }
    }
}
