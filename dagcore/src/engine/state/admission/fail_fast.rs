//! The failures that end a run at once.
//!
//! `State::fail` consults it for each node that fails for good.

use crate::dag::{StageId, Tolerance, Tolerated};
use std::collections::HashMap;

/// Counts failures in a run that may fail fast.
#[derive(Default)]
pub(crate) struct Judge {
    /// `true` if a failure ends the run.
    pub(crate) is_strict: bool,
    /// Tolerated failures.
    tolerated: Tolerated,
    /// Number of failed nodes of each stage.
    failed: HashMap<StageId, usize>,
}

impl Judge {
    /// Creates a judge that has counted no failures.
    pub(crate) fn new(is_strict: bool, tolerated: Tolerated) -> Self {
        Self { is_strict, tolerated, failed: HashMap::new() }
    }

    /// Counts a node that has failed for good. Returns `true` if that ends the run.
    pub(crate) fn ends_at_node(&mut self, stage: StageId) -> bool {
        if !self.is_strict {
            return false;
        }
        let failed = self.failed.entry(stage).or_default();
        *failed += 1;
        match self.tolerated.get(&stage) {
            None => true,
            Some(Tolerance::Count(most)) => *failed > *most,
            Some(Tolerance::Ratio(_)) => false, // the ratio is known only in the end
        }
    }
}
