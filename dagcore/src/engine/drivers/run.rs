//! Starting a run from a plan, the run's handle, and its report.

use super::decider::Yes;
use super::program::Program;
use super::step_driver;
use super::step_driver::Chance;
use super::tracker_threads;
use crate::dag::{CancelScope, Event, Machine, NodeExplanation, NodeId, Outputs, Refused};
use crate::engine::parts::clock::Clock;
use crate::engine::parts::recheck_timer::Look;
use crate::engine::parts::sync::Condvar;
use crate::engine::parts::worker_pool::{Crew, Lane};
use crate::engine::state::admission::approval_gate::Gate;
use crate::engine::state::admission::attempt_timers::Attempts;
use crate::engine::state::admission::fail_fast::Judge;
use crate::engine::state::admission::permits::Resources;
use crate::engine::state::lock::StateLock;
use crate::engine::state::observers::event_streams::Following;
use crate::engine::state::observers::tracker_queues::Over;
use crate::engine::state::run_state::State;
use crate::engine::state::settings::Settings;
use crate::engine::state::shared::Shared;
use crate::engine::state::stop_handle::Helm;
use crate::error::{AppendErrorKind, BuildError, Error};
use crate::port::{AnyDecider, Choice, Signal};
use crate::registry;
use crate::report::Report;
use crate::typed::{Batch, Host, Tag};
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;

/// A workflow that is ready to run.
pub(crate) struct Plan {
    pub(crate) tag: Tag,
    /// Everything that the program added. It has no problems.
    pub(crate) program: Program,
    pub(crate) settings: Settings,
    /// The source of choices of a scripted plan: then the calling task drives the run step by step.
    pub(crate) chance: Option<Chance>,
}

/// A handle to a running workflow. Dropping it before the end abandons the run.
pub(crate) struct Going {
    shared: GivenUp,
    tag: Tag,
}

impl Plan {
    /// Runs the workflow to its end. The calling task is the first worker.
    ///
    /// # Errors
    ///
    /// When there is no runtime, a rule is refused, or a node or a rule failed.
    pub(crate) async fn run(mut self) -> Result<Report, Error> {
        let chance = self.chance.take();
        let run = self.make(chance.is_some())?;
        match chance {
            None => run.shared.0.work().await,
            Some(chance) => step_driver::drive(&run.shared.0, chance).await,
        }
        run.ended().await;
        run.report().await
    }

    /// Prepares a run. One worker is counted already, so [`Going::spawn`] must be called.
    ///
    /// # Errors
    ///
    /// When there is no runtime, or a rule is refused.
    pub(crate) fn begin(self) -> Result<Going, Error> {
        let going = self.make(false)?;
        going.shared.0.state.lock().machine.accept_outside(true);
        Ok(going)
    }

    /// Builds the state of a run, and starts its trackers, its decider and the tasks beside it.
    fn make(self, is_scripted: bool) -> Result<Going, Error> {
        let Self { tag, mut program, settings, .. } = self;
        let Settings {
            concurrency,
            start_order,
            attempt_policy,
            deadline,
            grace,
            pools,
            needs,
            fail_fast,
            tolerated,
            growth_limits,
            ..
        } = settings;
        let Settings { keep, mocks, watchers, decider, stepwise, max_steps, beside, .. } = settings;
        let decider = decider.or_else(|| max_steps.map(|_| Box::new(Yes) as Box<dyn AnyDecider>)).filter(|_| !stepwise);
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let workers = runtime.metrics().num_workers().max(1);
        let mut crews = [workers, cores(), MOST_BLOCKING].map(Crew::of);
        crews[Lane::Async as usize].workers = 1;
        if is_scripted {
            crews = [0; 3].map(Crew::of);
        }
        let refused = |why: Refused| BuildError { workflow: tag.name().to_string(), problems: vec![why.to_string()] };
        program.finish().map_err(refused)?;
        let Program { machine, mut batch } = program;
        let mut machine = machine.with_growth_limits(growth_limits).ordered(start_order).tolerating(tolerated.clone());
        keep.into_iter().for_each(|stage| machine.keep(stage));
        let mut state = State::new(machine, crews, concurrency);
        (state.attempts, state.grace) = (Attempts::new(attempt_policy, deadline), grace);
        (state.resources, state.needs) = (Resources::new(pools), needs);
        state.judge = Judge::new(fail_fast, tolerated);
        if !is_scripted && (stepwise || decider.is_some()) {
            state.gate = Some(Gate::new(max_steps));
        }
        state.careful = deadline.is_some() || state.gate.is_some();
        let (clock, barrier) = (Clock::start(), Arc::clone(&state.barrier));
        state.adopt(&mut batch);
        state.commit(&Event::RunStarted { at: clock.now() });
        state.track(tracker_threads::told_to(&watchers, is_scripted));
        let shared = Arc::new(Shared {
            let_go: Arc::clone(&state.let_go),
            earlier: Signal::default(),
            state: StateLock::new(state),
            tag: tag.id(),
            workflow: Arc::clone(tag.name()),
            runtime,
            clock,
            mocks,
            is_scripted,
            look: Look::default(),
            grown: Condvar::new(),
            barrier,
            ended: Signal::default(),
        });
        tracker_threads::watch(&shared, watchers);
        for beside in beside.into_iter().filter(|_| !is_scripted) {
            shared.runtime.spawn(beside(Helm(Arc::clone(&shared))));
        }
        let told = shared.state.lock().gate.as_ref().map(|gate| Arc::clone(&gate.told));
        if let (Some(told), Some(decider)) = (told, decider) {
            shared.runtime.spawn(Arc::clone(&shared).ask(told, decider));
        }
        Ok(Going { shared: GivenUp(shared), tag })
    }
}

impl Going {
    /// Spawns the first worker as a task of its own.
    pub(crate) fn spawn(&self) {
        let shared = Arc::clone(&self.shared.0);
        self.shared.0.runtime.spawn(async move { shared.work().await });
    }

    /// Waits until the run has ended, or was stopped.
    pub(crate) async fn ended(&self) {
        self.helm().ended().await;
    }

    fn helm(&self) -> Helm {
        Helm(Arc::clone(&self.shared.0))
    }

    /// Refuses further additions through the handle, so that the run can end.
    pub(crate) fn seal(&self) {
        self.shared.0.state.lock().machine.accept_outside(false);
    }

    /// Returns the report of a run that has ended, after the trackers have finished or their timeouts have passed.
    ///
    /// # Errors
    ///
    /// When a node or a rule failed.
    pub(crate) async fn report(self) -> Result<Report, Error> {
        let Self { shared, tag } = self;
        let (machine, outputs, is_tracked) = take_end(&shared.0);
        let trackers = if is_tracked { tracker_threads::done(&shared.0).await } else { Vec::new() };
        let report = Report { machine, outputs, tag, trackers };
        if report.is_success() { Ok(report) } else { Err(Error::Failed(Box::new(report))) }
    }

    /// Returns the workflow of this run.
    pub(crate) fn tag(&self) -> &Tag {
        &self.tag
    }

    /// Evaluates `look` on the machine, under the lock.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Machine) -> R) -> R {
        look(&self.shared.0.state.lock().machine)
    }

    /// Adds everything that `body` adds, or nothing.
    ///
    /// # Errors
    ///
    /// When the additions are refused.
    pub(crate) fn append(&self, body: &mut dyn FnMut(&mut Batch, &dyn Host)) -> Result<(), AppendErrorKind> {
        self.shared.0.append(body)
    }

    /// Puts the run on hold, or resumes it. While it is on hold, no further node starts.
    pub(crate) fn hold(&self, hold: bool) {
        self.shared.0.hold(hold);
    }

    /// Returns a stream of the events from now on.
    pub(crate) fn follow(&self) -> Following {
        self.shared.0.follow()
    }

    /// Returns the steps that can be taken next in a stepwise run.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        self.shared.0.choices()
    }

    /// Waits until a step can be taken, and returns all such steps; empty when the run has ended.
    pub(crate) async fn next_choices(&self) -> Vec<Choice> {
        self.shared.0.next_choices().await
    }

    /// Takes a step. Returns `true` if it was taken, `false` if it is no longer possible.
    pub(crate) fn choose(&self, choice: &Choice) -> bool {
        self.shared.0.choose(choice)
    }

    /// Waits until a step can be taken, and takes the first; `None` when the run has ended.
    pub(crate) async fn step(&self) -> Option<Choice> {
        self.shared.0.step().await
    }

    /// Cancels the nodes in this scope. A second cancellation of the whole run ends the grace period.
    pub(crate) fn cancel(&self, what: CancelScope, why: &str) {
        self.helm().cancel(what, why);
    }

    /// Returns what a node waits for, or its outcome; `None` when there is no such node.
    pub(crate) fn explain(&self, node: NodeId) -> Option<NodeExplanation> {
        let Shared { state, clock, .. } = &*self.shared.0;
        let state = state.lock();
        let now = clock.now();
        let mut explained = state.machine.explain(node, now);
        if let Some(NodeExplanation::Ready { hold, .. }) = &mut explained {
            *hold = state.hold(node, now);
        }
        explained
    }
}

/// Takes the parts of the report out of the state, and passes the machine to the trackers. The flag is `true` if
/// there are trackers.
fn take_end(shared: &Shared) -> (Arc<Machine>, Outputs, bool) {
    let mut state = shared.state.lock();
    let (functions, is_tracked) = (state.take_functions(), state.told.is_some());
    let machine = take_machine(&mut state);
    let outputs = std::mem::take(&mut state.outputs);
    drop(state);
    drop(functions); // a worker that is ending may hold the rest for a moment longer
    (machine, outputs, is_tracked)
}

/// Takes the machine of a run that has ended out of the state, and passes it to the trackers.
fn take_machine(state: &mut State) -> Arc<Machine> {
    let machine = Arc::new(std::mem::replace(&mut state.machine, Machine::new(registry::describe)));
    if let Some(told) = &mut state.told {
        told.end(Over::Ended(Arc::clone(&machine)));
    }
    machine
}

/// Maximum number of stages that block at once: fewer than the default size of tokio's blocking pool, so that the
/// compute lane always finds threads.
const MOST_BLOCKING: usize = 256;

/// Returns how many plain functions can run in parallel.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Abandons the run when the handle is dropped. For a run that has ended this does nothing.
struct GivenUp(Arc<Shared>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        self.0.give_up(&mut state);
        if state.told.is_none() {
            return;
        }
        if state.machine.ended().is_some() {
            take_machine(&mut state); // the report was not requested
        } else if let Some(told) = &mut state.told {
            told.end(Over::GivenUp);
        }
    }
}
