//! Checks after the end of a run.

use super::spec::Spec;
use super::steering::{Barrier, Steered, What};
use super::world::{Begin, World};
use dagcore::dag::{Graph, NodeId, Time};
use dagcore::prelude::*;
use dagcore::{AnyNode, Cause};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread::ThreadId;

/// A report with its nodes by the numbers of their specifications.
struct Checked<'a> {
    report: &'a Report,
    graph: &'a Graph,
    steered: &'a Steered,
    world: &'a Arc<World>,
    by_id: HashMap<usize, NodeId>,
}

/// The number of the specification of a node, if it has one.
fn id_of(graph: &Graph, node: NodeId) -> Option<usize> {
    graph.given_name(node)?.parse().ok()
}

/// The start time of an attempt at a node.
fn started(graph: &Graph, node: NodeId, attempt: u32) -> Option<Time> {
    let failed = graph.failed_attempts(node);
    match failed.get(attempt as usize - 1) {
        Some(attempt) => Some(attempt.started),
        None if attempt as usize == failed.len() + 1 => {
            // If a node was cancelled during a retry delay, its last start is that of the failed attempt.
            let is_cancelled = graph.state(node) == Some(NodeState::Cancelled);
            let is_old = |at: &Time| is_cancelled && failed.last().is_some_and(|last| last.started == *at);
            graph.started(node).filter(|at| !is_old(at))
        }
        None => None,
    }
}

/// From now on only functions of attempts with a start in the report may begin.
pub(crate) fn seal(report: &Report, world: &World) {
    let graph = report.graph();
    let mut known = HashSet::new();
    for node in graph.nodes() {
        let Some(id) = id_of(graph, node) else { continue };
        for attempt in 1..=graph.failed_attempts(node).len() as u32 + 1 {
            if started(graph, node, attempt).is_some() {
                known.insert((id, attempt));
            }
        }
    }
    world.seal(known);
}

/// After a run was dropped, each thread may begin only the one function that it had already selected.
pub(crate) fn check_dropped(world: &World, over: &Barrier) {
    let late = world.begins().into_iter().filter(|begin| begin.place > over.from);
    check_threads(world, late, over);
}

fn check_threads(world: &World, begins: impl Iterator<Item = Begin>, barrier: &Barrier) {
    let mut threads: HashMap<ThreadId, Begin> = HashMap::new();
    for begin in begins {
        if let Some(before) = threads.insert(begin.thread, begin) {
            world.violation(format_args!(
                "one thread began {before:?}, and then {begin:?}, after this action had returned: {:?}",
                barrier.what
            ));
        }
    }
}

pub(crate) fn check(report: &Report, steered: &Steered, world: &Arc<World>) {
    let graph = report.graph();
    let mut by_id = HashMap::new();
    for node in graph.nodes() {
        if let Some(other) = id_of(graph, node).and_then(|id| by_id.insert(id, node)) {
            world.violation(format_args!("the nodes {other} and {node} have one specification"));
        }
    }
    let checked = Checked { report, graph, steered, world, by_id };
    checked.order();
    checked.begins();
    checked.barriers();
    checked.ends();
    checked.rates();
    checked.totals();
    checked.appends();
}

impl Checked<'_> {
    fn violation(&self, what: impl std::fmt::Display) {
        self.world.violation(what);
    }

    fn order(&self) {
        if let Err(error) = self.report.check_order() {
            self.violation(&error);
        }
        let duration = self.report.duration();
        for node in self.graph.nodes() {
            let explained = || self.graph.name(node);
            if !self.graph.state(node).is_some_and(NodeState::is_settled) {
                self.violation(format_args!("node `{}` is {:?} in the report", explained(), self.graph.state(node)));
            }
            let (started, ended) = (self.graph.started(node), self.graph.ended(node));
            if started.zip(ended).is_some_and(|(started, ended)| started > ended) {
                self.violation(format_args!("node `{}` started at {started:?} and ended at {ended:?}", explained()));
            }
            if ended.is_some_and(|ended| ended.since_start() > duration) {
                self.violation(format_args!("node `{}` ended at {ended:?}, the run took {duration:?}", explained()));
            }
        }
    }

    fn node(&self, begin: &Begin) -> Option<NodeId> {
        self.by_id.get(&begin.id).copied()
    }

    /// Each function that began belongs to an attempt that has a start in the report, and whose start was allowed.
    fn begins(&self) {
        let mut begun: HashMap<usize, usize> = HashMap::new();
        let mut once = HashSet::new();
        for begin in self.world.begins() {
            if !once.insert((begin.id, begin.attempt)) {
                self.violation(format_args!("an attempt began twice: {begin:?}"));
            }
            let node = self.node(&begin);
            if node.and_then(|node| started(self.graph, node, begin.attempt)).is_none() {
                let state = node.and_then(|node| self.graph.state(node));
                self.violation(format_args!("the report has no start of {begin:?}; its node is {state:?}"));
            }
            *begun.entry(begin.id).or_default() += 1;
        }
        if self.world.program.decider || self.world.program.stepwise {
            for (id, begun) in begun {
                let lets = self.world.let_start[id].load(SeqCst);
                if begun > lets {
                    self.violation(format_args!(
                        "node `{id}` began {begun} times, but was allowed to start {lets} times"
                    ));
                }
            }
        }
    }

    /// Returns `true` if a barrier applies to a node.
    fn applies(&self, what: What, node: NodeId) -> bool {
        let is_named = |any: AnyNode, node| self.report.node_name(any) == self.graph.name(node);
        match what {
            What::Run | What::Paused | What::Over => true,
            What::Stage(kind) => {
                let stage = self.graph.stage(node).map(|stage| self.graph.stage_info(stage).name);
                stage == Some(format!("{kind:?}").to_lowercase().as_str())
            }
            What::Node(any) => is_named(any, node),
            What::Subtree(any) => {
                let above = std::iter::successors(Some(node), |node| self.graph.lineage_parent(*node));
                above.into_iter().any(|node| is_named(any, node))
            }
        }
    }

    /// After a barrier a function begins only if its attempt had started before, and at most one does in each thread.
    fn barriers(&self) {
        let begins = self.world.begins();
        for barrier in &self.steered.barriers {
            let is_after = |begin: &&Begin| (barrier.from..barrier.to).contains(&begin.place);
            let of_it = |begin: &&Begin| self.node(begin).is_some_and(|node| self.applies(barrier.what, node));
            let late: Vec<Begin> = begins.iter().filter(is_after).filter(of_it).copied().collect();
            for begin in &late {
                let started = self.node(begin).and_then(|node| started(self.graph, node, begin.attempt));
                if started.is_some_and(|started| started.since_start() > barrier.at) {
                    self.violation(format_args!("{begin:?} started at {started:?}, after {barrier:?}"));
                }
            }
            check_threads(self.world, late.into_iter(), barrier);
        }
    }

    /// Nodes end as their functions did, unless another event ended them first.
    fn ends(&self) {
        let done = self.world.done.lock().unwrap().clone();
        for (id, node) in &self.by_id {
            let (Some(spec), state) = (self.world.spec(*id), self.graph.state(*node)) else { continue };
            let last = self.graph.failed_attempts(*node).len() as u32 + 1;
            let is_done = done.contains(&(*id, last));
            let cause = self.graph.error(*node).map(NodeError::cause);
            match (state, cause) {
                (Some(NodeState::Succeeded), _) if !is_done => {
                    self.violation(format_args!("node `{id}` succeeded, but its function did not"));
                }
                (Some(NodeState::Failed), Some(Cause::TimedOut { .. })) if spec.is_timed() => {}
                (Some(NodeState::Failed), Some(cause)) if is_done || self.is_strange(spec, cause) => {
                    self.violation(format_args!("node `{id}` failed: {cause}"));
                }
                (Some(NodeState::Cancelled), Some(cause)) if !self.may_be_cancelled(*node) => {
                    self.violation(format_args!("node `{id}` was cancelled without a request: {cause}"));
                }
                _ => {}
            }
        }
        for error in self.report.rule_failures() {
            self.violation(error);
        }
    }

    /// Returns `true` if the function of the node cannot have caused the failure.
    fn is_strange(&self, spec: &Spec, cause: &Cause) -> bool {
        let may_panic = spec.acts.contains(&super::spec::Act::Panic);
        match cause {
            Cause::Error { message, .. } => **message != *"no",
            Cause::Panic(message) => **message != *"no" || !may_panic,
            _ => true,
        }
    }

    fn may_be_cancelled(&self, node: NodeId) -> bool {
        let cancels = |barrier: &&Barrier| !matches!(barrier.what, What::Paused | What::Over);
        let program = &self.world.program;
        let mut cancels = self.steered.barriers.iter().filter(cancels);
        program.deadline.is_some() || program.fail_fast || cancels.any(|barrier| self.applies(barrier.what, node))
    }

    /// The nth start of a stage with a rate is not earlier than the rate allows, except for the burst.
    fn rates(&self) {
        let Some((kind, interval, burst)) = self.world.program.rate else { return };
        let of_kind = self.world.begins().into_iter().filter(|begin| begin.kind == kind);
        let mut starts: Vec<Time> =
            of_kind.filter_map(|begin| started(self.graph, self.node(&begin)?, begin.attempt)).collect();
        starts.sort_unstable();
        for (nth, at) in starts.iter().enumerate() {
            let least = interval * (nth as u32).saturating_sub(burst - 1);
            if at.since_start() < least {
                self.violation(format_args!(
                    "start {nth} of {kind:?} was at {at:?}, but its rate allows it at {least:?}"
                ));
            }
        }
    }

    fn totals(&self) {
        let mut last = Steered { totals: self.steered.totals.clone(), ..Steered::default() };
        last.check_totals(&self.report.progress(), self.world);
    }

    /// Accepted nodes exist, and refused ones do not.
    fn appends(&self) {
        let there: HashSet<usize> = self.by_id.keys().copied().collect();
        for id in self.steered.accepted.iter().filter(|id| !there.contains(id)) {
            self.violation(format_args!("node `{id}` was appended, but is missing"));
        }
        for (id, why) in self.steered.refused.iter().filter(|(id, _)| there.contains(id)) {
            self.violation(format_args!("node `{id}` exists, but its append was refused: {why}"));
        }
    }
}
