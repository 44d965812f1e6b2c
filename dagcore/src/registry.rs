//! The registry of all stages used in this process. Each stage has a number.
//!
//! A stage is numbered at its first use, by a call or by a rule. Unused stages are not registered.

use crate::dag::{Place, StageId, StageInfo};
use crate::port::StageSpec;
use parking_lot::RwLock;
use std::sync::atomic::Ordering;

static STAGES: RwLock<Vec<&'static StageSpec>> = RwLock::new(Vec::new());

/// Returns the number of a stage, and registers the stage at its first use.
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
        return known; // another thread registered the stage between the load and the lock
    }
    let id = StageId::from_index(stages.len());
    stages.push(spec);
    spec.slot.store(id.0, Ordering::Release);
    id
}

/// Returns the stage with this number.
pub(crate) fn spec(stage: StageId) -> Option<&'static StageSpec> {
    STAGES.read().get(stage.index()).copied()
}

/// Returns the data about a stage that a graph needs.
pub(crate) fn describe(stage: StageId) -> StageInfo {
    spec(stage).map_or(StageInfo::new("?", Place::Inline), StageSpec::info)
}
