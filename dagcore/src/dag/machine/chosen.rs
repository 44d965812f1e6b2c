//! Taking what is ready, or due, in another order than that in which it came: for whoever decides on the order.

use super::{Due, Machine};
use crate::dag::id::NodeId;
use crate::dag::kind::Place;

impl Machine {
    /// The `nth` of the nodes that can start at `place`, the first of which [`Self::take_ready`] would give. The
    /// caller applies [`Event::Started`](crate::dag::Event::Started).
    #[must_use]
    pub fn take_ready_nth(&mut self, place: Place, nth: usize) -> Option<NodeId> {
        self.ready.take_nth(place, nth, &self.graph)
    }

    /// How many bodies are to be run.
    pub fn dues(&self) -> usize {
        self.due.len()
    }

    /// Of the rule whose body is the `nth` that is to be run, what comes first: the bodies of one rule stay in their
    /// order. The caller does as after [`Self::next_due`].
    #[must_use]
    pub fn next_due_nth(&mut self, nth: usize) -> Option<Due> {
        let rule = self.due.get(nth)?.rule;
        let first = self.due.iter().position(|due| due.rule == rule)?;
        let due = self.due.remove(first)?;
        self.handed_out.push(due);
        Some(due)
    }
}
