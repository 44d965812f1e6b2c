//! The workers of one kind: how many there may be, how many there are, and what they are at.

use crate::dag::{Place, Time};
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
    pub(super) engaged: usize,
    /// When one of them last took a turn.
    pub(super) last_turn: Time,
}

/// A worker that took a turn since will soon take another.
const JUST_NOW: Duration = Duration::from_micros(50);

impl Crew {
    pub(super) fn of(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// How many of them are to come back soon.
    pub(super) fn at_work(&self) -> usize {
        self.workers.saturating_sub(self.engaged)
    }

    /// Whether one of them can be expected back at once.
    pub(super) fn is_at_hand(&self, at: Time) -> bool {
        self.at_work() > 0 && at.since(self.last_turn) < JUST_NOW
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
