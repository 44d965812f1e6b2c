//! From a plan to a report.

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
    /// What decides on all that is otherwise left to chance: then the run is driven step by step, by the one task that
    /// asked for it.
    pub(crate) chance: Option<Chance>,
}

/// A run that goes on. Dropped before its end, it is given up.
pub(crate) struct Going {
    shared: GivenUp,
    tag: Tag,
}

impl Plan {
    /// Runs it to its end. The caller is the first worker.
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

    /// Makes everything ready. One worker has been counted already: [`Going::spawn`] is to be called.
    ///
    /// # Errors
    ///
    /// When there is no runtime, or a rule is refused.
    pub(crate) fn begin(self) -> Result<Going, Error> {
        let going = self.make(false)?;
        going.shared.0.state.lock().machine.accept_outside(true);
        Ok(going)
    }

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
    /// Lets a task of its own be the first worker.
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

    /// Nothing is appended any more: what has been added from outside is all that there is.
    pub(crate) fn seal(&self) {
        self.shared.0.state.lock().machine.accept_outside(false);
    }

    /// The report of a run that has ended, once the trackers are done with it, or have had their time.
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

    /// Which workflow this is a run of.
    pub(crate) fn tag(&self) -> &Tag {
        &self.tag
    }

    /// Shows the machine as it is now, while everything stands still.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Machine) -> R) -> R {
        look(&self.shared.0.state.lock().machine)
    }

    /// Adds what `body` adds, all of it or nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be added.
    pub(crate) fn append(&self, body: &mut dyn FnMut(&mut Batch, &dyn Host)) -> Result<(), AppendErrorKind> {
        self.shared.0.append(body)
    }

    /// Lets no further node start, or lets them start again.
    pub(crate) fn hold(&self, hold: bool) {
        self.shared.0.hold(hold);
    }

    /// Tells of what happens from now on.
    pub(crate) fn follow(&self) -> Following {
        self.shared.0.follow()
    }

    /// What can happen next, of a run that goes step by step.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        self.shared.0.choices()
    }

    /// Waits until something can happen, and says what; nothing when the run has ended.
    pub(crate) async fn next_choices(&self) -> Vec<Choice> {
        self.shared.0.next_choices().await
    }

    /// Takes a step, if it can be taken. Whether it was.
    pub(crate) fn choose(&self, choice: &Choice) -> bool {
        self.shared.0.choose(choice)
    }

    /// Waits until a step can be taken, and takes the first; `None` when the run has ended.
    pub(crate) async fn step(&self) -> Option<Choice> {
        self.shared.0.step().await
    }

    /// Cancels what nobody wants any more. Asked a second time for the whole run, it waits for nothing that runs.
    pub(crate) fn cancel(&self, what: CancelScope, why: &str) {
        self.helm().cancel(what, why);
    }

    /// What a node waits for, or what became of it; `None` when there is no such node.
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

/// Takes out what the report is made of, shows it to the trackers, and says whether there are any.
fn take_end(shared: &Shared) -> (Arc<Machine>, Outputs, bool) {
    let mut state = shared.state.lock();
    let (functions, is_tracked) = (state.take_functions(), state.told.is_some());
    let machine = take_machine(&mut state);
    let outputs = std::mem::take(&mut state.outputs);
    drop(state);
    drop(functions); // a worker on its way out may hold the rest for a moment longer
    (machine, outputs, is_tracked)
}

/// Takes the machine of a run that has ended out, and shows it to the trackers.
fn take_machine(state: &mut State) -> Arc<Machine> {
    let machine = Arc::new(std::mem::replace(&mut state.machine, Machine::new(registry::describe)));
    if let Some(told) = &mut state.told {
        told.end(Over::Ended(Arc::clone(&machine)));
    }
    machine
}

/// How many stages that block may do so at once: fewer than the threads that tokio has for it by default, so that
/// the compute lane always finds some.
const MOST_BLOCKING: usize = 256;

/// How many plain functions can really run at once.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Gives the run up when nobody waits for it any more. One that has ended has nothing left to give up.
struct GivenUp(Arc<Shared>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        self.0.give_up(&mut state);
        if state.told.is_none() {
            return;
        }
        if state.machine.ended().is_some() {
            take_machine(&mut state); // nobody asked for a report
        } else if let Some(told) = &mut state.told {
            told.end(Over::GivenUp);
        }
    }
}
