//! Run settings of a workflow: everything apart from its nodes and rules.

use super::admission::permits::no_pool;
use super::stop_handle::Beside;
use crate::dag::{GrowthLimits, Name, StageId, StartOrder, Tolerated};
use crate::port::{AnyDecider, AttemptPolicy, MocksByStage, Needs, Watcher};
use crate::registry;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Default grace period of a cancelled run.
const GRACE: Duration = Duration::from_secs(2);

/// The settings of a run.
pub(crate) struct Settings {
    /// Maximum number of nodes that run at once.
    pub(crate) concurrency: usize,
    /// The order in which ready nodes start.
    pub(crate) start_order: StartOrder,
    /// The attempt policy of nodes for which neither the call nor the stage sets one.
    pub(crate) attempt_policy: AttemptPolicy,
    /// Maximum duration of the run.
    pub(crate) deadline: Option<Duration>,
    /// How long running nodes may continue after the run is cancelled.
    pub(crate) grace: Duration,
    /// The pools, with their sizes.
    pub(crate) pools: Vec<(String, u32)>,
    /// Resource needs of stages, which take precedence over those that the stages declare.
    pub(crate) needs: BTreeMap<StageId, Needs>,
    /// `true` if the first failure ends the run.
    pub(crate) fail_fast: bool,
    /// Tolerated failures.
    pub(crate) tolerated: Tolerated,
    /// The approval hook, called before each step.
    pub(crate) decider: Option<Box<dyn AnyDecider>>,
    /// `true` if the run's handle takes each step.
    pub(crate) stepwise: bool,
    /// Tasks that run beside it.
    pub(crate) beside: Vec<Beside>,
    /// Maximum number of steps.
    pub(crate) max_steps: Option<usize>,
    /// Limits of the graph's growth.
    pub(crate) growth_limits: GrowthLimits,
    /// The stages whose outputs are kept to the end.
    pub(crate) keep: Vec<StageId>,
    /// Functions that run in place of those of stages.
    pub(crate) mocks: Option<MocksByStage>,
    /// The trackers.
    pub(crate) watchers: Vec<Watcher>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: usize::MAX,
            start_order: StartOrder::default(),
            attempt_policy: AttemptPolicy::new(),
            deadline: None,
            grace: GRACE,
            pools: Vec::new(),
            needs: BTreeMap::new(),
            fail_fast: false,
            tolerated: Tolerated::new(),
            decider: None,
            stepwise: false,
            beside: Vec::new(),
            max_steps: None,
            growth_limits: GrowthLimits::default(),
            keep: Vec::new(),
            mocks: None,
            watchers: Vec::new(),
        }
    }
}

/// Returns the resource needs of a stage, where `said` takes precedence.
pub(crate) fn needs(said: &BTreeMap<StageId, Needs>, stage: StageId) -> Needs {
    let own = registry::spec(stage).map(|spec| spec.needs()).unwrap_or_default();
    match said.get(&stage) {
        Some(said) => Needs { concurrency: said.concurrency.or(own.concurrency), rate: said.rate.or(own.rate), ..own },
        None => own,
    }
}

impl Settings {
    /// Returns the problems with pools and concurrency limits.
    pub(crate) fn pool_problems(&self, stages: &[StageId]) -> Vec<String> {
        let mut problems = Vec::new();
        let mut sizes = HashMap::new();
        for (name, size) in &self.pools {
            if sizes.insert(name.as_str(), *size).is_some() {
                problems.push(format!("the pool `{}` is there twice: keep one", Name(name)));
            }
            if *size == 0 {
                problems.push(format!("the pool `{}` has nothing to take: write at least 1", Name(name)));
            }
        }
        for stage in stages {
            let (needs, own) = (needs(&self.needs, *stage), Name(registry::describe(*stage).name));
            if needs.concurrency == Some(0) {
                problems.push(format!("the concurrency limit of stage `{own}` lets nothing run: write at least 1"));
            }
            for (name, share) in needs.pools {
                match sizes.get(name) {
                    None => problems.push(format!("stage `{own}` takes from a pool: {}", no_pool(name))),
                    Some(size) if size < share => problems.push(format!(
                        "stage `{own}` takes {share} of the pool `{}`, which has {size}: make the pool larger",
                        Name(name)
                    )),
                    Some(_) => {}
                }
            }
        }
        problems
    }
}
