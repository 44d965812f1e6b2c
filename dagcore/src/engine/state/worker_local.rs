//! The local state that one worker keeps between turns.

use super::run_state::State;
use crate::dag::Time;
use crate::engine::parts::worker_pool::Lane;
use crate::engine::parts::worker_queue::{Deck, Finished, Parked, Taken};
use std::sync::Arc;

/// Nodes that a worker has taken and not put into its queue, and results that it has not reported.
pub(crate) struct Hands {
    /// The nodes that it may take. The task of a parked node that has ended returns as a guest, and becomes a worker
    /// if there are too few.
    pub(crate) role: Role,
    pub(crate) taken: Vec<Taken>,
    /// `true` if some of the results are in the queue.
    pub(crate) many: bool,
    /// The barrier count at the time the nodes were taken.
    pub(crate) seen: u64,
    pub(crate) finished: Vec<Finished>,
    pub(crate) parked: Vec<Parked>,
    /// Its seat in the lane and its queue, from its first turn on.
    pub(crate) seat: Option<(usize, Arc<Deck>)>,
    /// The last reading of the clock.
    pub(crate) now: Time,
}

/// The kind of nodes that a worker may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Worker(Lane),
    Guest,
}

impl Hands {
    pub(crate) fn new(role: Role, now: Time) -> Self {
        Self {
            role,
            taken: Vec::new(),
            many: false,
            seen: 0,
            finished: Vec::new(),
            parked: Vec::new(),
            seat: None,
            now,
        }
    }

    /// Reports all results, including those in the queue. The lock of the run is held throughout, so a result is
    /// never in neither place.
    #[inline]
    pub(crate) fn hand_in(&mut self, state: &mut State) {
        // Before the results in the queue are collected, which also clears the queue's list of parked nodes.
        if !self.parked.is_empty() {
            state.hand_in_parked(&mut self.parked);
        }
        if std::mem::take(&mut self.many) {
            self.seat.iter().for_each(|(_, deck)| deck.collect(&mut self.finished));
        }
        state.hand_in(&mut self.finished);
        self.now = self.now.max(state.latest); // others may have read the clock later and reported earlier
    }
}
