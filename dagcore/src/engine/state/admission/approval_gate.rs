//! The approval gate: steps awaiting approval, in runs with a decider and stepwise runs.
//!
//! `State::admits` puts ready nodes here; `drivers::decider` approves or refuses steps.

use crate::dag::{Due, Machine, NodeId, NodeState};
use crate::port::Signal;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::task::Waker;

/// A step that can be taken next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Step {
    Rule(Due),
    Node(NodeId),
    Finish,
}

/// Steps awaiting approval, and those already approved.
#[derive(Default)]
pub(crate) struct Gate {
    /// Ready nodes that await approval, by order of arrival.
    nodes: BTreeMap<u64, NodeId>,
    numbers: HashMap<NodeId, u64>,
    came: u64,
    /// Approved nodes that have not started.
    open: HashSet<NodeId>,
    /// `true` if only the end of the run is left. `may_end` is `true` once that is approved.
    pub(crate) is_at_end: bool,
    pub(crate) may_end: bool,
    refused: Refused,
    /// Number of steps that may still be taken.
    pub(crate) left: Option<usize>,
    /// Raised when there may be a new step to decide.
    pub(crate) told: Arc<Signal>,
}

/// Steps that were refused since the last event. Until the next event, new steps are only added at the end; the two
/// cursors skip those already passed, so a scan does not start from the beginning, however many steps there are.
#[derive(Default)]
struct Refused {
    /// The event count of the machine at that time.
    events: u64,
    steps: HashSet<Step>,
    /// The numbers of the first body and the first node that were not passed.
    next_due: u64,
    next_node: u64,
}

impl Gate {
    /// Creates a gate that admits at most `left` steps.
    pub(crate) fn new(left: Option<usize>) -> Self {
        Self { left, ..Self::default() }
    }

    /// Returns `true` if a ready node may start; otherwise it is enqueued here.
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

    /// Removes a cancelled node.
    pub(crate) fn withdraw(&mut self, node: NodeId) {
        self.forget(node);
        self.open.remove(&node);
    }

    /// Removes the approval of a node that starts.
    pub(crate) fn pass(&mut self, node: NodeId) {
        self.open.remove(&node);
    }

    /// Restores the approval of a node that was taken and has not begun.
    pub(crate) fn reopen(&mut self, node: NodeId) {
        self.open.insert(node);
    }

    /// Approves a waiting node. Returns `true` if it was waiting.
    pub(crate) fn open(&mut self, node: NodeId) -> bool {
        self.forget(node) && self.open.insert(node)
    }

    /// Dequeues a node. Returns `true` if it was waiting.
    fn forget(&mut self, node: NodeId) -> bool {
        self.numbers.remove(&node).is_some_and(|number| self.nodes.remove(&number).is_some())
    }

    /// Returns `true` if a node awaits approval.
    pub(crate) fn holds(&self, node: NodeId) -> bool {
        self.numbers.contains_key(&node)
    }

    /// Returns the waiting nodes in order of arrival.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = NodeId> {
        self.nodes.values().copied()
    }

    /// Returns the first step that was not refused since the last event.
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

    /// Records that a step was refused when the machine had applied `events` events.
    pub(crate) fn refuse(&mut self, step: Step, events: u64) {
        self.refused.at(events);
        self.refused.steps.insert(step);
    }

    /// Forgets all refusals, so that every step is decided again.
    pub(crate) fn ask_again(&mut self) {
        self.refused = Refused::default();
    }
}

impl Refused {
    /// Forgets all refusals if an event was applied since.
    fn at(&mut self, events: u64) {
        if self.events != events {
            *self = Self { events, ..Self::default() };
        }
    }
}

/// Returns `true` if a node at the gate is ready; a node that is to be cancelled is not.
pub(crate) fn may_start(machine: &Machine, node: NodeId) -> bool {
    machine.graph().state(node) == Some(NodeState::Ready)
}
