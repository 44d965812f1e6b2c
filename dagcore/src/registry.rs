//! The stages that this process has met, each with a number of its own.
//!
//! A stage gets its number when it is first used, by a call or by a rule; what nothing uses is not here.

use crate::dag::{Place, StageId, StageInfo};
use crate::port::StageSpec;
use parking_lot::RwLock;
use std::sync::atomic::Ordering;

static STAGES: RwLock<Vec<&'static StageSpec>> = RwLock::new(Vec::new());

/// The number of a stage.
#[inline]
pub(crate) fn id(spec: &'static StageSpec) -> StageId {
    match StageId(spec.slot.load(Ordering::Acquire)) {
        StageId::NONE => register(spec),
        id => id,
    }
}

#[cold]
fn register(spec: &'static StageSpec) -> StageId {
    let mut stages = STAGES.write();
    let known = StageId(spec.slot.load(Ordering::Acquire));
    if known.is_some() {
        return known; // another thread was first
    }
    let id = StageId::from_index(stages.len());
    stages.push(spec);
    spec.slot.store(id.0, Ordering::Release);
    id
}

/// The stage of this number.
pub(crate) fn spec(stage: StageId) -> Option<&'static StageSpec> {
    STAGES.read().get(stage.index()).copied()
}

/// What a graph needs to know of a stage.
pub(crate) fn describe(stage: StageId) -> StageInfo {
    spec(stage).map_or(StageInfo::new("?", Place::Inline), StageSpec::info)
}
