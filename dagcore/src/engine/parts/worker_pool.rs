//! The workers of one kind: how many there may be, how many there are, and what they are at.

use super::worker_queue::{Deck, Finished, Taken};
use crate::dag::{Place, Time};
use std::sync::Arc;
use std::time::Duration;

/// What a worker runs on, and so which nodes it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Tasks of the async runtime.
    Async,
    /// Threads that compute and do not wait.
    Compute,
    /// Threads that may wait.
    Blocking,
}

impl Lane {
    pub(crate) const ALL: [Self; 3] = [Self::Async, Self::Compute, Self::Blocking];

    pub(crate) fn place(self) -> Place {
        match self {
            Self::Async => Place::Async,
            Self::Compute => Place::Compute,
            Self::Blocking => Place::Blocking,
        }
    }
}

/// The workers of a lane.
#[derive(Default)]
pub(crate) struct Crew {
    /// The most there may be.
    pub(crate) most: usize,
    /// How many there are.
    pub(crate) workers: usize,
    /// Those of them that took something which may keep them for long.
    engaged: usize,
    /// When one of them last took a turn.
    last_turn: Time,
    /// How many turns they have taken, and how many when somebody last looked.
    turns: u64,
    turns_seen: u64,
    /// None of them has taken a turn while somebody looked: however a clock that a test has stopped may see it.
    is_idle: bool,
    /// How many of them hold more than one node.
    holding_many: usize,
    /// Where they sit. One that has been called and not come yet has no seat.
    seats: Vec<Seat>,
}

/// A worker's place in its crew.
#[derive(Default)]
struct Seat {
    is_free: bool,
    engaged: bool,
    holds_many: bool,
    last_turn: Time,
    deck: Arc<Deck>,
}

/// A worker that took a turn since will soon take another.
const JUST_NOW: Duration = Duration::from_micros(50);

impl Crew {
    pub(crate) fn of(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Gives a worker a seat, and the deck that belongs to it.
    pub(crate) fn sit_down(&mut self, at: Time) -> (usize, Arc<Deck>) {
        let free = self.seats.iter().position(|seat| seat.is_free);
        let seat = free.unwrap_or_else(|| {
            self.seats.push(Seat::default());
            self.seats.len() - 1
        });
        self.seats[seat].is_free = false;
        self.take_turn(seat, false, false, at);
        (seat, Arc::clone(&self.seats[seat].deck))
    }

    /// A worker has taken nodes, many or not, which may keep it for long or not.
    pub(crate) fn take_turn(&mut self, seat: usize, engaged: bool, many: bool, at: Time) {
        let seat = &mut self.seats[seat];
        let was_engaged = std::mem::replace(&mut seat.engaged, engaged);
        self.engaged = self.engaged + usize::from(engaged) - usize::from(was_engaged);
        let held_many = std::mem::replace(&mut seat.holds_many, many);
        self.holding_many = self.holding_many + usize::from(many) - usize::from(held_many);
        seat.last_turn = seat.last_turn.max(at);
        self.last_turn = self.last_turn.max(at);
        self.turns += 1;
        self.is_idle = false;
    }

    /// Somebody looks whether they come back: once in a while.
    pub(crate) fn look(&mut self) {
        self.is_idle = self.turns == std::mem::replace(&mut self.turns_seen, self.turns);
    }

    /// Whether one of them holds more than one node.
    pub(crate) fn holds_many(&self) -> bool {
        self.holding_many > 0
    }

    /// A worker goes.
    pub(crate) fn leave(&mut self, seat: usize) {
        self.seats[seat].is_free = true;
        self.workers -= 1;
    }

    /// How many of them are to come back soon.
    pub(crate) fn at_work(&self) -> usize {
        self.workers.saturating_sub(self.engaged)
    }

    /// Whether all that there may be are with something that keeps them, or may keep them, for long.
    pub(crate) fn is_kept(&self, at: Time) -> bool {
        let kept = |seat: &&Seat| !seat.is_free && (seat.engaged || self.is_late(seat, at));
        self.seats.iter().filter(kept).count() >= self.most
    }

    /// Whether one of them can be expected back at once.
    pub(crate) fn is_at_hand(&self, at: Time) -> bool {
        self.at_work() > 0 && !self.is_idle && at.since(self.last_turn) < JUST_NOW
    }

    /// Whether one of the others can.
    pub(crate) fn is_another_at_hand(&self, seat: usize, at: Time) -> bool {
        let is_back = |other: &Seat| !other.is_free && !other.engaged && at.since(other.last_turn) < JUST_NOW;
        self.seats.iter().enumerate().any(|(other, at_it)| other != seat && is_back(at_it))
    }

    /// Whether nodes wait for a worker that did not come back.
    pub(crate) fn is_stuck(&self, at: Time) -> bool {
        self.stuck(at).any(|deck| !deck.is_empty())
    }

    /// Takes what was run by workers that did not come back.
    pub(crate) fn rescue(&self, at: Time, into: &mut Vec<Finished>) {
        self.stuck(at).for_each(|deck| deck.give_finished(into));
    }

    fn stuck(&self, at: Time) -> impl Iterator<Item = &Deck> {
        let stuck = move |seat: &&Seat| seat.holds_many && !seat.is_free && self.is_late(seat, at);
        self.seats.iter().filter(stuck).map(|seat| &*seat.deck)
    }

    fn is_late(&self, seat: &Seat, at: Time) -> bool {
        self.is_idle || at.since(seat.last_turn) >= JUST_NOW
    }

    /// Takes half of what another worker has taken and not begun.
    pub(crate) fn steal(&self, into: &mut Vec<Taken>) {
        for seat in &self.seats {
            seat.deck.give_half(into);
            if !into.is_empty() {
                return;
            }
        }
    }

    /// The decks of all workers, also of those that have left.
    pub(crate) fn decks(&self) -> impl Iterator<Item = &Deck> {
        self.seats.iter().map(|seat| &*seat.deck)
    }

    pub(crate) fn has_room(&self) -> bool {
        self.workers < self.most
    }
}

/// What the nodes that are still ready deserve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Help {
    /// So many more workers.
    Newcomers(usize),
    /// Nobody yet: who is at work will take them in no time. If not, somebody should look again.
    Soon,
}
