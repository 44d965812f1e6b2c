//! How long workers are kept by the nodes of each stage.

use crate::dag::StageId;

/// What "no time" is, in nanoseconds.
const SHORT: u32 = 2_000;
/// The latest node counts for one in so many.
const WEIGHT: u32 = 8;

/// For each stage how long a node kept its worker of late, in nanoseconds.
#[derive(Default)]
pub(super) struct Busy(Vec<Option<u32>>);

impl Busy {
    /// `None` when no node of the stage has run.
    #[inline]
    pub(super) fn of(&self, stage: StageId) -> Option<u32> {
        self.0.get(stage.index()).copied().flatten()
    }

    /// Whether its nodes are over in no time.
    #[inline]
    pub(super) fn is_short(&self, stage: StageId) -> bool {
        self.of(stage).is_some_and(|busy| busy < SHORT)
    }

    #[inline]
    pub(super) fn note(&mut self, stage: StageId, nanos: u64) {
        if self.0.len() <= stage.index() {
            self.0.resize(stage.index() + 1, None);
        }
        let took = u32::try_from(nanos).unwrap_or(u32::MAX);
        let known = self.0[stage.index()].unwrap_or(0); // the first one takes longer than those that follow
        self.0[stage.index()] = Some(known - known / WEIGHT + took / WEIGHT);
    }
}
