//! What the graph knows of a stage.

use super::declared_additions::Adds;
use super::priority::Rank;

/// Where a stage runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// An `async fn`: on the async workers.
    Async,
    /// A plain `fn`: on one of as many threads as there are processors.
    Compute,
    /// `#[stage(blocking)]`: on a thread that may block.
    Blocking,
    /// `#[stage(inline)]`: on the worker at hand.
    Inline,
}

impl Place {
    pub(crate) const ALL: [Self; 4] = [Self::Async, Self::Compute, Self::Blocking, Self::Inline];
}

/// What the graph needs to know of a stage.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StageInfo {
    /// Its name.
    pub name: &'static str,
    /// Where it runs.
    pub place: Place,
    /// What its nodes may add while they run; `None` when that is nothing.
    pub adds: Option<&'static Adds>,
    /// The version of its function: 0 unless it is given one. A node of another version is another node to a journal.
    pub version: u32,
    /// How urgent its nodes are, and how long they are expected to take, where their calls do not say it.
    pub rank: Option<&'static Rank>,
}

impl StageInfo {
    /// A stage whose nodes add nothing while they run.
    pub fn new(name: &'static str, place: Place) -> Self {
        Self { name, place, adds: None, version: 0, rank: None }
    }

    /// Its nodes may add these while they run.
    pub fn adding(mut self, adds: &'static Adds) -> Self {
        self.adds = Some(adds);
        self
    }

    /// Sets the version of its function.
    pub fn versioned(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// This is said of its nodes, where their calls do not say it.
    pub fn ranked(mut self, rank: &'static Rank) -> Self {
        self.rank = Some(rank);
        self
    }
}
