//! What one worker carries from turn to turn.

use super::run_state::State;
use crate::dag::Time;
use crate::engine::parts::worker_pool::Lane;
use crate::engine::parts::worker_queue::{Deck, Finished, Parked, Taken};
use std::sync::Arc;

/// What a worker has taken and not put on its deck, and what it has run and not handed in.
pub(crate) struct Hands {
    /// Whether it may take nodes: a node that ends in a task of its own comes back as a guest, and stays if there
    /// are too few workers.
    pub(crate) role: Role,
    pub(crate) taken: Vec<Taken>,
    /// Whether some of what is finished lies on the deck.
    pub(crate) many: bool,
    /// How often the barrier had been raised when they were taken.
    pub(crate) seen: u64,
    pub(crate) finished: Vec<Finished>,
    pub(crate) parked: Vec<Parked>,
    /// Its seat in the crew, from its first turn on.
    pub(crate) seat: Option<(usize, Arc<Deck>)>,
    /// When it last looked at the clock.
    pub(crate) now: Time,
}

/// What a worker may take.
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

    /// Hands in all that was run, also what lies on the deck: at no time is that in neither place.
    #[inline]
    pub(crate) fn hand_in(&mut self, state: &mut State) {
        if !self.parked.is_empty() {
            state.hand_in_parked(&mut self.parked);
        }
        if std::mem::take(&mut self.many) {
            self.seat.iter().for_each(|(_, deck)| deck.collect(&mut self.finished));
        }
        state.hand_in(&mut self.finished);
        self.now = self.now.max(state.latest); // others may have read the clock later, and been here before
    }
}
