//! The workers of one kind: how many there may be, how many there are, and what they are at.

use super::deck::{Deck, Finished, Taken};
use crate::dag::{Place, Time};
use std::sync::Arc;
use std::time::Duration;

/// What a worker runs on, and so which nodes it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Tasks of the async runtime.
    Async,
    /// Threads that compute and do not wait.
    Compute,
    /// Threads that may wait.
    Blocking,
}

impl Lane {
    pub(super) const ALL: [Self; 3] = [Self::Async, Self::Compute, Self::Blocking];

    pub(super) fn place(self) -> Place {
        match self {
            Self::Async => Place::Async,
            Self::Compute => Place::Compute,
            Self::Blocking => Place::Blocking,
        }
    }
}

/// The workers of a lane.
#[derive(Default)]
pub(super) struct Crew {
    /// The most there may be.
    pub(super) most: usize,
    /// How many there are.
    pub(super) workers: usize,
    /// Those of them that took something which may keep them for long.
    engaged: usize,
    /// When one of them last took a turn.
    last_turn: Time,
    /// Where they sit. One that has been called and not come yet has no seat.
    seats: Vec<Seat>,
}

/// A worker's place in its crew.
#[derive(Default)]
struct Seat {
    is_free: bool,
    engaged: bool,
    last_turn: Time,
    deck: Arc<Deck>,
}

/// A worker that took a turn since will soon take another.
const JUST_NOW: Duration = Duration::from_micros(50);

impl Crew {
    pub(super) fn of(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Gives a worker a seat, and the deck that belongs to it.
    pub(super) fn sit_down(&mut self, at: Time) -> (usize, Arc<Deck>) {
        let free = self.seats.iter().position(|seat| seat.is_free);
        let seat = free.unwrap_or_else(|| {
            self.seats.push(Seat::default());
            self.seats.len() - 1
        });
        self.seats[seat].is_free = false;
        self.take_turn(seat, false, at);
        (seat, Arc::clone(&self.seats[seat].deck))
    }

    /// A worker has taken nodes, which may keep it for long or not.
    pub(super) fn take_turn(&mut self, seat: usize, engaged: bool, at: Time) {
        let seat = &mut self.seats[seat];
        let before = std::mem::replace(&mut seat.engaged, engaged);
        (seat.last_turn, self.last_turn) = (at, at);
        self.engaged = self.engaged + usize::from(engaged) - usize::from(before);
    }

    /// A worker goes.
    pub(super) fn leave(&mut self, seat: usize) {
        self.seats[seat].is_free = true;
        self.workers -= 1;
    }

    /// How many of them are to come back soon.
    pub(super) fn at_work(&self) -> usize {
        self.workers.saturating_sub(self.engaged)
    }

    /// Whether all of them took something that may keep them for long.
    pub(super) fn is_engaged(&self) -> bool {
        self.engaged >= self.most
    }

    /// Whether one of them can be expected back at once.
    pub(super) fn is_at_hand(&self, at: Time) -> bool {
        self.at_work() > 0 && at.since(self.last_turn) < JUST_NOW
    }

    /// Whether one of the others can.
    pub(super) fn is_another_at_hand(&self, seat: usize, at: Time) -> bool {
        let is_back = |other: &Seat| !other.is_free && !other.engaged && at.since(other.last_turn) < JUST_NOW;
        self.seats.iter().enumerate().any(|(other, at_it)| other != seat && is_back(at_it))
    }

    /// Whether nodes wait for a worker that did not come back.
    pub(super) fn is_stuck(&self, at: Time) -> bool {
        self.stuck(at).any(|deck| !deck.is_empty())
    }

    /// Takes what was run by workers that did not come back.
    pub(super) fn rescue(&self, at: Time, into: &mut Vec<Finished>) {
        self.stuck(at).for_each(|deck| deck.give_finished(into));
    }

    fn stuck(&self, at: Time) -> impl Iterator<Item = &Deck> {
        let stuck = move |seat: &&Seat| !seat.is_free && at.since(seat.last_turn) >= JUST_NOW;
        self.seats.iter().filter(stuck).map(|seat| &*seat.deck)
    }

    /// Takes half of what another worker has taken and not begun.
    pub(super) fn steal(&self, into: &mut Vec<Taken>) {
        for seat in &self.seats {
            seat.deck.give_half(into);
            if !into.is_empty() {
                return;
            }
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.workers < self.most
    }
}

/// What the nodes that are still ready deserve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Help {
    /// So many more workers.
    Newcomers(usize),
    /// Nobody yet: who is at work will take them in no time. If not, somebody should look again.
    Soon,
}
