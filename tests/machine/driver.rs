//! Plays the engine on the machine and on the model, in an order that chance decides, and compares them.

use super::build::{describe, node_id, reads, stage_id};
use super::model::{Batch, End, Model, NewNode};
use super::program::{Every, Fails, NAMES, Program, STAGES, When};
use super::random::{Chance, Checked};
use super::truth::Truth;
use dagcore::dag::{Cause, Event, Machine, NodeError, NodeId, NodeState, Place, RuleError, RuleId, StageId, Time};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Fails the property unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}
pub(crate) use ensure;

/// A program that grows beyond this is left alone.
const MOST_NODES: usize = 300;
const MOST_RULES: usize = 300;

pub(crate) type Bound = (usize, Option<usize>);

/// An event that cannot have happened as things are, if there is one of its kind.
pub(crate) type Lie = fn(&mut Driver) -> Option<Event>;

pub(crate) struct Driver {
    pub(crate) machine: Machine,
    pub(crate) model: Model,
    pub(crate) chance: Chance,
    /// What the machine has handed out.
    ready: Vec<usize>,
    pub(crate) due: Vec<Bound>,
    pub(crate) at: Time,
    /// What cannot have happened, and is told between the events that do.
    lie: Option<Lie>,
    outside: bool,
    may_be_late: bool,
    /// What is asked of the machine whenever it is compared with the model.
    pub(crate) truth: Option<Truth>,
    /// The lists that rules were given for the stages that they waited for, by rule and stage.
    pub(crate) lists: BTreeSet<(String, usize, Vec<String>)>,
    pub(crate) ended: bool,
}

/// What is the same whatever the order.
#[derive(PartialEq, Debug)]
pub(crate) struct Outcome {
    pub(crate) nodes: BTreeSet<(String, super::end::State)>,
    pub(crate) firings: BTreeSet<String>,
    pub(crate) failures: BTreeSet<(String, Option<String>)>,
    pub(crate) lists: BTreeSet<(String, usize, Vec<String>)>,
}

/// Runs a program to its end; `None` when it grew too big.
pub(crate) fn run(program: &Program, order: u64) -> Checked<Option<Driver>> {
    Driver::new(program, order).run(program)
}

impl Driver {
    pub(crate) fn new(program: &Program, order: u64) -> Self {
        Self {
            machine: Machine::new(describe),
            model: Model::default(),
            chance: Chance(order),
            ready: Vec::new(),
            due: Vec::new(),
            at: Time::START,
            lie: None,
            outside: false,
            may_be_late: program.may_be_late(),
            truth: None,
            lists: BTreeSet::new(),
            ended: false,
        }
    }

    /// Tells lies as well.
    pub(crate) fn lying(mut self, lie: Lie) -> Self {
        self.lie = Some(lie);
        self
    }

    /// Adds nodes from outside as well, while the run goes on.
    pub(crate) fn with_outside(mut self) -> Self {
        self.outside = true;
        self
    }

    pub(crate) fn run(mut self, program: &Program) -> Checked<Option<Self>> {
        let first = self.model.first(program);
        self.tell(&Event::Added { additions: first.additions() })?;
        self.model.add(first, None);
        self.compare()?;
        ensure!(
            self.machine.consequence(self.at).is_none_or(|event| !matches!(event, Event::Closed { .. })),
            "too soon"
        );
        self.tell(&Event::RunStarted { at: self.at })?;
        self.follow()?;
        while !self.ended {
            if self.model.nodes.len() > MOST_NODES || self.model.rules.len() > MOST_RULES {
                return Ok(None);
            }
            let at_once = 1 + self.chance.below(3) / 2;
            let moved = (0..at_once).try_fold(false, |moved, _| Ok::<_, String>(self.step()? || moved))?;
            if !moved {
                self.rest()?;
            }
            self.follow()?;
        }
        self.check_end()?;
        self.lie()?;
        Ok(Some(self))
    }

    /// What must be accepted. Afterwards all nodes are compared.
    pub(crate) fn tell(&mut self, event: &Event) -> Checked {
        self.machine.apply(event).map_err(|refused| format!("{event:?} was refused: {refused}"))
    }

    /// Starts a node, ends one or fires a rule, as chance has it. Whether there was any.
    fn step(&mut self) -> Checked<bool> {
        self.lie()?;
        self.at = Time::after(self.at.since_start() + std::time::Duration::from_nanos(1));
        let running: Vec<usize> = self.model.unsettled().filter(|node| self.model.nodes[*node].started).collect();
        let (ready, due, running_now) = (self.ready.len(), self.due.len(), running.len());
        ensure!(
            due + running_now == 0 || self.machine.at_rest(self.at).is_none(),
            "at rest with {running_now} nodes running and {due} rules due"
        );
        let all = ready + due + running_now;
        if self.outside && all > 0 && self.chance.below(12) == 0 {
            self.add_from_outside()?;
        } else if all == 0 {
            return Ok(false);
        } else {
            match self.chance.below(all) {
                n if n < ready => self.start()?,
                n if n < ready + due => self.fire()?,
                n => self.end(running[n - ready - due])?,
            }
        }
        self.compare()?;
        Ok(true)
    }

    /// Tells a lie, which must be refused. That nothing changes by it is seen here, and in all that follows.
    pub(crate) fn lie(&mut self) -> Checked {
        let Some(event) = self.lie.and_then(|lie| lie(self)) else { return Ok(()) };
        let places = [Place::Async, Place::Compute, Place::Blocking, Place::Inline];
        let seen = |m: &Machine| {
            (m.events(), m.has_due(), m.rules(), places.map(|place| (m.ready(place), m.peek_ready(place))))
        };
        let before = seen(&self.machine);
        let told = catch_unwind(AssertUnwindSafe(|| self.machine.apply(&event)));
        ensure!(told.is_ok(), "the machine panicked on {event:?}");
        ensure!(matches!(told, Ok(Err(_))), "this was accepted: {event:?}");
        ensure!(seen(&self.machine) == before, "this was refused, and changed something: {event:?}");
        self.compare()
    }

    fn start(&mut self) -> Checked {
        let Some(node) = self.chance.take(&mut self.ready) else { return Ok(()) };
        for (parent, _) in self.model.parents(node) {
            ensure!(self.model.nodes[parent].end.is_some(), "node {node} starts before {parent} has ended");
        }
        ensure!(!self.model.nodes[node].started, "node {node} starts twice");
        self.tell(&Event::Started { node: node_id(node), at: self.at })?;
        self.model.nodes[node].started = true;
        Ok(())
    }

    fn end(&mut self, node: usize) -> Checked {
        if self.model.will_fail(node) {
            let error = NodeError::new(self.model.shown(node), "", Cause::Panic("by plan".to_owned()));
            self.tell(&Event::Failed { node: node_id(node), error, at: self.at })?;
            self.model.nodes[node].end = Some(End::Failed);
        } else {
            self.tell(&Event::Succeeded { node: node_id(node), at: self.at })?;
            self.model.nodes[node].end = Some(End::Succeeded);
        }
        Ok(())
    }

    fn fire(&mut self) -> Checked {
        let Some((rule, bound)) = self.chance.take(&mut self.due) else { return Ok(()) };
        for stage in 0..STAGES {
            let waited = self.model.rules[rule].when.contains(&When::Closed(stage));
            if waited {
                let nodes = self.machine.in_lineage_order(stage_id(stage));
                let paths = nodes.iter().map(|node| self.model.nodes[node.index()].path.clone()).collect();
                self.lists.insert((self.model.rules[rule].path.clone(), stage, paths));
            }
        }
        let (id, binding) = (RuleId::from_index(rule), bound.map(node_id));
        let mut batch = self.model.body(rule, bound);
        if let Some(stage) = batch.as_ref().and_then(|batch| self.model.late(batch)) {
            let late = batch.take().map(|batch| batch.additions()).unwrap_or_default();
            ensure!(self.may_be_late, "rule {rule} adds a `{}`, which has closed", NAMES[stage]);
            let event = Event::Fired { rule: id, binding, additions: late, at: self.at };
            ensure!(self.machine.apply(&event).is_err(), "a late addition of a `{}` was accepted", NAMES[stage]);
        }
        match batch {
            Some(batch) => {
                self.tell(&Event::Fired { rule: id, binding, additions: batch.additions(), at: self.at })?;
                self.model.add(batch, Some((rule, bound)));
            }
            None => {
                let error = RuleError::new("rule", None, Cause::Panic("by plan".to_owned()));
                self.tell(&Event::RuleFailed { rule: id, binding, error, at: self.at })?;
                self.model.rules[rule].failed.insert(bound);
            }
        }
        Ok(())
    }

    fn add_from_outside(&mut self) -> Checked {
        let stage = self.chance.below(STAGES);
        let from = self.chance.below(self.model.nodes.len());
        let edges = vec![(from, dagcore::dag::Need::Success)];
        let (name, key, open, fails) = (None, None, false, Fails::Never);
        let node = NewNode { stage, edges, name, key, open, fails, position: 0 };
        let batch = Batch { nodes: vec![node], rules: Vec::new() };
        let event = Event::Added { additions: batch.additions() };
        if self.model.closed[stage] {
            ensure!(self.machine.apply(&event).is_err(), "a late addition from outside was accepted");
            return Ok(());
        }
        self.tell(&event)?;
        self.model.add(batch, None);
        self.may_be_late = true; // nobody declared it
        Ok(())
    }

    /// Lets follow what follows by itself, and compares what the machine hands out.
    fn follow(&mut self) -> Checked {
        loop {
            while let Some(event) = self.machine.consequence(self.at) {
                self.check_consequence(&event)?;
                self.tell(&event)?;
                self.compare()?;
            }
            let Some(rule) = self.machine.next_ask() else { break };
            self.ask(rule.index())?;
        }
        let unheard = self.model.unheard();
        ensure!(unheard.is_empty(), "the predicates of rules {unheard:?} would say yes and are not asked");
        for node in self.model.unsettled() {
            let told = self.model.nodes[node].started;
            let skip = !told && !self.model.skip_causes(node).is_empty();
            ensure!(!skip, "node {node} is not skipped");
            ensure!(!self.model.orphaned(node), "node {node} waits for a rule that failed");
        }
        for stage in (0..STAGES).filter(|stage| !self.model.closed[*stage] && self.model.is_watched(*stage)) {
            ensure!(self.model.is_open(stage), "`{}` is not closed, though nothing can lead to one", NAMES[stage]);
        }
        self.take()?;
        self.compare()
    }

    fn ask(&mut self, rule: usize) -> Checked {
        let (id, this) = (RuleId::from_index(rule), &self.model.rules[rule]);
        ensure!(self.model.is_armed(rule) && !this.said_yes, "rule {rule} is asked in vain");
        let Some(ask) = &this.ask else { return Err(format!("rule {rule} has no predicate")) };
        let (held, reads) = (self.model.says(ask), reads(ask));
        if held && this.plan.ask_fails {
            let error = RuleError::new("rule", None, Cause::Panic("asked".to_owned()));
            self.tell(&Event::RuleFailed { rule: id, binding: None, error, at: self.at })?;
            self.model.rules[rule].broken = true;
        } else {
            self.tell(&Event::Asked { rule: id, held, reads })?;
            self.model.rules[rule].said_yes = held;
        }
        Ok(())
    }

    fn check_consequence(&mut self, event: &Event) -> Checked {
        match event {
            Event::Skipped { node, because, .. } => {
                let causes = self.model.skip_causes(node.index());
                ensure!(causes.contains(&because.index()), "node {node} is skipped because of {because}: {causes:?}");
                ensure!(
                    self.model.state(node.index()) == NodeState::Waiting,
                    "node {node} is skipped, and did not wait"
                );
                self.model.nodes[node.index()].end = Some(End::Skipped(because.index()));
            }
            Event::Failed { node, .. } => {
                ensure!(self.model.orphaned(node.index()), "node {node} fails by itself");
                ensure!(self.model.state(node.index()) == NodeState::Waiting, "node {node} fails, and did not wait");
                self.model.nodes[node.index()].end = Some(End::Failed);
            }
            Event::Closed { stage, at_rest: false, .. } => {
                let stage = stage.index();
                let name = NAMES[stage];
                ensure!(self.model.is_watched(stage) && !self.model.closed[stage], "`{name}` closes in vain");
                ensure!(!self.model.is_open(stage), "`{name}` closes, and something can lead to one");
                self.model.closed[stage] = true;
            }
            other => return Err(format!("nothing makes this follow: {other:?}")),
        }
        Ok(())
    }

    /// Takes all that the machine hands out, and sees to it that this is what it should be.
    fn take(&mut self) -> Checked {
        while let Some(due) = self.machine.next_due() {
            self.due.push((due.rule.index(), due.binding.map(NodeId::index)));
        }
        for place in [Place::Async, Place::Compute, Place::Blocking, Place::Inline] {
            let (count, first) = (self.machine.ready(place), self.machine.peek_ready(place));
            let before = self.ready.len();
            while let Some(node) = self.machine.take_ready(place) {
                let here = describe(stage_id(self.model.nodes[node.index()].stage)).place;
                ensure!(here == place, "node {node} is ready at {place:?}");
                self.ready.push(node.index());
            }
            ensure!(self.ready.len() - before == count, "{count} ready, others handed out");
            ensure!(self.ready.get(before).copied() == first.map(NodeId::index), "another node than was shown");
        }
        let due: BTreeSet<Bound> = self.due.iter().copied().collect();
        let expected = self.model.due();
        ensure!(due == expected && due.len() == self.due.len(), "due are {:?}, should be {expected:?}", self.due);
        let ready: BTreeSet<usize> = self.ready.iter().copied().collect();
        let state = |node: &usize| self.model.state(*node);
        let expected: BTreeSet<usize> = self.model.unsettled().filter(|n| state(n) == NodeState::Ready).collect();
        ensure!(ready == expected && ready.len() == self.ready.len(), "ready {:?}, not {expected:?}", self.ready);
        ensure!(!self.machine.has_due(), "something is due and is not handed out");
        Ok(())
    }

    /// Nothing moves: the lowest stratum closes, or the run ends.
    fn rest(&mut self) -> Checked {
        let Some(events) = self.machine.at_rest(self.at) else { return Err("nothing moves, and no rest".to_owned()) };
        ensure!(!events.is_empty(), "nothing moves, and nothing follows");
        let closing: BTreeSet<usize> = events
            .iter()
            .filter_map(|event| match event {
                Event::Closed { stage, at_rest: true, .. } => Some(stage.index()),
                _ => None,
            })
            .collect();
        self.check_rest(&closing)?;
        for event in &events {
            match event {
                Event::Closed { stage, at_rest: true, .. } => self.model.closed[stage.index()] = true,
                Event::RunEnded { .. } if events.len() == 1 => self.ended = true,
                other => return Err(format!("no rest is like this: {other:?}")),
            }
            self.tell(event)?;
        }
        self.compare()
    }

    /// What closes at rest is waited for, and no rule that waits for anything else may still add to it.
    fn check_rest(&self, closing: &BTreeSet<usize>) -> Checked {
        let leads = self.model.leads();
        let rules = 0..self.model.rules.len();
        let waited: BTreeSet<usize> = rules.clone().flat_map(|rule| self.model.waits_for(rule)).collect();
        ensure!(closing.is_subset(&waited), "{closing:?} close, and only {waited:?} are waited for");
        ensure!(closing.is_empty() == waited.is_empty(), "the run ends, and {waited:?} are waited for");
        for rule in rules {
            let waits = self.model.waits_for(rule);
            let can_fire = self.model.rules[rule].every == Every::Once || !self.model.found(rule).is_empty();
            let later = waits.iter().any(|stage| !closing.contains(stage));
            let adds = closing.iter().find(|stage| self.model.may_add(rule, **stage, &leads));
            let wrong = if can_fire && later { adds } else { None };
            ensure!(wrong.is_none(), "{closing:?} close, and rule {rule} waits for {waits:?} and may add {wrong:?}");
        }
        Ok(())
    }

    /// Nodes, counters of firings and closed stages are the same.
    pub(crate) fn compare(&self) -> Checked {
        let (graph, model) = (self.machine.graph(), &self.model);
        ensure!(graph.len() == model.nodes.len(), "{} nodes, not {}", graph.len(), model.nodes.len());
        ensure!(self.machine.rules() == model.rules.len(), "another number of rules");
        for node in 0..model.nodes.len() {
            let (is, expected) = (graph.state(node_id(node)), model.state(node));
            ensure!(is == Some(expected), "node {node} is {is:?}, not {expected:?}");
        }
        for (index, rule) in model.rules.iter().enumerate() {
            let fired = self.machine.fired(RuleId::from_index(index)) as usize;
            ensure!(fired == rule.fired.len(), "rule {index} fired {fired} times, not {}", rule.fired.len());
        }
        for (stage, expected) in model.closed.iter().enumerate() {
            let closed = self.machine.is_closed(StageId::from_index(stage));
            ensure!(closed == *expected, "`{}`: closed is {closed}", NAMES[stage]);
        }
        self.truth.as_ref().map_or(Ok(()), |truth| truth.check(self))
    }
}
