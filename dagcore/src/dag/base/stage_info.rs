//! The properties of a stage that the graph uses.

use super::declared_additions::Adds;
use super::priority::Rank;

/// The kind of worker on which the nodes of a stage run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// An `async fn`: on the async workers.
    Async,
    /// A plain `fn`: on a pool with one thread per processor.
    Compute,
    /// `#[stage(blocking)]`: on a thread that may block.
    Blocking,
    /// `#[stage(inline)]`: directly on the current worker.
    Inline,
}

impl Place {
    pub(crate) const ALL: [Self; 4] = [Self::Async, Self::Compute, Self::Blocking, Self::Inline];
}

/// The properties of a stage that the graph uses.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StageInfo {
    /// The stage's name.
    pub name: &'static str,
    /// The kind of worker on which its nodes run.
    pub place: Place,
    /// The additions that its nodes may make while they run; `None` if they add nothing.
    pub adds: Option<&'static Adds>,
    /// The version of its function: 0 unless it is given one. A node of another version is another node to a journal.
    pub version: u32,
    /// The priority and the expected duration of its nodes, used where their calls set none.
    pub rank: Option<&'static Rank>,
}

impl StageInfo {
    /// Creates a stage whose nodes add nothing while they run.
    pub fn new(name: &'static str, place: Place) -> Self {
        Self { name, place, adds: None, version: 0, rank: None }
    }

    /// Declares the additions that its nodes may make while they run.
    pub fn adding(mut self, adds: &'static Adds) -> Self {
        self.adds = Some(adds);
        self
    }

    /// Sets the version of its function.
    pub fn versioned(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// Sets the priority and the expected duration of its nodes, used where their calls set none.
    pub fn ranked(mut self, rank: &'static Rank) -> Self {
        self.rank = Some(rank);
        self
    }
}
