//! What a workflow says of its run, apart from its nodes and rules.

use crate::dag::{Caps, Order, StageId};
use crate::port::{MocksByStage, Policy, Watcher};
use std::time::Duration;

/// How long what runs may go on when the run is cancelled, unless the workflow says otherwise.
const GRACE: Duration = Duration::from_secs(2);

/// How a run goes on.
pub(crate) struct Settings {
    /// The most nodes that run at once.
    pub(crate) limit: usize,
    /// In which order nodes start.
    pub(crate) order: Order,
    /// What is asked of the attempts to run nodes, where neither their calls nor their stages ask.
    pub(crate) policy: Policy,
    /// How long it may take.
    pub(crate) deadline: Option<Duration>,
    /// How long what runs may go on when it is cancelled.
    pub(crate) grace: Duration,
    /// How far it may grow.
    pub(crate) caps: Caps,
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
            limit: usize::MAX,
            order: Order::default(),
            policy: Policy::new(),
            deadline: None,
            grace: GRACE,
            caps: Caps::default(),
            keep: Vec::new(),
            mocks: None,
            watchers: Vec::new(),
        }
    }
}
