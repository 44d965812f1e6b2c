//! Nodes that a worker has taken, and has run: it begins them a few at a time and keeps the rest where others can reach
//! it, so that whatever takes unusually long holds up no more than a few.

use super::start_barrier::{Begun, StartBarrier};
use crate::dag::{NodeId, StageId, Time};
use crate::port::{Job, StageResult};
use parking_lot::Mutex;

/// A node on its way to be run.
pub(super) struct Taken {
    pub(super) node: NodeId,
    pub(super) stage: StageId,
    pub(super) job: Box<dyn Job>,
    /// Which attempt at the node this is, counted from 0.
    pub(super) attempt: u32,
    /// Whether the machine has recorded that it started.
    pub(super) announced: bool,
    /// Whether a second job is to be kept, for another attempt.
    pub(super) spare: bool,
}

/// A node that was run.
pub(super) struct Finished {
    pub(super) node: NodeId,
    pub(super) stage: StageId,
    pub(super) started: Time,
    pub(super) ended: Time,
    pub(super) attempt: u32,
    pub(super) announced: bool,
    /// Whether it ended without ever waiting: then the time it took says how long a worker is busy with it.
    pub(super) in_place: bool,
    pub(super) result: StageResult,
}

/// What one worker has taken and not begun, and what it has run and not handed in.
#[derive(Default)]
pub(super) struct Deck {
    piles: Mutex<Piles>,
    /// How many of the few nodes at hand have begun.
    begun: Begun,
}

#[derive(Default)]
struct Piles {
    taken: Vec<Taken>,
    /// The nodes at hand, which the worker begins next, in this order.
    at_hand: Vec<NodeId>,
    finished: Vec<Finished>,
}

impl Piles {
    fn next(&mut self, few: usize, begun: &Begun, into: &mut Vec<Taken>) {
        into.extend(self.taken.drain(..few.min(self.taken.len())));
        self.at_hand.clear();
        self.at_hand.extend(into.iter().map(|taken| taken.node));
        begun.reset(usize::from(few == 1)); // a single one begins here, and needs no further check
    }

    /// Of what is at hand nothing is left to begin; what is on the deck needs another look.
    fn clear(&mut self, begun: &Begun, into: &mut Vec<Taken>) {
        into.append(&mut self.taken);
        self.at_hand.clear();
        begun.reset(0);
    }
}

impl Deck {
    /// Puts all but the first `few` of these away. Returns `false`, and leaves all of them, if the barrier was raised since they
    /// were taken.
    pub(super) fn put_away(&self, few: usize, taken: &mut Vec<Taken>, barrier: &StartBarrier, seen: u64) -> bool {
        let mut piles = self.piles.lock();
        if barrier.raised() != seen {
            return false;
        }
        std::mem::swap(&mut piles.taken, taken); // nothing was left there
        piles.next(few, &self.begun, taken);
        true
    }

    /// Whether the next of the `few` at hand may begin.
    #[inline]
    pub(super) fn begin(&self, few: usize, barrier: &StartBarrier, seen: u64) -> bool {
        few == 1 || self.begun.begin(barrier, seen)
    }

    /// Brings the next `few`. What is finished is put away meanwhile, and comes back at the end. Returns `false`, and brings all
    /// that is left, if the barrier was raised since they were taken.
    pub(super) fn next(
        &self,
        few: usize,
        taken: &mut Vec<Taken>,
        finished: &mut Vec<Finished>,
        barrier: &StartBarrier,
        seen: u64,
    ) -> bool {
        let mut piles = self.piles.lock();
        piles.finished.append(finished);
        if barrier.raised() != seen {
            piles.clear(&self.begun, taken);
            std::mem::swap(&mut piles.finished, finished);
            return false;
        }
        piles.next(few, &self.begun, taken);
        if taken.is_empty() {
            std::mem::swap(&mut piles.finished, finished);
        }
        true
    }

    /// After the barrier was raised while some of the few at hand had not begun: brings all that is on the deck.
    pub(super) fn give_up(&self, taken: &mut Vec<Taken>, finished: &mut Vec<Finished>) {
        let mut piles = self.piles.lock();
        piles.clear(&self.begun, taken);
        piles.finished.append(finished);
        std::mem::swap(&mut piles.finished, finished);
    }

    /// For the thread that has raised the barrier: what has not begun, what has been run, and the nodes at hand that have begun.
    pub(super) fn recall(&self, taken: &mut Vec<Taken>, finished: &mut Vec<Finished>, begun: &mut Vec<NodeId>) {
        let mut piles = self.piles.lock();
        taken.append(&mut piles.taken);
        finished.append(&mut piles.finished);
        begun.extend(piles.at_hand.iter().take(self.begun.count()));
    }

    /// Gives half of what has not been begun away: what its owner would begin last.
    pub(super) fn give_half(&self, into: &mut Vec<Taken>) {
        let taken = &mut self.piles.lock().taken;
        into.extend(taken.drain(taken.len() / 2..));
    }

    /// Gives away what has been run.
    pub(super) fn give_finished(&self, into: &mut Vec<Finished>) {
        into.append(&mut self.piles.lock().finished);
    }

    /// Whether all of it has been begun.
    pub(super) fn is_empty(&self) -> bool {
        self.piles.lock().taken.is_empty()
    }
}
