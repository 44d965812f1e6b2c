//! Taking what is ready, or due, in another order than that in which it came: for whoever decides on the order.

use crate::dag::base::ids::NodeId;
use crate::dag::base::stage_info::Place;
use crate::dag::machine::{Due, Machine};

impl Machine {
    /// The `nth` of the nodes that can start at `place`, the first of which [`Self::take_ready`] would give. The
    /// caller applies [`Event::Started`](crate::dag::Event::Started).
    #[must_use]
    pub fn take_ready_nth(&mut self, place: Place, nth: usize) -> Option<NodeId> {
        self.order_ready();
        self.ready.take_nth(place, nth, &mut self.graph)
    }

    /// Whether a node waits in the ready queue.
    pub(crate) fn is_queued(&self, node: NodeId) -> bool {
        self.graph.nodes.get(node.index()).is_some_and(|record| record.queued)
    }

    /// How many bodies are to be run.
    pub fn dues(&self) -> usize {
        self.due.len()
    }

    /// The firings that are due, sorted: those whose body is to be run, and those that were handed out and have neither fired nor
    /// failed.
    pub fn due_firings(&self) -> Vec<Due> {
        let mut due: Vec<Due> = self.due.iter().chain(self.handed_out.iter().copied()).collect();
        due.sort_unstable_by_key(|due| (due.rule, due.binding));
        due
    }

    /// The bodies that are to be run, in their order.
    pub(crate) fn all_due(&self) -> impl Iterator<Item = Due> {
        self.due.iter()
    }

    /// Takes a body that is to be run, if it still is. The caller does as after [`Self::next_due`].
    pub(crate) fn take_due(&mut self, due: Due) -> bool {
        let is_there = self.due.take(due);
        if is_there {
            self.handed_out.push(due);
        }
        is_there
    }

    /// Whether this body is to be run.
    pub(crate) fn is_due(&mut self, due: Due) -> bool {
        self.due.contains(due)
    }

    /// The first body that is to be run whose number is at least this, with its number. A body has its number from when it
    /// becomes due, and later ones have greater numbers.
    pub(crate) fn due_at_or_after(&self, number: u64) -> Option<(u64, Due)> {
        self.due.at_or_after(number)
    }

    /// Of the rule whose body is the `nth` that is to be run, what comes first: the bodies of one rule stay in their
    /// order. The caller does as after [`Self::next_due`].
    #[must_use]
    pub fn next_due_nth(&mut self, nth: usize) -> Option<Due> {
        let due = self.due.take_nth_rule(nth)?;
        self.handed_out.push(due);
        Some(due)
    }
}
