//! What a workflow says of its run, apart from its nodes and rules.

use super::admission::permits::no_pool;
use super::stop_handle::Beside;
use crate::dag::{GrowthLimits, Name, StageId, StartOrder, Tolerated};
use crate::port::{AnyDecider, AttemptPolicy, MocksByStage, Needs, Watcher};
use crate::registry;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// How long what runs may go on when the run is cancelled, unless the workflow says otherwise.
const GRACE: Duration = Duration::from_secs(2);

/// How a run goes on.
pub(crate) struct Settings {
    /// The most nodes that run at once.
    pub(crate) concurrency: usize,
    /// In which order nodes start.
    pub(crate) start_order: StartOrder,
    /// What is asked of the attempts to run nodes, where neither their calls nor their stages ask.
    pub(crate) attempt_policy: AttemptPolicy,
    /// How long it may take.
    pub(crate) deadline: Option<Duration>,
    /// How long what runs may go on when it is cancelled.
    pub(crate) grace: Duration,
    /// The pools that nodes take from, with their sizes.
    pub(crate) pools: Vec<(String, u32)>,
    /// What is said of the needs of stages here, which counts more than what they say themselves.
    pub(crate) needs: BTreeMap<StageId, Needs>,
    /// Whether the first failure ends it.
    pub(crate) fail_fast: bool,
    /// The failures that are none of the run.
    pub(crate) tolerated: Tolerated,
    /// Who is asked before anything happens.
    pub(crate) decider: Option<Box<dyn AnyDecider>>,
    /// Whether it goes step by step, by who has it in the hand.
    pub(crate) stepwise: bool,
    /// What goes on beside it.
    pub(crate) beside: Vec<Beside>,
    /// How many steps it may take.
    pub(crate) max_steps: Option<usize>,
    /// How far it may grow.
    pub(crate) growth_limits: GrowthLimits,
    /// The stages whose outputs are kept to the end.
    pub(crate) keep: Vec<StageId>,
    /// What runs in place of stages' functions.
    pub(crate) mocks: Option<MocksByStage>,
    /// Who watches.
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

/// What the nodes of a stage need, of which the workflow says this.
pub(crate) fn needs(said: &BTreeMap<StageId, Needs>, stage: StageId) -> Needs {
    let own = registry::spec(stage).map(|spec| spec.needs()).unwrap_or_default();
    match said.get(&stage) {
        Some(said) => Needs { concurrency: said.concurrency.or(own.concurrency), rate: said.rate.or(own.rate), ..own },
        None => own,
    }
}

impl Settings {
    /// What is wrong with the pools that stages take from.
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
