//! How many failures of a stage are no failure of the run.

use crate::dag::base::ids::StageId;
use crate::dag::base::node_state::NodeState;
use crate::dag::graph::Graph;
use std::collections::BTreeMap;

/// How many nodes of a stage may fail without the run failing, as a number or as a ratio: see
/// [`Workflow::tolerate`](crate::Workflow::tolerate).
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Tolerance {
    /// At most this number of failed nodes.
    Count(usize),
    /// At most this ratio of failed nodes to all nodes that the stage has in the end, from 0 to 1: with 0.1, one of ten may
    /// fail; with 0 none, with 1 all. A ratio that is not a number (NaN) counts as 0.
    Ratio(f64),
}

impl Tolerance {
    /// Whether it is all right that so many failed of so many.
    pub(crate) fn allows(self, failed: usize, all: usize) -> bool {
        match self {
            Self::Count(most) => failed <= most,
            Self::Ratio(share) => failed == 0 || failed as f64 <= share * all as f64,
        }
    }
}

/// What is tolerated, by stage.
pub(crate) type Tolerated = BTreeMap<StageId, Tolerance>;

impl Graph {
    /// Whether every failure is one that is tolerated.
    pub(crate) fn has_only_tolerated(&self, tolerated: &Tolerated) -> bool {
        let failed = self.errors.keys().filter_map(|node| Some((self.state(*node)?, self.stage(*node)?)));
        let mut stages: BTreeMap<StageId, usize> = BTreeMap::new();
        for (state, stage) in failed {
            if state != NodeState::Failed {
                return false;
            }
            *stages.entry(stage).or_default() += 1;
        }
        let allowed = |tolerance: &Tolerance, failed, stage| tolerance.allows(failed, self.nodes_of(stage).len());
        stages.into_iter().all(|(stage, failed)| tolerated.get(&stage).is_some_and(|t| allowed(t, failed, stage)))
    }
}
