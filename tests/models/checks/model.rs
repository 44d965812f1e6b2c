//! A run of the real engine: its workers are threads of the model checker, and one more thread cancels or pauses.

use super::super::parts::clock::Clock;
use super::super::parts::recheck_timer::Look;
use super::super::parts::sync::Condvar;
use super::super::parts::worker_pool::Crew;
use super::super::state::admission::permits::Resources;
use super::super::state::lock::StateLock;
use super::super::state::run_state::State;
use super::super::state::shared::Shared;
use super::explore::spawn;
use super::log::{Call, Log};
use crate::dag::{Additions, Adds, CancelScope, Edge, Event, Machine, Need, NodeId, NodeState, Place, StageId, Time};
use crate::port::{Job, Needs, Signal, StageSpec};
use crate::registry;
use crate::typed::Tag;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// The pool that nodes share, and its size.
pub(super) const POOL: (&str, u32) = ("pool", 2);

static ROOT: StageSpec = StageSpec::new("root", 1, Place::Async, "models").adding(|| Adds::Anything);
static SHORT: StageSpec = StageSpec::new("short", 1, Place::Async, "models");
static WHOLE: StageSpec = StageSpec::new("whole", 1, Place::Async, "models").needing(Needs::new().pools(&[POOL]));
static WORK: StageSpec = StageSpec::new("work", 1, Place::Async, "models").needing(Needs::new().pools(&[(POOL.0, 1)]));
static QUICK: StageSpec =
    StageSpec::new("quick", 1, Place::Async, "models").needing(Needs::new().pools(&[(POOL.0, 1)]));
static OTHER: StageSpec =
    StageSpec::new("other", 1, Place::Async, "models").needing(Needs::new().pools(&[(POOL.0, 1)]));
static LIMITED: StageSpec = StageSpec::new("limited", 1, Place::Async, "models").needing(Needs::new().concurrency(1));

/// The stages of the models.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// Nodes that other nodes are below.
    Root,
    /// Nodes of which a worker takes several at a time.
    Short,
    /// Nodes that need the whole pool.
    Whole,
    /// Nodes that need half of the pool.
    Work,
    /// Nodes that need half of the pool, and of which a worker takes several at a time.
    Quick,
    /// Other nodes that need half of the pool.
    Other,
    /// Nodes with a concurrency limit of one.
    Limited,
}

impl Of {
    pub(super) fn id(self) -> StageId {
        registry::id(match self {
            Self::Root => &ROOT,
            Self::Short => &SHORT,
            Self::Whole => &WHOLE,
            Self::Work => &WORK,
            Self::Quick => &QUICK,
            Self::Other => &OTHER,
            Self::Limited => &LIMITED,
        })
    }

    fn needs(self) -> Needs {
        match self {
            Self::Root | Self::Short => Needs::new(),
            Self::Whole => WHOLE.needs(),
            Self::Work => WORK.needs(),
            Self::Quick => QUICK.needs(),
            Self::Other => OTHER.needs(),
            Self::Limited => LIMITED.needs(),
        }
    }

    /// The time that a node occupies a worker, in nanoseconds, chosen so that a worker takes two together, or one
    /// alone.
    fn busy(self) -> u64 {
        match self {
            Self::Root | Self::Short | Self::Quick => 20_000,
            Self::Whole | Self::Work | Self::Other | Self::Limited => 1_000_000,
        }
    }
}

/// A node of a scenario.
#[derive(Clone, Copy)]
pub(super) struct Planned {
    pub(super) of: Of,
    /// The older node that it depends on.
    after: Option<usize>,
    /// Whether its function waits before it ends.
    waits: bool,
    /// Whether its function takes longer than other workers expect.
    is_long: bool,
    /// Whether it is below node 0 in the lineage.
    is_below: bool,
}

pub(super) const fn node(of: Of) -> Planned {
    Planned { of, after: None, waits: false, is_long: false, is_below: false }
}

impl Planned {
    pub(super) const fn after(mut self, node: usize) -> Self {
        self.after = Some(node);
        self
    }

    pub(super) const fn waits(mut self) -> Self {
        self.waits = true;
        self
    }

    pub(super) const fn long(mut self) -> Self {
        self.is_long = true;
        self
    }

    /// Places it below node 0, on which it depends, and which must be a root: that node has ended when the workers
    /// begin. Such nodes are the last ones.
    pub(super) const fn below(mut self) -> Self {
        self.is_below = true;
        self
    }

    fn job(self, node: NodeId, log: &Arc<Log>) -> Box<dyn Job> {
        Box::new(Call { node, needs: self.of.needs(), log: Arc::clone(log), waits: self.waits, is_long: self.is_long })
    }
}

/// The run of a scenario.
pub(super) struct Model {
    runtime: Runtime,
    pub(super) shared: Arc<Shared>,
    pub(super) log: Arc<Log>,
}

impl Model {
    /// Creates a run in which these nodes are ready, or wait for each other.
    pub(super) fn new(nodes: &[Planned], workers: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime without I/O");
        let entered = runtime.enter();
        let log = Arc::new(Log::default());
        // Several crews of one worker each, so that few nodes are enough for a worker to take several together.
        let mut crews = [1, 0, 0].map(Crew::of);
        crews[0].workers = workers;
        let mut state = State::new(machine(nodes), crews, usize::MAX);
        state.resources = Resources::new(vec![(POOL.0.to_owned(), POOL.1)]);
        for (at, planned) in nodes.iter().enumerate() {
            let (id, stage) = (NodeId::from_index(at), planned.of.id());
            state.jobs.push(Some(planned.job(id, &log)));
            (0..64).for_each(|_| state.busy.note(stage, planned.of.busy()));
            if !planned.of.needs().is_none() {
                state.needs.insert(stage, planned.of.needs());
            }
        }
        let tag = Tag::new("model".into());
        let shared = Arc::new(Shared {
            let_go: Arc::clone(&state.let_go),
            earlier: Signal::default(),
            barrier: Arc::clone(&state.barrier),
            state: StateLock::new(state),
            tag: tag.id(),
            workflow: Arc::clone(tag.name()),
            runtime: runtime.handle().clone(),
            clock: Clock::start(),
            mocks: None,
            is_scripted: false,
            look: Look::default(),
            grown: Condvar::new(),
            ended: Signal::default(),
        });
        drop(entered);
        Self { runtime, shared, log }
    }

    /// Runs `workers` workers while `act` acts on the run from outside, then lets the run end, and checks all
    /// invariants.
    pub(super) fn run(self, workers: usize, act: impl FnOnce(&Self)) {
        let entered = self.runtime.enter();
        let threads: Vec<_> = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&self.shared);
                spawn(move || work(&shared))
            })
            .collect();
        act(&self);
        threads.into_iter().for_each(|thread| thread.join().expect("workers do not panic"));
        drop(entered);
        // The runtime executes the remaining work of tasks and later workers here.
        let ended = self.runtime.block_on(async { timeout(Duration::from_secs(3_600), self.ended()).await });
        let wrong = self.wrong(ended.is_ok());
        assert!(wrong.is_empty(), "{}", wrong.join("; "));
    }

    async fn ended(&self) {
        loop {
            let ended = self.shared.ended.listen();
            if self.shared.state.lock().stopped {
                return;
            }
            ended.await;
        }
    }

    /// Records that none of the nodes for which `unwanted` holds may begin any more, except those whose start is
    /// recorded.
    pub(super) fn bar(&self, unwanted: impl Fn(usize) -> bool) {
        let state = self.shared.state.lock();
        let graph = state.machine.graph();
        let unrecorded = |node: &NodeId| graph.started(*node).is_none() && unwanted(node.index());
        self.log.bar((0..graph.len()).map(NodeId::from_index).filter(unrecorded).collect());
    }

    /// Cancels this scope, and bars its nodes.
    pub(super) fn cancel(&self, what: CancelScope, unwanted: impl Fn(usize) -> bool) {
        self.shared.cancel(what, "a model cancels it");
        self.bar(unwanted);
    }

    /// Pauses the run, and bars all nodes.
    pub(super) fn pause(&self) {
        self.shared.hold(true);
        self.bar(|_| true);
    }

    /// Allows all nodes to start again.
    pub(super) fn resume(&self) {
        self.resume_but(|_| false);
    }

    /// Allows all nodes to start again except these, which were cancelled meanwhile.
    pub(super) fn resume_but(&self, unwanted: impl Fn(usize) -> bool) {
        self.bar(unwanted);
        self.shared.hold(false);
    }

    /// Stops the run, and bars all nodes.
    pub(super) fn stop(&self) {
        let mut state = self.shared.state.lock();
        let now = self.shared.now(&state);
        self.shared.stop(&mut state, "a model stops it".to_owned(), now);
        drop(state);
        self.bar(|_| true);
    }

    /// Returns the violations at the end of the run.
    fn wrong(&self, has_ended: bool) -> Vec<String> {
        let mut wrong = self.log.look(|log| std::mem::take(&mut log.wrong));
        let mut state = self.shared.state.lock();
        if !has_ended {
            wrong.push("the run does not end".to_owned());
            return wrong;
        }
        let State { machine, resources, taken, .. } = &mut *state;
        let (graph, is_given_up) = (machine.graph(), machine.stopped().is_some() && !machine.is_cancelled());
        let mut outlive = 0;
        for node in (0..graph.len()).map(NodeId::from_index) {
            let begun = self.log.look(|log| log.begun.contains_key(&node));
            let (now, is_recorded) = (graph.state(node), graph.started(node).is_some());
            if !is_given_up && !now.is_some_and(NodeState::is_settled) {
                wrong.push(format!("{node:?} is {now:?} at the end"));
            }
            if begun && !is_recorded {
                wrong.push(format!("{node:?} began and its start is not recorded"));
            }
            if !begun && now == Some(NodeState::Succeeded) && graph.stage(node) != Some(Of::Root.id()) {
                wrong.push(format!("{node:?} succeeded and never began"));
            }
            if is_recorded && now == Some(NodeState::Cancelled) {
                // It may have outlived the run, whose end does not wait for the nodes that it holds.
                outlive += 1;
                let more = resources.give_back(node, Time::START, &|node| graph.stage(node));
                assert_eq!(more, [], "nothing waits in a run that has ended");
            }
        }
        if is_given_up || *taken > outlive {
            return wrong; // a worker still holds nodes that never began, with their shares
        }
        // An additional node of each stage would receive everything that it needs.
        for (more, stage) in [Of::Whole, Of::Limited].map(Of::id).into_iter().enumerate() {
            let probe = NodeId::from_index(graph.len() + more);
            if resources.take(probe, stage, Time::START) != Ok(true) {
                wrong.push(format!("a share that {} needs is lost", registry::describe(stage).name));
            }
        }
        wrong
    }
}

fn machine(nodes: &[Planned]) -> Machine {
    let mut machine = Machine::new(registry::describe);
    let (below, all): (Vec<Planned>, Vec<Planned>) = nodes.iter().partition(|node| node.is_below);
    let additions = |nodes: &[Planned]| {
        let mut additions = Additions::default();
        for Planned { of, after, is_below, .. } in nodes {
            let after = if *is_below { Some(0) } else { *after };
            let edges = after.map(|after: usize| Edge { from: NodeId::from_index(after), need: Need::Success });
            additions.node(of.id(), edges, None);
        }
        additions
    };
    let (node, at) = (NodeId::from_index(0), Time::START);
    let tell = |machine: &mut Machine, event: Event| machine.apply(&event).expect("the event is possible");
    tell(&mut machine, Event::Added { additions: additions(&all), at: Time::START });
    tell(&mut machine, Event::RunStarted { at });
    if !below.is_empty() {
        assert_eq!(machine.take_ready(Place::Async), Some(node));
        tell(&mut machine, Event::Started { node, at });
        tell(&mut machine, Event::Grown { node, additions: additions(&below), at });
        tell(&mut machine, Event::Succeeded { node, at });
    }
    machine
}

/// Works like a task of the runtime.
fn work(shared: &Arc<Shared>) {
    let mut working = pin!(shared.work());
    let mut context = Context::from_waker(Waker::noop());
    while working.as_mut().poll(&mut context) == Poll::Pending {}
}
