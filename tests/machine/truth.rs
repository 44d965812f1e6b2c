//! Progress and explanations during a run, compared with the model.

use super::driver::{Driver, ensure};
use super::model::End;
use super::program::{Ask, Every, Keyed, NAMES, name};
use super::random::{Checked, check, programs};
use super::told::{node_id, stage_id};
use super::waits::{Now, TOLD, check_few};
use dagcore::dag::{LastLook, NodeExplanation, NodeState, Progress, RuleId, RuleState, StageProgress, Unfired};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The queries made after every event.
pub(crate) struct Truth {
    ask: fn(&Driver, &mut Option<Progress>) -> Checked,
    /// The progress at the last query.
    last: RefCell<Option<Progress>>,
}

impl Truth {
    pub(crate) fn check(&self, driver: &Driver) -> Checked {
        (self.ask)(driver, &mut self.last.borrow_mut())
    }
}

fn asking(ask: fn(&Driver, &mut Option<Progress>) -> Checked) {
    check(programs() / 10, |program, order| {
        let mut driver = Driver::new(&program, order);
        driver.truth = Some(Truth { ask, last: RefCell::new(None) });
        driver.run(&program).map(drop)
    });
}

#[test]
fn progress_falls_only_by_growth_is_never_above_one_and_keeps_its_totals() {
    asking(|driver, last| {
        let now = driver.machine.progress();
        ensure!((0.0..=1.0).contains(&now.fraction()), "the fraction is {}", now.fraction());
        ensure!(now.nodes.known == driver.model.nodes.len(), "{} nodes are known", now.nodes.known);
        if let Some(last) = last {
            let grown = now.growths() > last.growths();
            ensure!(now.fraction() >= last.fraction() || grown, "the fraction fell without growth: {last:?}, {now:?}");
            ensure!(now.growths() >= last.growths(), "the growth count decreased");
            for (before, total) in last.stages.iter().filter_map(|before| Some((before, before.total?))) {
                let same = now.stage(before.stage).is_some_and(|now| now.total == Some(total));
                ensure!(same, "`{}` had a total of {total}: {now:?}", before.stage);
            }
        }
        *last = Some(now);
        Ok(())
    });
}

#[test]
fn a_stage_has_a_total_when_nothing_can_add_to_it_and_else_it_says_what_can() {
    asking(|driver, _| {
        let model = &driver.model;
        let (now, steps) = (driver.machine.progress(), driver.steps());
        let sources = model.sources();
        for (stage, name) in NAMES.iter().enumerate() {
            let Some(told) = now.stage(name) else { continue };
            let count = |state| model.of(stage).filter(|node| model.state(*node) == state).count();
            let nodes = told.nodes;
            let same = nodes.known == model.of(stage).count()
                && nodes.waiting == count(NodeState::Waiting)
                && nodes.ready == count(NodeState::Ready)
                && nodes.running == count(NodeState::Running)
                && nodes.succeeded == count(NodeState::Succeeded)
                && nodes.failed == count(NodeState::Failed)
                && nodes.skipped == count(NodeState::Skipped);
            ensure!(same, "`{name}`: {nodes:?}");
            let started = driver.machine.events() > 1;
            let ways = told.rules.count + told.stages.count;
            ensure!(
                !started || (ways == 0) == told.total.is_some(),
                "exactly one of total and sources must be reported: {told:?}"
            );
            ensure!(
                told.total.is_none_or(|total| total == nodes.known),
                "the total differs from the number of nodes: {told:?}"
            );
            // Lists are never declared, and before the run starts the program may add anything.
            if model.of(stage).next().is_some_and(|node| model.nodes[node].open) || !started {
                continue;
            }
            let over = model.closed[stage] || driver.machine.ended().is_some();
            let ways = ways_of(&steps, stage);
            let open = !ways.is_empty() && !over;
            ensure!(open == told.total.is_none(), "`{name}` may grow: {open}, but reported {told:?}");
            ensure!(!open || sources.bring(stage), "`{name}` is not open and may grow");
            if open {
                driver.check_ways(&ways, told)?;
            }
        }
        Ok(())
    });
}

#[test]
fn what_a_node_waits_for_is_what_the_model_says() {
    asking(|driver, _| (0..driver.model.nodes.len()).try_for_each(|node| driver.check_node(node)));
}

#[test]
fn what_a_rule_waits_for_is_what_the_model_says() {
    asking(|driver, _| {
        let now = Now::of(&driver.model);
        (0..driver.model.rules.len()).try_for_each(|rule| driver.check_rule(rule, &now))
    });
}

/// A source of further nodes: a rule for each node of a stage, or the running nodes of a stage.
struct Step {
    /// The rule's index and name.
    rule: Option<(usize, String)>,
    from: Option<usize>,
    adds: Option<Vec<(usize, Keyed)>>,
}

impl Step {
    fn may_add(&self, stage: usize) -> bool {
        self.adds.as_ref().is_none_or(|adds| adds.iter().any(|(added, _)| *added == stage))
    }
}

/// The steps that add a node of the stage, or of a stage that leads to it.
fn ways_of(steps: &[Step], stage: usize) -> Vec<&Step> {
    let (mut ways, mut others) = (Vec::new(), steps.iter().collect::<Vec<_>>());
    let mut todo = vec![stage];
    while let Some(stage) = todo.pop() {
        let (new, left): (Vec<_>, Vec<_>) = others.into_iter().partition(|step| step.may_add(stage));
        todo.extend(new.iter().filter_map(|step| step.from));
        ways.extend(new);
        others = left;
    }
    ways
}

impl Driver {
    /// The current sources: rules that may fire, and stages whose nodes add while they run.
    fn steps(&self) -> Vec<Step> {
        let model = &self.model;
        let mut left = Vec::new();
        for (rule, this) in model.rules.iter().enumerate().filter(|(rule, _)| model.is_armed(*rule)) {
            let from = this.every.stage();
            let waits = !matches!(this.every, Every::Under(_));
            let at_work = from.is_some_and(|from| waits && self.is_at_work(from));
            let now = from.is_none() || at_work || !model.found(rule).is_empty();
            left.push((now, Step { rule: Some((rule, this.name.clone())), from, adds: this.adds.clone() }));
        }
        for inside in model.inside.iter().flatten() {
            let adds = if inside.anything { None } else { Some(inside.declares()) };
            left.push((self.is_at_work(inside.stage), Step { rule: None, from: Some(inside.stage), adds }));
        }
        let mut steps: Vec<Step> = Vec::new();
        loop {
            let grows = |stage: usize| steps.iter().any(|step| step.may_add(stage));
            let (new, others): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|(now, step)| *now || step.from.is_some_and(grows));
            if new.is_empty() {
                return steps;
            }
            steps.extend(new.into_iter().map(|(_, step)| step));
            left = others;
        }
    }

    fn is_at_work(&self, stage: usize) -> bool {
        self.model.of(stage).any(|node| self.model.nodes[node].end.is_none())
    }

    /// Reported are the rules that may add, and the stages that lead there and have unfinished nodes.
    fn check_ways(&self, ways: &[&Step], told: &StageProgress) -> Checked {
        let rules: BTreeMap<usize, &str> =
            ways.iter().filter_map(|step| step.rule.as_ref()).map(|(rule, name)| (*rule, name.as_str())).collect();
        let mut names = Vec::new();
        rules.into_values().for_each(|name| {
            if !names.contains(&name) {
                names.push(name)
            }
        });
        check_few("rules that may add", &told.rules, names.into_iter().map(str::to_owned).collect(), Clone::clone)?;
        let from: BTreeSet<usize> = ways.iter().filter_map(|step| step.from).collect();
        let at_work = from.into_iter().filter(|from| self.is_at_work(*from)).map(|from| NAMES[from]);
        // In the order in which the run first encountered them.
        let (at_work, said): (BTreeSet<&str>, BTreeSet<&str>) =
            (at_work.collect(), told.stages.first.iter().map(String::as_str).collect());
        let all = told.stages.first.len() == at_work.len() || (told.stages.first.len() == TOLD && TOLD < at_work.len());
        let same = all && said.len() == told.stages.first.len() && said.is_subset(&at_work);
        ensure!(same && told.stages.count == at_work.len(), "{at_work:?} lead to it, but reported: {:?}", told.stages);
        Ok(())
    }

    fn check_node(&self, node: usize) -> Checked {
        let model = &self.model;
        let told = self.machine.explain(node_id(node), self.at).ok_or("nothing is said of a node")?;
        let right = match (&told, model.state(node)) {
            (NodeExplanation::Waiting { parents, fed_by, .. }, NodeState::Waiting) => {
                let needed: BTreeSet<usize> = model.parents(node).into_iter().map(|(parent, _)| parent).collect();
                let unsettled = needed.into_iter().filter(|parent| model.nodes[*parent].end.is_none());
                self.model.check_nodes(parents, unsettled.collect())?;
                let feeder = (0..model.rules.len()).find(|rule| model.rules[*rule].feeds == Some(node));
                fed_by.is_some() == feeder.is_some_and(|rule| model.is_armed(rule))
            }
            (NodeExplanation::Skipped { through, because, .. }, NodeState::Skipped) => {
                let Some(End::Skipped(failed)) = model.nodes[node].end else { return Err("not skipped".to_owned()) };
                self.check_way(node, &through.first, through.count, failed)?;
                because.name() == model.shown(failed)
            }
            (NodeExplanation::Ready { .. }, state) => state == NodeState::Ready,
            (NodeExplanation::Running { .. }, state) => state == NodeState::Running,
            (NodeExplanation::Succeeded { .. }, state) => state == NodeState::Succeeded,
            (NodeExplanation::Failed { error, .. }, state) => {
                state == NodeState::Failed && error.name() == model.shown(node)
            }
            _ => false,
        };
        ensure!(right, "node {node} is {}, but reported as {told:?}", model.state(node));
        Ok(())
    }

    /// Each node of the path was skipped because of the same failure and needs the next one.
    fn check_way(&self, node: usize, way: &[String], count: usize, failed: usize) -> Checked {
        let model = &self.model;
        let mut at = BTreeSet::from([node]);
        let parents = |at: &BTreeSet<usize>| -> BTreeSet<usize> {
            let needed = at.iter().flat_map(|node| model.parents(*node)).filter(|(_, need)| need.is_success());
            needed.map(|(parent, _)| parent).collect()
        };
        for name in way {
            at = parents(&at).into_iter().filter(|parent| model.shown(*parent) == *name).collect();
            at.retain(|node| matches!(model.nodes[*node].end, Some(End::Skipped(because)) if because == failed));
            ensure!(!at.is_empty(), "node {node} has no path to `{name}` of {way:?}");
        }
        let ends = way.len() < count || parents(&at).contains(&failed);
        ensure!(ends, "node {node} has no path to {failed} by {way:?}");
        Ok(())
    }

    fn check_rule(&self, rule: usize, now: &Now<'_>) -> Checked {
        let (model, this) = (&self.model, &self.model.rules[rule]);
        let told = self.machine.explain_rule(RuleId::from_index(rule)).ok_or("nothing is said of a rule")?;
        let ended = !this.fired.is_empty() || !this.failed.is_empty();
        let state = match this.every {
            _ if this.broken => RuleState::Spent,
            Every::Once if ended => RuleState::Spent,
            _ if model.is_dead(rule) => RuleState::Dead,
            Every::Once if now.due.contains(&(rule, None)) => RuleState::Due,
            _ => RuleState::Armed,
        };
        ensure!(told.state == state, "rule {rule} is {state:?}, but reported: {told}");
        ensure!(told.fired as usize == this.fired.len(), "rule {rule} fired {} times: {told}", this.fired.len());
        let failures = this.failed.len() + usize::from(this.broken);
        ensure!(told.failures.count == failures, "rule {rule} failed {failures} times: {told}");
        let bound = |nodes: Vec<Option<usize>>| nodes.into_iter().flatten().collect::<Vec<_>>();
        let (found, coming) = match this.every {
            Every::Once => (Vec::new(), Vec::new()),
            Every::Succeeded(stage) | Every::Failed(stage) => {
                let unsettled = model.of(stage).filter(|node| model.nodes[*node].end.is_none());
                let coming = unsettled.filter(|node| state == RuleState::Armed && model.is_within(rule, *node));
                (bound(model.found(rule)), coming.collect())
            }
            Every::Under(_) => {
                let mut found = bound(model.found(rule));
                found.retain(|node| model.holds_below(rule, *node));
                (found, Vec::new())
            }
        };
        let names = found.into_iter().map(|node| model.shown(node));
        check_few("nodes that it found", &told.found, names.collect(), Clone::clone)?;
        self.model.check_nodes(&told.coming, coming)?;
        now.check_waits(rule, &told.waits)
    }

    /// Checks the reported reads of a predicate that never returned `true`: at the end of a run, they are still
    /// current.
    pub(crate) fn check_last_look(&self, rule: usize, reason: &Unfired) -> Checked {
        let model = &self.model;
        let look = match reason {
            Unfired::Predicate { last: Some(look) } => look,
            Unfired::Predicate { last: None } => return Err(format!("the predicate of rule {rule} was not evaluated")),
            _ => return Ok(()),
        };
        let LastLook { nodes, stages, names, all, .. } = look;
        let ask = model.rules[rule].ask.as_ref().ok_or("a rule without a predicate reports what it read")?;
        let right = match ask {
            Ask::OddOrAtLeast(stage, _) | Ask::SucceededAtLeast(stage, _) => stages.first().is_some_and(|now| {
                (now.nodes, now.succeeded) == (model.of(*stage).count(), model.succeeded(*stage))
                    && self.machine.graph().stage_info(stage_id(*stage)).name == now.stage
            }),
            Ask::NodeFailed(node) | Ask::NodeRuns(node) | Ask::Children(node, _) => {
                nodes.first().is_some_and(|now| now.node == model.shown(*node) && now.state == model.state(*node))
            }
            Ask::NameExists(level, number) => {
                let wanted = name(*level, *number);
                let exists = model.nodes.iter().any(|node| node.name.as_ref() == Some(&wanted));
                *names == [(wanted, exists)]
            }
            Ask::AllAtLeast(_) => *all == Some(model.nodes.len()),
        };
        ensure!(right, "rule {rule} evaluated {ask:?}, but reported reads {look}");
        Ok(())
    }
}
