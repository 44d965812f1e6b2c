//! Random rule sets that run: sets that the laws accept respect every closing and terminate, and sets that the laws
//! report as feeding themselves without bound do not terminate.

use super::random::{Chance, programs};
use super::told::{node_id, stage_id};
use dagcore::dag::{
    Addition, Additions, Adds, Below, Cause, Condition, Each, Edge, Event, Keying, Label, Machine, Need, NodeError,
    NodeId, Place, RuleSpec, StageId, StageInfo, Time, unlawful,
};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use tests::dice::Dice;

const STAGES: usize = 7;
/// The last stages add nodes while they run.
const GROWING: usize = 5;
const AT: Time = Time::START;
/// A longer run is treated as endless.
const END: usize = 2_000;

fn describe(stage: StageId) -> StageInfo {
    static ADDS: LazyLock<[Adds; STAGES - GROWING]> = LazyLock::new(|| {
        let one = |stage, keying| Adds::Only(vec![Addition::new(stage_id(stage), keying)]);
        [one(0, Keying::None), one(1, Keying::Under(stage_id(2)))]
    });
    let info = StageInfo::new(["a", "b", "c", "d", "e", "f", "g"][stage.index()], Place::Async);
    match stage.index().checked_sub(GROWING) {
        Some(at) => info.adding(&ADDS[at]),
        None => info,
    }
}

/// A few random rules.
fn rules(chance: &mut Chance, only_each: bool) -> Vec<(RuleSpec, Adds)> {
    (0..1 + chance.below(5)).map(|number| rule(chance, number, only_each)).collect()
}

fn rule(chance: &mut Chance, number: usize, only_each: bool) -> (RuleSpec, Adds) {
    let within = chance.below(5) == 0;
    // The law assumes that two kinds of keys do not bound each other.
    let stages = if only_each { STAGES - 1 } else { STAGES };
    let mut adds: Vec<Addition> = Vec::new();
    for _ in 0..1 + chance.below(2) {
        let stage = stage_id(chance.below(stages));
        let keying = match chance.below(if within { 3 } else { 7 }) {
            0..=3 => Keying::None,
            4 | 5 => Keying::Run,
            _ if only_each => Keying::Under(stage_id(2)),
            _ => Keying::Under(stage_id(chance.below(STAGES))),
        };
        if adds.iter().all(|known| known.stage != stage) && keying != Keying::Under(stage) {
            adds.push(Addition::new(stage, keying));
        }
    }
    let stage = |chance: &mut Chance| stage_id(chance.below(stages));
    let adds = Adds::Only(adds);
    let spec = RuleSpec::new(format!("rule {number}"), adds.clone());
    let spec = match chance.below(if only_each { 4 } else { 10 }) {
        0..=3 => spec.each(Each::Succeeded(stage(chance))),
        4 => spec.each(Each::Failed(stage(chance))),
        5 | 6 => {
            let group = stage(chance);
            let below = [Below::Closed, Below::Settled, Below::Done][chance.below(3)];
            spec.each(Each::Under(group)).under(stage(chance), below)
        }
        7 => spec.when(Condition::Count(stage(chance), 1 + chance.below(3))),
        _ => spec.when(Condition::Closed(stage(chance))),
    };
    let spec = match chance.below(if only_each { 1 } else { 8 }) {
        1 => spec.when(Condition::Closed(stage(chance))),
        2 => spec.when(Condition::Count(stage(chance), 1 + chance.below(3))),
        3 => spec.when(Condition::Done(NodeId::from_index(chance.below(STAGES)))),
        _ => spec,
    };
    (if within { spec.within(1 + chance.below(2) as u32) } else { spec }, adds)
}

/// A run in which every body adds exactly what its rule declares, one node of each stage.
struct Run {
    machine: Machine,
    /// The declared additions of each rule.
    adds: Vec<Adds>,
    chance: Chance,
    /// The existing keys: a stage, the node that the key is below, and the key.
    keys: HashSet<(StageId, Option<NodeId>, u8)>,
    /// The number of firings that led to a node.
    depth: HashMap<NodeId, usize>,
    /// The number of nodes of a stage added at each depth, so that an endless run grows in depth and not in width.
    wide: HashMap<(StageId, usize), usize>,
    widest: usize,
    fails: bool,
}

impl Run {
    fn new(rules: &[(RuleSpec, Adds)], order: u64, widest: usize, fails: bool) -> Self {
        let mut additions = Additions::default();
        (0..STAGES).for_each(|stage| additions.node(stage_id(stage), [], None));
        rules.iter().for_each(|(rule, _)| additions.rule(rule.clone()));
        let (keys, depth, wide) = (HashSet::new(), HashMap::new(), HashMap::new());
        let (machine, chance) = (Machine::new(describe), Chance(Dice(order)));
        let adds = rules.iter().map(|(_, adds)| adds.clone()).collect();
        let mut run = Self { machine, adds, chance, keys, depth, wide, widest, fails };
        run.tell(Event::Added { additions, at: Time::START }).expect("a few nodes and rules");
        run.tell(Event::RunStarted { at: AT }).expect("the run has not started");
        run
    }

    fn tell(&mut self, event: Event) -> Result<(), String> {
        self.machine.apply(&event).map_err(|refused| refused.to_string())
    }

    /// Runs to the end, or until the run is treated as endless. Returns `true` if it ended.
    fn run_on(&mut self) -> Result<bool, String> {
        let mut ready = Vec::new();
        while self.machine.graph().len() < END {
            while let Some(event) = self.machine.consequence(AT) {
                self.tell(event)?;
            }
            ready.extend(std::iter::from_fn(|| self.machine.take_ready(Place::Async)));
            if self.machine.has_due() && self.chance.below(2) == 0 {
                self.fire()?;
            } else if let Some(node) = self.chance.take(&mut ready) {
                self.run_node(node)?;
            } else if self.machine.has_due() {
                self.fire()?;
            } else {
                let rest = self.machine.at_rest(AT).ok_or("nothing moves")?;
                rest.into_iter().try_for_each(|event| self.tell(event))?;
                if self.machine.ended().is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn fire(&mut self) -> Result<(), String> {
        let Some(due) = self.machine.next_due() else { return Ok(()) };
        let adds = self.adds[due.rule.index()].clone();
        let parent = self.machine.parent_of_firing(due.rule, due.binding);
        let additions = self.additions(&adds, parent, None);
        self.tell(Event::Fired { rule: due.rule, binding: due.binding, additions, at: AT })
    }

    fn run_node(&mut self, node: NodeId) -> Result<(), String> {
        self.tell(Event::Started { node, at: AT })?;
        let stage = self.machine.graph().stage(node).ok_or("it runs")?;
        if let Some(adds) = describe(stage).adds {
            let additions = self.additions(adds, Some(node), Some(node));
            self.tell(Event::Grown { node, additions, at: AT })?;
        }
        if self.fails && node.index() >= STAGES && self.chance.below(6) == 0 {
            let error = NodeError::new("node", "stage", Cause::Panic("by chance".into()));
            return self.tell(Event::Failed { node, error, at: AT });
        }
        self.tell(Event::Succeeded { node, at: AT })
    }

    fn additions(&mut self, adds: &Adds, parent: Option<NodeId>, inside: Option<NodeId>) -> Additions {
        let mut additions = Additions::default();
        let depth = parent.and_then(|node| self.depth.get(&node)).map_or(0, |depth| depth + 1);
        for Addition { stage, keying, .. } in adds.list().iter().copied() {
            let key = self.chance.below(2) as u8;
            let above = |group| parent.and_then(|node| self.machine.above(node, group));
            let place = match keying {
                Keying::Under(group) => match above(group) {
                    Some(node) => Some((stage, Some(node), key)),
                    None => continue,
                },
                Keying::Run => Some((stage, None, key)),
                _ => None,
            };
            let wide = self.wide.entry((stage, depth)).or_default();
            if *wide == self.widest || place.is_some_and(|place| !self.keys.insert(place)) {
                continue;
            }
            *wide += 1;
            let label = place.map(|(_, under, key)| Label { key: Some(key.to_string()), under, ..Label::default() });
            let needs = inside.filter(|_| label.is_none()).map(|from| Edge { from, need: Need::Success });
            self.depth.insert(node_id(self.machine.graph().len() + additions.len()), depth);
            additions.node(stage, needs, label);
        }
        additions
    }
}

/// Runs random rule sets, and reports those that violate the property.
fn check(only_each: bool, property: impl Fn(&[(RuleSpec, Adds)], &[String], u64) -> Result<bool, String>) {
    let mut held = 0;
    for number in 0..u64::from(programs()) * 2 {
        let rules = rules(&mut Chance(Dice(number)), only_each);
        let specs: Vec<RuleSpec> = rules.iter().map(|(rule, _)| rule.clone()).collect();
        let problems = unlawful(&specs, (0..STAGES).map(stage_id), describe);
        match property(&rules, &problems, number) {
            Ok(counts) => held += u32::from(counts),
            Err(why) => panic!("{why}\n{specs:?}\n{problems:#?}"),
        }
    }
    assert!(held > programs() / 4, "only {held} rule sets tested the property");
}

#[test]
fn accepted_rule_sets_add_nothing_too_late_and_terminate() {
    check(false, |rules, problems, number| {
        if !problems.is_empty() {
            return Ok(false);
        }
        for order in 0..3 {
            if !Run::new(rules, number ^ order, 2, true).run_on()? {
                return Err("it does not come to an end".to_owned());
            }
        }
        Ok(true)
    });
}

#[test]
fn rule_sets_that_feed_themselves_without_bound_do_not_terminate() {
    check(true, |rules, problems, number| {
        if problems.is_empty() {
            return Ok(false);
        }
        match Run::new(rules, number, usize::MAX, false).run_on()? {
            true => Err("it comes to an end".to_owned()),
            false => Ok(true),
        }
    });
}
