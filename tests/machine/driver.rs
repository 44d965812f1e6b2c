//! Simulates the engine on the machine and on the model, in random order. `compare` checks that both return the same
//! work and reach the same state.

use super::model::{Batch, By, End, Model, NewNode};
use super::program::{Fails, NAMES, Program, STAGES, When};
use super::random::{Chance, Checked};
use super::replay::Seen;
use super::told::{describe, describe_stages_of, node_id, stage_id};
use super::truth::Truth;
use dagcore::dag::{Additions, Cause, Event, Machine, NodeError, Place, RuleError, RuleId, Time};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tests::dice::Dice;

/// Fails the property unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}
pub(crate) use ensure;

/// A program that exceeds this size is skipped.
const MOST_NODES: usize = 150;
const MOST_RULES: usize = 300;

pub(crate) type Bound = (usize, Option<usize>);

/// An event that is impossible in the current state, if there is one of its kind.
pub(crate) type Lie = fn(&mut Driver) -> Option<Event>;

pub(crate) struct Driver {
    pub(crate) machine: Machine,
    pub(crate) model: Model,
    pub(crate) chance: Chance,
    /// The ready nodes that the machine has returned.
    pub(crate) ready: Vec<usize>,
    pub(crate) due: Vec<Bound>,
    /// The nodes whose outputs were released.
    pub(crate) unread: BTreeSet<usize>,
    pub(crate) at: Time,
    /// An impossible event, applied between the possible ones.
    lie: Option<Lie>,
    pub(crate) lies: usize,
    outside: bool,
    /// Times are arbitrary and not monotonic.
    jumps: bool,
    may_be_late: bool,
    /// The lists that rules received for the stages that they waited for.
    pub(crate) lists: BTreeSet<List>,
    /// The queries made whenever the machine is compared with the model.
    pub(crate) truth: Option<Truth>,
    pub(crate) ended: bool,
    /// Every accepted event, and the state of the machine after it, if they are recorded.
    pub(crate) recorded: Option<Vec<(Event, Seen)>>,
}

/// A rule with its binding, a stage that it waited for, and the nodes that it received.
pub(crate) type List = (String, usize, Vec<String>);

/// The part of the result that does not depend on the order.
#[derive(PartialEq, Debug)]
pub(crate) struct Outcome {
    pub(crate) nodes: BTreeSet<(String, super::end::State)>,
    pub(crate) firings: BTreeSet<String>,
    pub(crate) failures: BTreeSet<(String, Option<String>)>,
    pub(crate) lists: BTreeSet<List>,
}

/// Runs a program to its end. Returns `None` if it exceeded the maximum size.
pub(crate) fn run(program: &Program, order: u64) -> Checked<Option<Driver>> {
    Driver::new(program, order).run(program)
}

impl Driver {
    pub(crate) fn new(program: &Program, order: u64) -> Self {
        describe_stages_of(program);
        Self {
            machine: Machine::new(describe),
            model: Model::default(),
            chance: Chance(Dice(order)),
            ready: Vec::new(),
            due: Vec::new(),
            unread: BTreeSet::new(),
            at: Time::START,
            lie: None,
            lies: 0,
            outside: false,
            jumps: false,
            may_be_late: program.may_be_late(),
            truth: None,
            lists: BTreeSet::new(),
            ended: false,
            recorded: None,
        }
    }

    /// Folds the hashes of paths while the run goes on.
    pub(crate) fn hashing(mut self) -> Self {
        self.machine = self.machine.with_path_hashes();
        self
    }

    /// Records every event, and the state of the machine after it.
    pub(crate) fn recording(mut self) -> Self {
        self.recorded = Some(Vec::new());
        self
    }

    /// Also applies impossible events.
    pub(crate) fn lying(mut self, lie: Lie) -> Self {
        self.lie = Some(lie);
        self
    }

    /// Also appends nodes from outside during the run.
    pub(crate) fn with_outside(mut self) -> Self {
        self.outside = true;
        self
    }

    /// Passes times to the machine that are not monotonic.
    pub(crate) fn jumping(mut self) -> Self {
        self.jumps = true;
        self
    }

    pub(crate) fn run(mut self, program: &Program) -> Checked<Option<Self>> {
        let first = self.model.first(program);
        self.tell(&Event::Added { additions: first.additions(), at: Time::START })?;
        self.model.add(first, By::Program);
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

    /// Applies an event that must be accepted. Afterwards all nodes are compared.
    pub(crate) fn tell(&mut self, event: &Event) -> Checked {
        self.machine.apply(event).map_err(|refused| format!("{event:?} was refused: {refused}"))?;
        if let Some(recorded) = &mut self.recorded {
            recorded.push((event.clone(), Seen::of(&self.machine)));
        }
        Ok(())
    }

    /// Starts a node, ends one or fires a rule, at random. Returns `true` if there was anything to do.
    fn step(&mut self) -> Checked<bool> {
        self.lie()?;
        let next = if self.jumps { self.chance.below(30) as u64 } else { self.at.since_start().as_nanos() as u64 + 1 };
        self.at = Time::after(std::time::Duration::from_nanos(next));
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
                n => self.go_on(running[n - ready - due])?,
            }
        }
        self.take_unread()?;
        self.compare()?;
        Ok(true)
    }

    /// Applies an impossible event, which must be rejected. Checks here and after all later events that it changed
    /// nothing.
    pub(crate) fn lie(&mut self) -> Checked {
        let Some(event) = self.lie.and_then(|lie| lie(self)) else { return Ok(()) };
        self.lies += 1;
        let places = [Place::Async, Place::Compute, Place::Blocking, Place::Inline];
        let seen = |m: &Machine| {
            (m.events(), m.has_due(), m.rules(), places.map(|place| (m.ready(place), m.peek_ready(place))))
        };
        let before = seen(&self.machine);
        let told = catch_unwind(AssertUnwindSafe(|| self.machine.apply(&event)));
        ensure!(told.is_ok(), "the machine panicked on {event:?}");
        ensure!(matches!(told, Ok(Err(_))), "an impossible event was accepted: {event:?}");
        ensure!(seen(&self.machine) == before, "a rejected event changed the state: {event:?}");
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

    /// A running node makes its additions, and then ends.
    fn go_on(&mut self, node: usize) -> Checked {
        if let Some(batch) = self.model.step(node) {
            let grown = |additions, at| Event::Grown { node: node_id(node), additions, at };
            if self.is_late(&batch, By::Node(node), &grown)? {
                self.model.nodes[node].grown += 1;
                return Ok(());
            }
            self.tell(&grown(batch.additions(), self.at))?;
            self.model.add(batch, By::Node(node));
            return Ok(());
        }
        if self.model.will_fail(node) {
            let error = NodeError::new(self.model.shown(node), "", Cause::Panic("by plan".into()));
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
        self.note_lists(rule, bound)?;
        let (id, binding) = (RuleId::from_index(rule), bound.map(node_id));
        let fired = |additions, at| Event::Fired { rule: id, binding, additions, at };
        let mut batch = self.model.body(rule, bound);
        let by = By::Rule(rule, bound);
        let late = batch.as_ref().map(|batch| self.is_late(batch, by, &fired)).transpose()?;
        batch = batch.filter(|_| late == Some(false));
        match batch {
            Some(batch) => {
                self.tell(&fired(batch.additions(), self.at))?;
                self.model.add(batch, by);
            }
            None => {
                let error = RuleError::new("rule", None, Cause::Panic("by plan".into()));
                self.tell(&Event::RuleFailed { rule: id, binding, error, at: self.at })?;
                self.model.rules[rule].failed.insert(bound);
            }
        }
        Ok(())
    }

    /// Returns `true` if this adds to a closed stage. The machine rejects such an addition.
    fn is_late(&mut self, batch: &Batch, by: By, event: &dyn Fn(Additions, Time) -> Event) -> Checked<bool> {
        let Some(stage) = self.model.late(batch, by) else { return Ok(false) };
        ensure!(self.may_be_late, "{by:?} adds a `{}`, which has closed", NAMES[stage]);
        let event = event(batch.additions(), self.at);
        ensure!(self.machine.apply(&event).is_err(), "a late addition of a `{}` was accepted", NAMES[stage]);
        Ok(true)
    }

    /// Records the lists that a rule receives, in lineage order.
    fn note_lists(&mut self, rule: usize, bound: Option<usize>) -> Checked {
        let this = &self.model.rules[rule];
        let path = |node: &usize| self.model.nodes[*node].path.clone();
        let who = format!("{}({})", this.path, bound.as_ref().map_or(String::new(), path));
        let mut lists = Vec::new();
        for stage in (0..STAGES).filter(|stage| this.when.contains(&When::Closed(*stage))) {
            lists.push((stage, self.machine.in_lineage_order(stage_id(stage)), self.model.in_lineage_order(stage)));
        }
        for (above, (stage, _)) in bound.iter().flat_map(|above| this.below.iter().map(move |waited| (*above, *waited)))
        {
            let nodes = self.machine.below(node_id(above), stage_id(stage));
            lists.push((stage, nodes, self.model.below_in_order(above, stage)));
        }
        let mut noted = BTreeSet::new();
        for (stage, nodes, expected) in lists {
            let nodes: Vec<usize> = nodes.into_iter().map(dagcore::dag::NodeId::index).collect();
            ensure!(nodes == expected, "{who} receives {nodes:?} of `{}`, not {expected:?}", NAMES[stage]);
            noted.insert((who.clone(), stage, nodes.iter().map(path).collect()));
        }
        self.lists.extend(noted);
        Ok(())
    }

    fn add_from_outside(&mut self) -> Checked {
        let stage = self.chance.below(STAGES);
        let from = self.chance.below(self.model.nodes.len());
        let edges = vec![(from, dagcore::dag::Need::Success)];
        let (name, key, under, open, fails) = (None, None, None, false, Fails::Never);
        let node = NewNode { stage, edges, name, key, under, open, fails, position: 0 };
        let batch = Batch { nodes: vec![node], rules: Vec::new() };
        let event = Event::Added { additions: batch.additions(), at: Time::START };
        // The laws are applied to it when it is generated, so that no rule has to be refused for it later.
        let leads = self.model.leads();
        let late = (0..STAGES).find(|closed| self.model.closed[*closed] && (*closed == stage || leads[stage][*closed]));
        if let Some(closed) = late {
            let (added, closed) = (NAMES[stage], NAMES[closed]);
            ensure!(
                self.machine.apply(&event).is_err(),
                "a `{added}` from outside was accepted, and `{closed}` has closed"
            );
            return Ok(());
        }
        self.tell(&event)?;
        self.model.add(batch, By::Program);
        Ok(())
    }
}
