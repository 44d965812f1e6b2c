//! Dequeuing in a chosen order, for drivers that control scheduling.

use crate::dag::base::ids::NodeId;
use crate::dag::base::stage_info::Place;
use crate::dag::machine::{Due, Machine};

impl Machine {
    /// Returns the `nth` node that can start at `place`, counted from the one that [`Self::take_ready`] would return.
    /// The caller applies [`Event::Started`](crate::dag::Event::Started).
    #[must_use]
    pub fn take_ready_nth(&mut self, place: Place, nth: usize) -> Option<NodeId> {
        self.order_ready();
        self.ready.take_nth(place, nth, &mut self.graph)
    }

    /// Returns `true` if a node is in the ready queue.
    pub(crate) fn is_queued(&self, node: NodeId) -> bool {
        self.graph.nodes.get(node.index()).is_some_and(|record| record.queued)
    }

    /// Returns the number of bodies to run.
    pub fn dues(&self) -> usize {
        self.due.len()
    }

    /// Returns the firings that are due, sorted: those in the queue, and those that were handed out and have neither
    /// fired nor failed.
    pub fn due_firings(&self) -> Vec<Due> {
        let mut due: Vec<Due> = self.due.iter().chain(self.handed_out.iter().copied()).collect();
        due.sort_unstable_by_key(|due| (due.rule, due.binding));
        due
    }

    /// Iterates over the bodies to run, in order.
    pub(crate) fn all_due(&self) -> impl Iterator<Item = Due> {
        self.due.iter()
    }

    /// Dequeues this body, if it is queued. The caller proceeds as after [`Self::next_due`].
    pub(crate) fn take_due(&mut self, due: Due) -> bool {
        let is_there = self.due.take(due);
        if is_there {
            self.handed_out.push(due);
        }
        is_there
    }

    /// Returns `true` if this body is queued.
    pub(crate) fn is_due(&mut self, due: Due) -> bool {
        self.due.contains(due)
    }

    /// Returns the first queued body whose number is at least this, with its number. Bodies are numbered in the order
    /// in which they become due.
    pub(crate) fn due_at_or_after(&self, number: u64) -> Option<(u64, Due)> {
        self.due.at_or_after(number)
    }

    /// Returns the first queued body of the rule that owns the `nth` queued body: bodies of one rule stay in order. The
    /// caller proceeds as after [`Self::next_due`].
    #[must_use]
    pub fn next_due_nth(&mut self, nth: usize) -> Option<Due> {
        let due = self.due.take_nth_rule(nth)?;
        self.handed_out.push(due);
        Some(due)
    }
}
