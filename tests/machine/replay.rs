//! A fresh machine that applies recorded events equals the machine that recorded them, after every event.

use super::driver::{Driver, ensure};
use super::random::{Checked, check, programs};
use super::told::{describe, stage_id};
use dagcore::dag::{
    Additions, Adds, CancelScope, Cause, Condition, Due, Each, Edge, Event, Machine, Need, NodeError, NodeId,
    NodeState, Place, Possible, RuleError, RuleId, RuleSpec, Time,
};
use std::time::Duration;
use tests::dice::Dice;

/// The observable state of a machine.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Seen {
    nodes: Vec<String>,
    rules: Vec<String>,
    due: Vec<Due>,
    run: String,
}

impl Seen {
    pub(crate) fn of(machine: &Machine) -> Self {
        let graph = machine.graph();
        let at = Time::after(Duration::from_secs(1));
        let node = |node: NodeId| {
            let (times, lost) = ((graph.started(node), graph.ended(node)), (graph.error(node), graph.is_dropped(node)));
            let (parents, attempts): (Vec<_>, _) = (graph.parents(node).collect(), graph.failed_attempts(node));
            let (above, explained) = (graph.lineage_parent(node), machine.explain(node, at));
            format!("{:?} {times:?} {lost:?} {parents:?} {attempts:?} {above:?} {explained:?}", graph.state(node))
        };
        let rules = (0..machine.rules()).map(RuleId::from_index);
        let rule = |rule| format!("{:?} {:?}", machine.explain_rule(rule), machine.unfired(rule));
        let (progress, possible) = (machine.progress(), Possible::of(machine));
        let rest = machine.at_rest(at).map(|events| format!("{events:?}"));
        let counts = (machine.events(), machine.wakes(), machine.ended(), machine.is_success());
        Self {
            nodes: graph.nodes().map(node).collect(),
            rules: rules.map(rule).collect(),
            due: machine.due_firings(),
            run: format!("{counts:?} {:?} {rest:?} {progress:?} {possible}", machine.stopped()),
        }
    }

    /// Reports the first difference of the replaying machine.
    fn compare(&self, replayed: &Self, after: usize, event: &Event) -> Checked {
        for (what, (one, other)) in [("node", (&self.nodes, &replayed.nodes)), ("rule", (&self.rules, &replayed.rules))]
        {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                ensure!(one == other, "event {after}, {event:?}: {what} {index} was\n{one}\nand is\n{other}");
            }
        }
        ensure!(self == replayed, "event {after}, {event:?}: the run was\n{self:?}\nand is\n{replayed:?}");
        Ok(())
    }
}

/// Applies the events to a fresh machine. After each event it must equal the machine that recorded them. Where
/// `goes_on` returns `true`, its queues are emptied, and their contents are compared with the rest of the record.
fn replay(recorded: &[(Event, Seen)], mut goes_on: impl FnMut() -> bool, fresh: impl FnOnce() -> Machine) -> Checked {
    let mut machine = fresh();
    for (number, (event, seen)) in recorded.iter().enumerate() {
        if goes_on() {
            take_all(&mut machine)?;
        }
        let applied = machine.replay(event);
        ensure!(applied.is_ok(), "event {number}, {event:?}, was refused when it was replayed: {applied:?}");
        seen.compare(&Seen::of(&machine), number, event)?;
        let again = machine.replay(event).is_ok();
        let may_repeat = matches!(
            event,
            Event::Added { .. } | Event::Grown { .. } | Event::CancelRequested { .. } | Event::Evaluated { .. }
        );
        ensure!(may_repeat || !again, "event {number}, {event:?}, was accepted twice");
        if again {
            return Ok(()); // from here on the run differs from the record
        }
    }
    Ok(())
}

/// Takes everything from the queues: ready nodes and due rules, without entries that the events have already processed.
fn take_all(machine: &mut Machine) -> Checked {
    let mut due = Vec::new();
    let expected = machine.due_firings();
    while let Some(next) = machine.next_due() {
        due.push(next);
    }
    due.sort_unstable_by_key(|due| (due.rule, due.binding));
    // Work that was returned at an earlier such place is not returned again.
    ensure!(due.iter().all(|due| expected.contains(due)), "{due:?} were returned, but {expected:?} are due");
    for place in [Place::Async, Place::Compute, Place::Blocking, Place::Inline] {
        while let Some(node) = machine.take_ready(place) {
            ensure!(
                machine.graph().state(node) == Some(NodeState::Ready),
                "node {node} was returned, but is not ready"
            );
        }
    }
    Ok(())
}

#[test]
fn a_fresh_machine_that_replays_recorded_events_equals_the_one_that_recorded_them_after_each() {
    check(programs() / 10, |program, order| {
        let Some(driver) = Driver::new(&program, order).recording().run(&program)? else { return Ok(()) };
        let recorded = driver.recorded.unwrap_or_default();
        let mut dice = Dice(order);
        replay(&recorded, || dice.below(4) == 0, || Machine::new(describe))?;
        replay(&recorded, || false, || Machine::new(describe))
    });
}

/// A run with attempts and cancellations, which the model does not support.
struct Disturbed {
    machine: Machine,
    dice: Dice,
    at: Time,
    handed_out: Vec<Due>,
    taken: Vec<NodeId>,
    recorded: Vec<(Event, Seen)>,
}

const STAGES: usize = 4;
const MOST: usize = 60;

impl Disturbed {
    fn run(seed: u64) -> Vec<(Event, Seen)> {
        let mut run = Self {
            machine: Machine::new(describe),
            dice: Dice(seed),
            at: Time::START,
            handed_out: Vec::new(),
            taken: Vec::new(),
            recorded: Vec::new(),
        };
        let mut additions = run.nodes(3);
        let adds = |stage: usize| Adds::only([stage_id(stage)]);
        for stage in 0..STAGES - 1 {
            let each = if run.dice.below(4) == 0 { Each::Failed } else { Each::Succeeded };
            additions.rule(RuleSpec::new("each", adds(stage + 1)).each(each(stage_id(stage))));
        }
        additions.rule(RuleSpec::new("closed", adds(STAGES)).when(Condition::Closed(stage_id(STAGES - 1))));
        run.tell(Event::Added { additions, at: Time::START });
        run.tell(Event::RunStarted { at: Time::START });
        while run.machine.ended().is_none() {
            run.step();
        }
        run.recorded
    }

    fn tell(&mut self, event: Event) {
        self.machine.apply(&event).unwrap_or_else(|refused| panic!("{event:?}: {refused}"));
        while self.machine.next_unread().is_some() {}
        self.recorded.push((event, Seen::of(&self.machine)));
    }

    /// Some nodes of the first stages.
    fn nodes(&mut self, most: u64) -> Additions {
        let mut additions = Additions::default();
        let before = self.machine.graph().len();
        for place in 0..=self.dice.below(most) as usize {
            let from = self.dice.below((before + place).max(1) as u64) as usize;
            let need = [Need::Success, Need::End, Need::Order][self.dice.below(3) as usize];
            let edge = Edge { from: NodeId::from_index(from), need };
            additions.node(stage_id(self.dice.below(2) as usize), (before + place > 0).then_some(edge), None);
        }
        additions
    }

    fn step(&mut self) {
        self.at = later(self.at, 1 + self.dice.below(3));
        let at = self.at;
        while let Some(event) = self.machine.consequence(at) {
            self.tell(event);
        }
        for place in [Place::Async, Place::Compute, Place::Blocking, Place::Inline] {
            let left = self.dice.below(2) == 0;
            self.taken.extend(if left { None } else { self.machine.take_ready(place) });
        }
        self.handed_out.extend(if self.dice.below(2) == 0 { None } else { self.machine.next_due() });
        let graph = self.machine.graph();
        let running: Vec<NodeId> =
            graph.nodes().filter(|node| graph.state(*node) == Some(NodeState::Running)).collect();
        match self.dice.below(12) {
            0 if self.dice.below(8) == 0 => self.cancel(),
            1..=3 if !self.handed_out.is_empty() => self.fire(),
            4..=7 if !self.taken.is_empty() => {
                let node = self.taken.swap_remove(self.dice.below(self.taken.len() as u64) as usize);
                if self.machine.graph().state(node) == Some(NodeState::Ready) {
                    self.tell(Event::Started { node, at });
                }
            }
            8..=11 if !running.is_empty() => {
                let place = self.dice.below(running.len() as u64) as usize;
                self.end(running[place]);
            }
            _ => {
                let none = self.taken.is_empty() && self.handed_out.is_empty();
                let events = if none { self.machine.at_rest(at) } else { None };
                events.into_iter().flatten().for_each(|event| self.tell(event));
            }
        }
    }

    fn fire(&mut self) {
        let Due { rule, binding } = self.handed_out.swap_remove(0);
        let at = self.at;
        if self.dice.below(6) == 0 {
            let error = RuleError::new("rule", None, Cause::Panic("by plan".into()));
            return self.tell(Event::RuleFailed { rule, binding, error, at });
        }
        let mut additions = Additions::default();
        if self.machine.graph().len() < MOST && !self.machine.is_cancelled() {
            let stage = (rule.index() + 1).min(STAGES);
            (0..self.dice.below(3)).for_each(|_| additions.node(stage_id(stage), [], None));
        }
        self.tell(Event::Fired { rule, binding, additions, at });
    }

    fn end(&mut self, node: NodeId) {
        let at = self.at;
        let error = NodeError::new("node", "", Cause::Panic("by plan".into()));
        match self.dice.below(6) {
            0 => self.tell(Event::Failed { node, error, at }),
            1 if self.machine.graph().failed_attempts(node).len() < 2 => {
                let until = later(at, self.dice.below(5));
                self.tell(Event::AttemptFailed { node, error, until, at });
            }
            _ => self.tell(Event::Succeeded { node, at }),
        }
    }

    fn cancel(&mut self) {
        let node = NodeId::from_index(self.dice.below(self.machine.graph().len() as u64) as usize);
        let what = match self.dice.below(8) {
            0 => CancelScope::EntireRun,
            1..=3 => CancelScope::Subtree(node),
            4 => CancelScope::WholeStage(stage_id(self.dice.below(STAGES as u64) as usize)),
            _ => CancelScope::SingleNode(node),
        };
        self.tell(Event::CancelRequested { what, why: "no longer wanted".to_owned(), at: self.at });
    }
}

fn later(at: Time, nanos: u64) -> Time {
    Time::after(at.since_start() + Duration::from_nanos(nanos))
}

#[test]
fn attempts_and_cancellations_replay_as_they_were_recorded() {
    for seed in 0..u64::from(programs()) {
        let recorded = Disturbed::run(seed);
        let mut dice = Dice(seed);
        let replayed = replay(&recorded, || dice.below(4) == 0, || Machine::new(describe));
        let replayed = replayed.and_then(|()| replay(&recorded, || false, || Machine::new(describe)));
        replayed.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}
