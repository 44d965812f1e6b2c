//! What one worker carries from turn to turn.

use super::crew::Lane;
use super::deck::{Deck, Finished, Parked, Taken};
use super::state::State;
use crate::dag::Time;
use std::sync::Arc;

/// What a worker has taken and not put on its deck, and what it has run and not handed in.
pub(super) struct Hands {
    /// Whether it may take nodes: a node that ends in a task of its own comes back as a guest, and stays if there
    /// are too few workers.
    pub(super) role: Role,
    pub(super) taken: Vec<Taken>,
    /// Whether some of what is finished lies on the deck.
    pub(super) many: bool,
    /// How often the barrier had been raised when they were taken.
    pub(super) seen: u64,
    pub(super) finished: Vec<Finished>,
    pub(super) parked: Vec<Parked>,
    /// Its seat in the crew, from its first turn on.
    pub(super) seat: Option<(usize, Arc<Deck>)>,
    /// When it last looked at the clock.
    pub(super) now: Time,
}

/// What a worker may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Worker(Lane),
    Guest,
}

impl Hands {
    pub(super) fn new(role: Role, now: Time) -> Self {
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
    pub(super) fn hand_in(&mut self, state: &mut State) {
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
