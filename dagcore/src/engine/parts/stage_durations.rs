//! Recent durations for which the nodes of each stage occupied their workers.
//!
//! Worker demand and the number of nodes taken at once depend on them.

use crate::dag::StageId;

/// Nodes taken at once are not more work than this, in nanoseconds: then the cost of taking and reporting them is
/// small beside it, even when many cores contend for the lock.
const TOGETHER: u32 = 50_000;
/// Maximum number of nodes taken at once.
const MOST_AT_ONCE: u32 = 32;
/// The latest node has the weight `1 / WEIGHT` in the moving average.
const WEIGHT: u32 = 8;

/// A moving average per stage of how long a node occupied its worker, in nanoseconds.
#[derive(Default)]
pub(crate) struct Busy(Vec<Option<u32>>);

impl Busy {
    /// Returns the average of a stage; `None` if none of its nodes has run.
    #[inline]
    pub(crate) fn of(&self, stage: StageId) -> Option<u32> {
        self.0.get(stage.index()).copied().flatten()
    }

    /// Returns how many nodes of a stage are taken at once.
    #[inline]
    pub(crate) fn at_once(&self, stage: StageId) -> usize {
        match self.of(stage) {
            Some(busy) if busy <= TOGETHER / MOST_AT_ONCE => MOST_AT_ONCE as usize,
            Some(busy) => (TOGETHER / busy).max(1) as usize,
            None => 1,
        }
    }

    /// Adds a duration to the average of a stage.
    #[inline]
    pub(crate) fn note(&mut self, stage: StageId, nanos: u64) {
        if self.0.len() <= stage.index() {
            self.0.resize(stage.index() + 1, None);
        }
        let took = u32::try_from(nanos).unwrap_or(u32::MAX);
        let known = self.0[stage.index()].unwrap_or(0); // the first one takes longer than those that follow
        self.0[stage.index()] = Some(known - known / WEIGHT + took / WEIGHT);
    }
}
