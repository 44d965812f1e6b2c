//! Nodes that a worker has taken, and has run: it begins one at a time and keeps the rest where others can reach it, so that
//! a node that takes unusually long holds up no other.
//!
//! At every time each node is in one place that a thread which cancels can see: on the deck, recorded by the machine, or, while
//! its owner holds the lock of the run, in the owner's hands.

use super::start_barrier::StartBarrier;
use super::state::Parked;
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
pub(super) struct Deck(Mutex<Piles>);

#[derive(Default)]
struct Piles {
    /// What has not begun, the next one last.
    taken: Vec<Taken>,
    /// The node that its owner began last.
    begun: Option<NodeId>,
    /// Nodes that have begun, and wait in tasks of their own.
    parked: Vec<NodeId>,
    finished: Vec<Finished>,
}

/// What a worker has run and not handed in: what has ended, and what waits in tasks of its own.
pub(super) struct Run<'a> {
    pub(super) finished: &'a mut Vec<Finished>,
    pub(super) parked: &'a [Parked],
}

/// The next node of a deck.
pub(super) enum Next {
    /// It has begun.
    Begun(Taken),
    None,
    /// The barrier was raised: all that has not begun, which needs another look.
    Recalled(Vec<Taken>),
}

impl Piles {
    fn next(&mut self, barrier: &StartBarrier, seen: u64) -> Next {
        if barrier.raised() != seen {
            self.begun = None;
            let mut taken = std::mem::take(&mut self.taken);
            taken.reverse();
            return Next::Recalled(taken);
        }
        let next = self.taken.pop();
        self.begun = next.as_ref().map(|taken| taken.node);
        next.map_or(Next::None, Next::Begun)
    }
}

impl Deck {
    /// Puts nodes away that were taken when the barrier had been raised as often as `seen`, and begins the first.
    pub(super) fn begin(&self, taken: &mut Vec<Taken>, barrier: &StartBarrier, seen: u64) -> Next {
        taken.reverse();
        let mut piles = self.0.lock();
        std::mem::swap(&mut piles.taken, taken); // nothing was left there
        piles.next(barrier, seen)
    }

    /// Begins the next node. What was run is put away, where a thread that cancels sees it, until the worker hands it in.
    pub(super) fn next(&self, run: Run<'_>, barrier: &StartBarrier, seen: u64) -> Next {
        let mut piles = self.0.lock();
        while let Some(finished) = run.finished.pop() {
            piles.finished.push(finished); // there is one, or none
        }
        let known = piles.parked.len();
        if known < run.parked.len() {
            piles.parked.extend(run.parked.iter().skip(known).map(|parked| parked.node));
        }
        piles.next(barrier, seen)
    }

    /// For the thread that has raised the barrier: what has not begun, what has ended, and the nodes that have begun beside those.
    pub(super) fn recall(&self, taken: &mut Vec<Taken>, finished: &mut Vec<Finished>, begun: &mut Vec<NodeId>) {
        let mut piles = self.0.lock();
        taken.extend(piles.taken.drain(..).rev());
        finished.append(&mut piles.finished);
        begun.extend(piles.begun);
        begun.extend(&piles.parked);
    }

    /// Gives half of what has not been begun away: what its owner would begin last.
    pub(super) fn give_half(&self, into: &mut Vec<Taken>) {
        let taken = &mut self.0.lock().taken;
        let half = taken.len().div_ceil(2);
        into.extend(taken.drain(..half).rev());
    }

    /// Gives what has been run to its owner, who hands it in now.
    pub(super) fn collect(&self, into: &mut Vec<Finished>) {
        let mut piles = self.0.lock();
        if into.is_empty() {
            std::mem::swap(into, &mut piles.finished);
        } else {
            into.append(&mut piles.finished);
        }
        piles.parked.clear();
    }

    /// Gives away what has been run.
    pub(super) fn give_finished(&self, into: &mut Vec<Finished>) {
        into.append(&mut self.0.lock().finished);
    }

    /// Whether all of it has been begun.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().taken.is_empty()
    }
}
