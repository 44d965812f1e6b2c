//! Nodes that a worker has taken, and has run: it begins them a few at a time and keeps the rest where others can reach
//! it, so that whatever takes unusually long holds up no more than a few.

use crate::dag::{NodeId, StageId, Time};
use crate::port::{Job, StageResult};
use parking_lot::Mutex;

/// A node on its way to be run.
pub(super) struct Taken {
    pub(super) node: NodeId,
    pub(super) stage: StageId,
    pub(super) job: Box<dyn Job>,
    /// Whether the machine has been told that it started.
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
    taken: Vec<Taken>,
    finished: Vec<Finished>,
}

impl Piles {
    fn next(&mut self, few: usize, into: &mut Vec<Taken>) {
        into.extend(self.taken.drain(..few.min(self.taken.len())));
    }
}

impl Deck {
    /// Puts all but the first `few` of these away.
    pub(super) fn put_away(&self, few: usize, taken: &mut Vec<Taken>) {
        let mut piles = self.0.lock();
        std::mem::swap(&mut piles.taken, taken); // nothing was left there
        piles.next(few, taken);
    }

    /// Brings the next `few`. What is finished is put away meanwhile, and comes back at the end.
    pub(super) fn next(&self, few: usize, taken: &mut Vec<Taken>, finished: &mut Vec<Finished>) {
        let mut piles = self.0.lock();
        piles.finished.append(finished);
        piles.next(few, taken);
        if taken.is_empty() {
            std::mem::swap(&mut piles.finished, finished);
        }
    }

    /// Gives half of what has not been begun away: what its owner would begin last.
    pub(super) fn give_half(&self, into: &mut Vec<Taken>) {
        let taken = &mut self.0.lock().taken;
        into.extend(taken.drain(taken.len() / 2..));
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
