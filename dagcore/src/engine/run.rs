//! From a plan to a report.

use super::clock::Clock;
use super::crew::{Crew, Lane};
use super::scripted::{self, Chance};
use super::shared::Shared;
use super::state::State;
use crate::dag::{Caps, Event, Machine, StageId};
use crate::error::Error;
use crate::port::MocksByStage;
use crate::registry;
use crate::report::Report;
use crate::typed::{Batch, Tag};
use parking_lot::{Condvar, Mutex};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// A workflow that is ready to run.
pub(crate) struct Plan {
    pub(crate) tag: Tag,
    /// Everything that the program added. It has no problems.
    pub(crate) batch: Batch,
    /// The most nodes that run at once.
    pub(crate) limit: usize,
    /// How far it may grow.
    pub(crate) caps: Caps,
    /// The stages whose outputs are kept to the end.
    pub(crate) keep: Vec<StageId>,
    /// What runs in place of stages' functions.
    pub(crate) mocks: Option<MocksByStage>,
    /// What decides on all that is otherwise left to chance: then the run is driven step by step, by the one task that
    /// asked for it.
    pub(crate) chance: Option<Chance>,
}

/// Runs it.
///
/// # Errors
///
/// When there is no runtime, or a node or a rule failed.
pub(crate) async fn run(plan: Plan) -> Result<Report, Error> {
    let Plan { tag, mut batch, limit, caps, keep, mocks, chance } = plan;
    let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
    let workers = runtime.metrics().num_workers().max(1);
    let mut crews = [workers, cores(), MOST_BLOCKING].map(Crew::of);
    crews[Lane::Async as usize].workers = 1; // this one
    if chance.is_some() {
        crews = [0; 3].map(Crew::of);
    }
    let mut machine = Machine::new(registry::describe).capped(caps);
    keep.into_iter().for_each(|stage| machine.keep(stage));
    let mut state = State::new(machine, crews, limit);
    let clock = Clock::start();
    state.tell(&Event::Added { additions: std::mem::take(&mut batch.additions) });
    state.adopt(&mut batch);
    state.tell(&Event::RunStarted { at: clock.now() });
    let shared = Arc::new(Shared {
        state: Mutex::new(state),
        tag: tag.id(),
        workflow: Arc::clone(tag.name()),
        runtime,
        clock,
        mocks,
        is_scripted: chance.is_some(),
        look: Condvar::new(),
        grown: Condvar::new(),
        given_up: AtomicBool::new(false),
        ended: Notify::new(),
    });
    let given_up = GivenUp(&shared);
    match chance {
        None => {
            shared.work().await;
            shared.ended.notified().await;
        }
        Some(chance) => scripted::drive(&shared, chance).await,
    }
    std::mem::forget(given_up);
    let mut state = shared.state.lock();
    let functions = state.take_functions();
    let report = Report {
        machine: std::mem::replace(&mut state.machine, Machine::new(registry::describe)),
        outputs: std::mem::take(&mut state.outputs),
        tag,
    };
    drop(state);
    drop(functions); // a worker on its way out may hold the rest for a moment longer
    if report.is_success() { Ok(report) } else { Err(Error::Failed(Box::new(report))) }
}

/// How many stages that block may do so at once: fewer than the threads that tokio has for it by default, so that
/// the compute lane always finds some.
const MOST_BLOCKING: usize = 256;

/// How many plain functions can really run at once.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Gives the run up when its future is dropped before the end.
struct GivenUp<'a>(&'a Shared);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        self.0.give_up(&mut self.0.state.lock());
    }
}
