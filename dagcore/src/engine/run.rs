//! From a plan to a report.

use super::clock::Clock;
use super::shared::Shared;
use super::state::{Lane, State};
use crate::dag::{Event, Machine};
use crate::error::Error;
use crate::registry;
use crate::report::Report;
use crate::typed::{Batch, Tag};
use parking_lot::Mutex;
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
}

/// Runs it.
///
/// # Errors
///
/// When there is no runtime, or a node or a rule failed.
pub(crate) async fn run(plan: Plan) -> Result<Report, Error> {
    let Plan { tag, mut batch, limit } = plan;
    let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
    let workers = runtime.metrics().num_workers().max(1);
    let mut state = State::new(Machine::new(registry::describe), Batch::new(tag.id(), 0), limit);
    let clock = Clock::start();
    state.tell(&Event::Added { additions: std::mem::take(&mut batch.additions) });
    state.adopt(&mut batch);
    state.tell(&Event::RunStarted { at: clock.now() });
    state.workers[Lane::Async as usize] = 1; // this one
    let shared = Arc::new(Shared {
        state: Mutex::new(state),
        tag: tag.id(),
        workflow: Arc::clone(tag.name()),
        runtime,
        clock,
        most: [workers, cores()],
        ended: Notify::new(),
    });
    let given_up = GivenUp(&shared);
    shared.work().await;
    shared.ended.notified().await;
    std::mem::forget(given_up);
    let mut state = shared.state.lock();
    state.forget(); // a worker on its way out may hold the state for a moment longer
    let report = Report {
        machine: std::mem::replace(&mut state.machine, Machine::new(registry::describe)),
        outputs: std::mem::take(&mut state.outputs),
        rule_errors: std::mem::take(&mut state.rule_errors),
        tag,
    };
    if report.is_success() { Ok(report) } else { Err(Error::Failed(Box::new(report))) }
}

/// How many plain functions can really run at once.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Stops the run when its future is dropped before the end: nothing new starts, and what waits is dropped.
struct GivenUp<'a>(&'a Shared);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        self.0.state.lock().stop();
    }
}
