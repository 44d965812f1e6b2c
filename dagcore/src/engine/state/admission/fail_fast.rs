//! Which failures end the run at once.

use crate::dag::{StageId, Tolerance, Tolerated};
use std::collections::HashMap;

/// Counts the failures of a run that may end early.
#[derive(Default)]
pub(crate) struct Judge {
    /// Whether any failure ends it.
    pub(crate) is_strict: bool,
    /// But not these.
    tolerated: Tolerated,
    /// How many nodes of each stage have failed.
    failed: HashMap<StageId, usize>,
}

impl Judge {
    pub(crate) fn new(is_strict: bool, tolerated: Tolerated) -> Self {
        Self { is_strict, tolerated, failed: HashMap::new() }
    }

    /// A node has failed for good. Whether that ends the run.
    pub(crate) fn ends_at_node(&mut self, stage: StageId) -> bool {
        if !self.is_strict {
            return false;
        }
        let failed = self.failed.entry(stage).or_default();
        *failed += 1;
        match self.tolerated.get(&stage) {
            None => true,
            Some(Tolerance::Count(most)) => *failed > *most,
            Some(Tolerance::Ratio(_)) => false, // which share it is is known in the end
        }
    }
}
