//! The workers of one lane: their maximum, their number, and their current activity.
//!
//! The worker loop records each turn here, under the lock of the run; worker demand (`state::worker_demand`) is
//! computed from these records.

use super::worker_queue::{Deck, Finished, Taken};
use crate::dag::{Place, Time};
use std::sync::Arc;
use std::time::Duration;

/// The kind of executor a worker runs on, which decides the nodes it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Tasks of the async runtime.
    Async,
    /// Threads for CPU-bound functions that do not wait.
    Compute,
    /// Threads for functions that may block.
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
    /// Maximum number of workers.
    pub(crate) most: usize,
    /// Current number of workers, including those that were started and have not arrived.
    pub(crate) workers: usize,
    /// Number of workers whose current nodes may occupy them for long.
    engaged: usize,
    /// Time of the latest turn of any worker.
    last_turn: Time,
    /// Number of turns of all workers, and its value at the last recheck.
    turns: u64,
    turns_seen: u64,
    /// `true` if no worker took a turn between two rechecks. Unlike `last_turn` this works with a paused clock, too.
    is_idle: bool,
    /// Number of workers that hold more than one node.
    holding_many: usize,
    /// One seat per worker that has arrived. Seats are reused, and never removed.
    seats: Vec<Seat>,
}

/// The record of one worker.
#[derive(Default)]
struct Seat {
    is_free: bool,
    engaged: bool,
    holds_many: bool,
    last_turn: Time,
    deck: Arc<Deck>,
}

/// A worker whose last turn is more recent than this is expected back at once.
const JUST_NOW: Duration = Duration::from_micros(50);

impl Crew {
    /// Returns a lane without workers, for at most `most` of them.
    pub(crate) fn of(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Assigns a seat to a worker and returns it with its queue.
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

    /// Records a turn: whether the nodes taken may occupy the worker for long, and whether there are several.
    pub(crate) fn take_turn(&mut self, seat: usize, engaged: bool, many: bool, at: Time) {
        let seat = &mut self.seats[seat];
        let was_engaged = std::mem::replace(&mut seat.engaged, engaged);
        self.engaged = self.engaged + usize::from(engaged) - usize::from(was_engaged);
        let held_many = std::mem::replace(&mut seat.holds_many, many);
        self.holding_many = self.holding_many + usize::from(many) - usize::from(held_many);
        // Threads read the clock before they take the lock, so an earlier time may arrive later.
        seat.last_turn = seat.last_turn.max(at);
        self.last_turn = self.last_turn.max(at);
        self.turns += 1;
        self.is_idle = false;
    }

    /// Compares the number of turns with that of the last recheck.
    pub(crate) fn look(&mut self) {
        self.is_idle = self.turns == std::mem::replace(&mut self.turns_seen, self.turns);
    }

    /// Returns `true` if a worker holds more than one node.
    pub(crate) fn holds_many(&self) -> bool {
        self.holding_many > 0
    }

    /// Frees the seat of a worker that ends.
    pub(crate) fn leave(&mut self, seat: usize) {
        self.seats[seat].is_free = true;
        self.workers -= 1;
    }

    /// Returns the number of workers that are expected back soon.
    pub(crate) fn at_work(&self) -> usize {
        self.workers.saturating_sub(self.engaged)
    }

    /// Returns `true` if the lane is at its maximum and all of its workers are occupied, or may be occupied, for
    /// long.
    pub(crate) fn is_kept(&self, at: Time) -> bool {
        let kept = |seat: &&Seat| !seat.is_free && (seat.engaged || self.is_late(seat, at));
        self.seats.iter().filter(kept).count() >= self.most
    }

    /// Returns `true` if a worker is expected back at once.
    pub(crate) fn is_at_hand(&self, at: Time) -> bool {
        self.at_work() > 0 && !self.is_idle && at.since(self.last_turn) < JUST_NOW
    }

    /// Returns `true` if a worker other than that of `seat` is expected back at once.
    pub(crate) fn is_another_at_hand(&self, seat: usize, at: Time) -> bool {
        let is_back = |other: &Seat| !other.is_free && !other.engaged && at.since(other.last_turn) < JUST_NOW;
        self.seats.iter().enumerate().any(|(other, at_it)| other != seat && is_back(at_it))
    }

    /// Returns `true` if nodes are in the queue of a worker that did not come back.
    pub(crate) fn is_stuck(&self, at: Time) -> bool {
        self.stuck(at).any(|deck| !deck.is_empty())
    }

    /// Takes the results out of the queues of workers that did not come back.
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

    /// Steals half of the nodes that another worker has taken and not begun.
    pub(crate) fn steal(&self, into: &mut Vec<Taken>) {
        for seat in &self.seats {
            seat.deck.give_half(into);
            if !into.is_empty() {
                return;
            }
        }
    }

    /// Returns the queues of all workers, including those that have ended.
    pub(crate) fn decks(&self) -> impl Iterator<Item = &Deck> {
        self.seats.iter().map(|seat| &*seat.deck)
    }

    /// Returns `true` if the lane is below its maximum.
    pub(crate) fn has_room(&self) -> bool {
        self.workers < self.most
    }
}

/// The demand for workers by the nodes that are still ready.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Help {
    /// Start this many workers.
    Newcomers(usize),
    /// Start none yet: the present workers are expected to take the nodes at once. A recheck is needed in case they
    /// do not.
    Soon,
}
