//! Tolerated failures: failures of nodes that do not make the run fail.

use crate::dag::base::ids::StageId;
use crate::dag::base::node_state::NodeState;
use crate::dag::graph::Graph;
use std::collections::BTreeMap;

/// The number or ratio of a stage's nodes that may fail without the run failing: see
/// [`Workflow::tolerate`](crate::Workflow::tolerate).
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Tolerance {
    /// At most this number of failed nodes.
    Count(usize),
    /// At most this ratio of failed nodes to all nodes that the stage has at the end, from 0 to 1: with 0.1, one of ten
    /// may fail; with 0 none, with 1 all. NaN is treated as 0.
    Ratio(f64),
}

impl Tolerance {
    /// Returns `true` if `failed` failures among `all` nodes are tolerated.
    pub(crate) fn allows(self, failed: usize, all: usize) -> bool {
        match self {
            Self::Count(most) => failed <= most,
            Self::Ratio(share) => failed == 0 || failed as f64 <= share * all as f64,
        }
    }
}

/// The tolerances of a run, by stage.
pub(crate) type Tolerated = BTreeMap<StageId, Tolerance>;

impl Graph {
    /// Returns `true` if every failure is tolerated. Cancelled nodes never are.
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
