//! What may not happen before somebody has let it.

use crate::dag::{Due, Machine, NodeId, NodeState};
use crate::port::Signal;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::task::Waker;

/// Something that can happen next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Step {
    Rule(Due),
    Node(NodeId),
    Finish,
}

/// Where what can happen next waits.
#[derive(Default)]
pub(crate) struct Gate {
    /// Nodes that are ready and may not start yet, by the number with which each came.
    nodes: BTreeMap<u64, NodeId>,
    numbers: HashMap<NodeId, u64>,
    came: u64,
    /// Those that may.
    open: HashSet<NodeId>,
    /// Whether nothing is left but to end the run, and whether that may be.
    pub(crate) is_at_end: bool,
    pub(crate) may_end: bool,
    refused: Refused,
    /// How many steps may still be taken.
    pub(crate) left: Option<usize>,
    /// Raised when there may be something new to decide.
    pub(crate) told: Arc<Signal>,
}

/// What was refused since the last event. Until the next one, steps only join the others at the end; so those that were passed
/// are not looked at again, however many they are.
#[derive(Default)]
struct Refused {
    /// How many events there had been then.
    events: u64,
    steps: HashSet<Step>,
    /// The numbers of the first body and of the first node that were not passed.
    next_due: u64,
    next_node: u64,
}

impl Gate {
    pub(crate) fn new(left: Option<usize>) -> Self {
        Self { left, ..Self::default() }
    }

    /// Whether a node that is ready may start; if not, it waits here.
    pub(crate) fn lets(&mut self, node: NodeId, wakers: &mut Vec<Waker>) -> bool {
        let open = self.open.contains(&node);
        if !open && !self.holds(node) {
            self.nodes.insert(self.came, node);
            self.numbers.insert(node, self.came);
            self.came += 1;
            self.told.raise(wakers);
        }
        open
    }

    /// A node was cancelled.
    pub(crate) fn withdraw(&mut self, node: NodeId) {
        self.forget(node);
        self.open.remove(&node);
    }

    /// A node starts.
    pub(crate) fn pass(&mut self, node: NodeId) {
        self.open.remove(&node);
    }

    /// A node that started to be carried out has not begun, and may still start.
    pub(crate) fn reopen(&mut self, node: NodeId) {
        self.open.insert(node);
    }

    /// Lets a node start that waits. Whether it did.
    pub(crate) fn open(&mut self, node: NodeId) -> bool {
        self.forget(node) && self.open.insert(node)
    }

    /// A node does not wait any more. Returns `true` if it did.
    fn forget(&mut self, node: NodeId) -> bool {
        self.numbers.remove(&node).is_some_and(|number| self.nodes.remove(&number).is_some())
    }

    /// Whether a node waits here.
    pub(crate) fn holds(&self, node: NodeId) -> bool {
        self.numbers.contains_key(&node)
    }

    /// The nodes that wait, in the order in which they came.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = NodeId> {
        self.nodes.values().copied()
    }

    /// The first step that was not refused since the last event.
    pub(crate) fn next_unrefused(&mut self, machine: &Machine, at_end: bool) -> Option<Step> {
        let Self { refused, nodes, .. } = self;
        refused.at(machine.events());
        while let Some((number, due)) = machine.due_at_or_after(refused.next_due) {
            if !refused.steps.contains(&Step::Rule(due)) {
                return Some(Step::Rule(due));
            }
            refused.next_due = number + 1;
        }
        while let Some((number, node)) = nodes.range(refused.next_node..).next() {
            let step = Step::Node(*node);
            if may_start(machine, *node) && !refused.steps.contains(&step) {
                return Some(step);
            }
            refused.next_node = number + 1;
        }
        Some(Step::Finish).filter(|step| at_end && !refused.steps.contains(step))
    }

    pub(crate) fn refuse(&mut self, step: Step, events: u64) {
        self.refused.at(events);
        self.refused.steps.insert(step);
    }

    /// Asks about everything again.
    pub(crate) fn ask_again(&mut self) {
        self.refused = Refused::default();
    }
}

impl Refused {
    /// Forgets what was refused when something has happened since.
    fn at(&mut self, events: u64) {
        if self.events != events {
            *self = Self { events, ..Self::default() };
        }
    }
}

/// Whether a node at the gate is ready: one that is to be cancelled is not.
pub(crate) fn may_start(machine: &Machine, node: NodeId) -> bool {
    machine.graph().state(node) == Some(NodeState::Ready)
}
