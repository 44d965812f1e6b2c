//! What may not happen before somebody has let it.

use crate::dag::{Due, NodeId};
use crate::port::Signal;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::task::Waker;

/// Something that can happen next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Step {
    Rule(Due),
    Node(NodeId),
    Finish,
}

/// Where what can happen next waits.
#[derive(Default)]
pub(super) struct Gate {
    /// Nodes that are ready and may not start yet.
    nodes: VecDeque<NodeId>,
    /// Those that may.
    open: HashSet<NodeId>,
    /// Whether nothing is left but to end the run, and whether that may be.
    pub(super) is_at_end: bool,
    pub(super) may_end: bool,
    /// What was refused, and how many events there had been then.
    refused: HashMap<Step, u64>,
    /// How many steps may still be taken.
    pub(super) left: Option<usize>,
    /// Raised when there may be something new to decide.
    pub(super) told: Arc<Signal>,
}

impl Gate {
    pub(super) fn new(left: Option<usize>) -> Self {
        Self { left, ..Self::default() }
    }

    /// Whether a node that is ready may start; if not, it waits here.
    pub(super) fn lets(&mut self, node: NodeId, wakers: &mut Vec<Waker>) -> bool {
        let open = self.open.contains(&node);
        if !open {
            self.nodes.push_back(node);
            self.told.raise(wakers);
        }
        open
    }

    /// A node starts.
    pub(super) fn pass(&mut self, node: NodeId) {
        self.open.remove(&node);
    }

    /// A node that started to be carried out has not begun, and may still start.
    pub(super) fn reopen(&mut self, node: NodeId) {
        self.open.insert(node);
    }

    /// Lets a node start that waits. Whether it did.
    pub(super) fn open(&mut self, node: NodeId) -> bool {
        let Some(place) = self.nodes.iter().position(|waiting| *waiting == node) else { return false };
        self.nodes.remove(place);
        self.open.insert(node)
    }

    /// Whether a node waits here.
    pub(super) fn holds(&self, node: NodeId) -> bool {
        self.nodes.contains(&node)
    }

    /// The nodes that wait, with those that were cancelled since.
    pub(super) fn waiting(&self) -> impl Iterator<Item = NodeId> {
        self.nodes.iter().copied()
    }

    /// Whether this was refused, and nothing has happened since.
    pub(super) fn is_refused(&self, step: Step, events: u64) -> bool {
        self.refused.get(&step) == Some(&events)
    }

    pub(super) fn refuse(&mut self, step: Step, events: u64) {
        self.refused.insert(step, events);
    }

    /// Asks about everything again.
    pub(super) fn ask_again(&mut self) {
        self.refused.clear();
    }
}
