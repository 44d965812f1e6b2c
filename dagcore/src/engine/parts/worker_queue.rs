//! A worker's queue of nodes that it has taken, and of results it has not reported. The worker begins one node at a
//! time; the rest can be stolen, so a node that takes unusually long delays no other.
//!
//! A thread that cancels finds each node in a queue or recorded in the machine. A node between the two, held only by
//! its worker, does not begin before the worker has checked the start barrier.
//!
//! Lock order: the lock of a queue may be taken while that of the run is held, and no other lock is taken while it is
//! held.

use super::start_barrier::StartBarrier;
use super::sync::Mutex;
use crate::dag::{NodeId, StageId, Time};
use crate::port::{Job, StageResult};
use tokio::sync::oneshot::Sender;

/// A node that was taken to be run.
pub(crate) struct Taken {
    pub(crate) node: NodeId,
    pub(crate) stage: StageId,
    pub(crate) job: Box<dyn Job>,
    /// The number of this attempt, counted from 0.
    pub(crate) attempt: u32,
    /// `true` if the machine has recorded the start.
    pub(crate) announced: bool,
    /// `true` if a second job must be kept, for another attempt.
    pub(crate) spare: bool,
}

/// A node whose attempt has ended.
pub(crate) struct Finished {
    pub(crate) node: NodeId,
    pub(crate) stage: StageId,
    pub(crate) started: Time,
    pub(crate) ended: Time,
    pub(crate) attempt: u32,
    pub(crate) announced: bool,
    /// `true` if the node ended without being parked: then its duration is the time for which it occupied a worker.
    pub(crate) in_place: bool,
    pub(crate) result: StageResult,
}

/// A node whose future waits in a task of its own.
pub(crate) struct Parked {
    pub(crate) node: NodeId,
    pub(crate) started: Time,
    pub(crate) attempt: u32,
    pub(crate) announced: bool,
    pub(crate) stop: Sender<()>,
}

/// The queue of one worker.
#[derive(Default)]
pub(crate) struct Deck(Mutex<Piles>);

/// The contents of a worker queue.
struct Piles {
    /// Nodes that have not begun, the next one last.
    taken: Vec<Taken>,
    /// The node that the owner began last and whose result is not in the queue yet.
    begun: NodeId,
    /// Nodes that have begun and wait in tasks of their own.
    parked: Vec<NodeId>,
    /// Results that have not been reported.
    finished: Vec<Finished>,
}

impl Default for Piles {
    fn default() -> Self {
        Self { taken: Vec::new(), begun: NodeId::NONE, parked: Vec::new(), finished: Vec::new() }
    }
}

impl Piles {
    /// Pops the next node, which begins; returns `None` if the barrier was raised since the owner took the nodes.
    #[inline]
    fn next(&mut self, barrier: &StartBarrier, seen: u64) -> Option<Taken> {
        let next = if barrier.raised() == seen { self.taken.pop() } else { None };
        // Set under the same lock as the barrier check: a recall sees the node either in `taken` or in `begun`.
        self.begun = next.as_ref().map_or(NodeId::NONE, |taken| taken.node);
        next
    }
}

impl Deck {
    /// Enqueues nodes that were taken when the barrier count was `seen`, and begins the first. Returns `None`, and
    /// leaves all nodes in `taken`, if the barrier was raised since.
    pub(crate) fn begin(&self, taken: &mut Vec<Taken>, barrier: &StartBarrier, seen: u64) -> Option<Taken> {
        let mut piles = self.0.lock();
        if barrier.raised() != seen {
            return None; // in the queue, another worker could steal them without a review
        }
        taken.reverse();
        std::mem::swap(&mut piles.taken, taken); // nothing was left there
        piles.next(barrier, seen)
    }

    /// Begins the next node. The previous node has ended with `finished`, or is the last of `parked`; either is
    /// stored where a thread that cancels finds it, until the worker reports it.
    ///
    /// Returns `None` if the queue is empty or the barrier was raised; then the worker takes the remaining nodes back
    /// with [`take`](Self::take).
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

    /// Takes the nodes that have not begun out of the queue. They need a review if the barrier was raised.
    pub(crate) fn take(&self, into: &mut Vec<Taken>) {
        into.extend(self.0.lock().taken.drain(..).rev());
    }

    /// Empties the queue for the thread that has raised the barrier: nodes that have not begun, results, and the
    /// other nodes that have begun.
    pub(crate) fn recall(&self, taken: &mut Vec<Taken>, finished: &mut Vec<Finished>, begun: &mut Vec<NodeId>) {
        let mut piles = self.0.lock();
        taken.extend(piles.taken.drain(..).rev());
        finished.append(&mut piles.finished);
        begun.extend(Some(piles.begun).filter(|node| node.is_some()));
        begun.extend(&piles.parked);
    }

    /// Moves half of the nodes that have not begun to a thief: those that the owner would begin last.
    pub(crate) fn give_half(&self, into: &mut Vec<Taken>) {
        let taken = &mut self.0.lock().taken;
        // The next node is at the end of the vector, so the front half is the one furthest from being begun.
        let half = taken.len().div_ceil(2);
        into.extend(taken.drain(..half).rev());
    }

    /// Moves the results to the owner, which reports them in the same critical section of the run.
    pub(crate) fn collect(&self, into: &mut Vec<Finished>) {
        let mut piles = self.0.lock();
        // The usual case, without a copy.
        if into.is_empty() {
            std::mem::swap(into, &mut piles.finished);
        } else {
            into.append(&mut piles.finished);
        }
        piles.parked.clear();
    }

    /// Moves the results to another thread, which reports them.
    pub(crate) fn give_finished(&self, into: &mut Vec<Finished>) {
        into.append(&mut self.0.lock().finished);
    }

    /// Returns `true` if all nodes have begun.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().taken.is_empty()
    }
}
