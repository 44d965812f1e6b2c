//! How long workers are kept by the nodes of each stage.

use crate::dag::StageId;

/// Nodes are taken together that are not more work than this, in nanoseconds: then taking them and handing them in costs
/// little beside it, also where many cores want to.
const TOGETHER: u32 = 50_000;
/// And never more than so many.
const MOST_AT_ONCE: u32 = 32;
/// The latest node counts for one in so many.
const WEIGHT: u32 = 8;

/// For each stage how long a node kept its worker of late, in nanoseconds.
#[derive(Default)]
pub(crate) struct Busy(Vec<Option<u32>>);

impl Busy {
    /// `None` when no node of the stage has run.
    #[inline]
    pub(crate) fn of(&self, stage: StageId) -> Option<u32> {
        self.0.get(stage.index()).copied().flatten()
    }

    /// How many of its nodes are taken together.
    #[inline]
    pub(crate) fn at_once(&self, stage: StageId) -> usize {
        match self.of(stage) {
            Some(busy) if busy <= TOGETHER / MOST_AT_ONCE => MOST_AT_ONCE as usize,
            Some(busy) => (TOGETHER / busy).max(1) as usize,
            None => 1,
        }
    }

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
