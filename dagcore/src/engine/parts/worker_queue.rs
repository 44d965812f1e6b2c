//! Nodes that a worker has taken, and has run: it begins one at a time and keeps the rest where others can reach it, so that
//! a node that takes unusually long holds up no other.
//!
//! A thread that cancels finds each node on a deck or recorded in the machine. A node between the two, in the hands of its worker,
//! does not begin before the worker has compared the barrier.

use super::start_barrier::StartBarrier;
use super::sync::Mutex;
use crate::dag::{NodeId, StageId, Time};
use crate::port::{Job, StageResult};
use tokio::sync::oneshot::Sender;

/// A node on its way to be run.
pub(crate) struct Taken {
    pub(crate) node: NodeId,
    pub(crate) stage: StageId,
    pub(crate) job: Box<dyn Job>,
    /// Which attempt at the node this is, counted from 0.
    pub(crate) attempt: u32,
    /// Whether the machine has recorded that it started.
    pub(crate) announced: bool,
    /// Whether a second job is to be kept, for another attempt.
    pub(crate) spare: bool,
}

/// A node that was run.
pub(crate) struct Finished {
    pub(crate) node: NodeId,
    pub(crate) stage: StageId,
    pub(crate) started: Time,
    pub(crate) ended: Time,
    pub(crate) attempt: u32,
    pub(crate) announced: bool,
    /// Whether it ended without ever waiting: then the time it took says how long a worker is busy with it.
    pub(crate) in_place: bool,
    pub(crate) result: StageResult,
}

/// A node that waits in a task of its own.
pub(crate) struct Parked {
    pub(crate) node: NodeId,
    pub(crate) started: Time,
    pub(crate) attempt: u32,
    pub(crate) announced: bool,
    pub(crate) stop: Sender<()>,
}

/// What one worker has taken and not begun, and what it has run and not handed in.
#[derive(Default)]
pub(crate) struct Deck(Mutex<Piles>);

struct Piles {
    /// What has not begun, the next one last.
    taken: Vec<Taken>,
    /// The node that its owner began last, and has not put away.
    begun: NodeId,
    /// Nodes that have begun, and wait in tasks of their own.
    parked: Vec<NodeId>,
    finished: Vec<Finished>,
}

impl Default for Piles {
    fn default() -> Self {
        Self { taken: Vec::new(), begun: NodeId::NONE, parked: Vec::new(), finished: Vec::new() }
    }
}

impl Piles {
    /// The next node, which begins; none if the barrier was raised since the owner took the nodes.
    #[inline]
    fn next(&mut self, barrier: &StartBarrier, seen: u64) -> Option<Taken> {
        let next = if barrier.raised() == seen { self.taken.pop() } else { None };
        self.begun = next.as_ref().map_or(NodeId::NONE, |taken| taken.node);
        next
    }
}

impl Deck {
    /// Puts nodes away that were taken when the barrier had been raised as often as `seen`, and begins the first. Returns `None`,
    /// and leaves all in `taken`, if it was raised since.
    pub(crate) fn begin(&self, taken: &mut Vec<Taken>, barrier: &StartBarrier, seen: u64) -> Option<Taken> {
        let mut piles = self.0.lock();
        if barrier.raised() != seen {
            return None; // on the deck, another worker could steal them without another look
        }
        taken.reverse();
        std::mem::swap(&mut piles.taken, taken); // nothing was left there
        piles.next(barrier, seen)
    }

    /// Begins the next node. The one before has ended as `finished` says, or waits as the last of `parked`; both are put where a
    /// thread that cancels sees them, until the worker hands them in.
    ///
    /// Returns `None` when there is no other, or the barrier was raised; then the worker takes back what [is left](Self::take).
    #[inline]
    pub(crate) fn next(
        &self,
        finished: Option<Finished>,
        parked: &[Parked],
        barrier: &StartBarrier,
        seen: u64,
    ) -> Option<Taken> {
        let mut piles = self.0.lock();
        match finished {
            Some(finished) => piles.finished.push(finished),
            None => piles.parked.extend(parked.last().map(|parked| parked.node)),
        }
        piles.next(barrier, seen)
    }

    /// What has not begun, which needs another look, as the barrier was raised.
    pub(crate) fn take(&self, into: &mut Vec<Taken>) {
        into.extend(self.0.lock().taken.drain(..).rev());
    }

    /// For the thread that has raised the barrier: what has not begun, what has ended, and the nodes that have begun beside those.
    pub(crate) fn recall(&self, taken: &mut Vec<Taken>, finished: &mut Vec<Finished>, begun: &mut Vec<NodeId>) {
        let mut piles = self.0.lock();
        taken.extend(piles.taken.drain(..).rev());
        finished.append(&mut piles.finished);
        begun.extend(Some(piles.begun).filter(|node| node.is_some()));
        begun.extend(&piles.parked);
    }

    /// Gives half of what has not been begun away: what its owner would begin last.
    pub(crate) fn give_half(&self, into: &mut Vec<Taken>) {
        let taken = &mut self.0.lock().taken;
        let half = taken.len().div_ceil(2);
        into.extend(taken.drain(..half).rev());
    }

    /// Gives what has been run to its owner, who hands it in now.
    pub(crate) fn collect(&self, into: &mut Vec<Finished>) {
        let mut piles = self.0.lock();
        if into.is_empty() {
            std::mem::swap(into, &mut piles.finished);
        } else {
            into.append(&mut piles.finished);
        }
        piles.parked.clear();
    }

    /// Gives away what has been run.
    pub(crate) fn give_finished(&self, into: &mut Vec<Finished>) {
        into.append(&mut self.0.lock().finished);
    }

    /// Whether all of it has been begun.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().taken.is_empty()
    }
}
