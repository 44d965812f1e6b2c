//! What is said of a run while it goes on, held against the model: its progress, and what its nodes and rules wait for.

use super::driver::{Driver, ensure};
use super::model::End;
use super::program::{Ask, Every, NAMES, STAGES, When, name};
use super::random::{Checked, check, programs};
use super::told::{node_id, stage_id};
use dagcore::dag::{
    KeptOpen, LastLook, NodeExplanation, NodeState, Progress, RuleExplanation, RuleId, RuleState, Unfired,
};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What is asked after every event.
pub(crate) struct Truth {
    ask: fn(&Driver, &mut Option<Progress>) -> Checked,
    /// The progress that was seen last.
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
        ensure!((0.0..=1.0).contains(&now.fraction()), "a fraction of {}", now.fraction());
        ensure!(now.nodes.known == driver.model.nodes.len(), "{} nodes are known", now.nodes.known);
        if let Some(last) = last {
            let grown = now.growths() > last.growths();
            ensure!(now.fraction() >= last.fraction() || grown, "it fell, and nothing grew: {last:?}, {now:?}");
            ensure!(now.growths() >= last.growths(), "fewer growths than before");
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
        let (now, may_grow) = (driver.machine.progress(), driver.may_grow());
        for stage in 0..STAGES {
            let Some(told) = now.stage(NAMES[stage]) else { continue };
            let count = |state| model.of(stage).filter(|node| model.state(*node) == state).count();
            let nodes = told.nodes;
            let same = nodes.known == model.of(stage).count()
                && nodes.waiting == count(NodeState::Waiting)
                && nodes.ready == count(NodeState::Ready)
                && nodes.running == count(NodeState::Running)
                && nodes.succeeded == count(NodeState::Succeeded)
                && nodes.failed == count(NodeState::Failed)
                && nodes.skipped == count(NodeState::Skipped);
            ensure!(same, "`{}`: {nodes:?}", NAMES[stage]);
            let ways = told.rules.count + told.stages.count;
            let started = driver.machine.events() > 1;
            ensure!(
                !started || (ways == 0) == told.total.is_some(),
                "`{}` has a total or may grow: {told:?}",
                NAMES[stage]
            );
            ensure!(told.total.is_none_or(|total| total == nodes.known), "another total than it has nodes: {told:?}");
            // Lists are declared nowhere, and before the run starts the program may add anything.
            if model.of(stage).next().is_some_and(|node| model.nodes[node].open) || !started {
                continue;
            }
            let open = may_grow[stage] && !model.closed[stage] && driver.machine.ended().is_none();
            ensure!(open == told.total.is_none(), "`{}` may grow: {open}, and yet {told:?}", NAMES[stage]);
            ensure!(!open || model.sources().bring(stage), "`{}` is not open and may grow", NAMES[stage]);
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
    asking(|driver, _| (0..driver.model.rules.len()).try_for_each(|rule| driver.check_rule(rule)));
}

impl Driver {
    /// The stages to which something may still be added: a rule adds, and may fire itself.
    fn may_grow(&self) -> [bool; STAGES] {
        let model = &self.model;
        let mut grow = [false; STAGES];
        for _ in 0..STAGES {
            for (rule, this) in model.rules.iter().enumerate().filter(|(rule, _)| model.is_armed(*rule)) {
                let fires = match this.every {
                    Every::Once => true,
                    Every::Succeeded(from) | Every::Failed(from) | Every::Under(from) => {
                        let unsettled = model.of(from).any(|node| model.nodes[node].end.is_none());
                        unsettled || grow[from] || !model.found(rule).is_empty()
                    }
                };
                for (stage, grow) in grow.iter_mut().enumerate() {
                    *grow |=
                        fires && this.adds.as_ref().is_none_or(|adds| adds.iter().any(|(added, _)| *added == stage));
                }
            }
        }
        grow
    }

    fn check_node(&self, node: usize) -> Checked {
        let model = &self.model;
        let told = self.machine.explain(node_id(node), self.at).ok_or("nothing is said of a node")?;
        let right = match (&told, model.state(node)) {
            (NodeExplanation::Waiting { parents, fed_by, .. }, NodeState::Waiting) => {
                let needed: BTreeSet<usize> = model.parents(node).into_iter().map(|(parent, _)| parent).collect();
                let unsettled = needed.iter().filter(|parent| model.nodes[**parent].end.is_none()).count();
                let feeder = (0..model.rules.len()).find(|rule| model.rules[*rule].feeds == Some(node));
                parents.count == unsettled && fed_by.is_some() == feeder.is_some_and(|rule| model.is_armed(rule))
            }
            (NodeExplanation::Skipped { through, because, .. }, NodeState::Skipped) => {
                let Some(End::Skipped(failed)) = model.nodes[node].end else { return Err("not skipped".to_owned()) };
                self.check_way(node, &through.first, through.count, failed)?;
                because.name() == model.shown(failed)
            }
            (NodeExplanation::Ready { .. }, state) => state == NodeState::Ready,
            (NodeExplanation::Running { .. }, state) => state == NodeState::Running,
            (NodeExplanation::Succeeded { .. }, state) => state == NodeState::Succeeded,
            (NodeExplanation::Failed { error }, state) => {
                state == NodeState::Failed && error.name() == model.shown(node)
            }
            _ => false,
        };
        ensure!(right, "node {node} is {}, and yet: {told:?}", model.state(node));
        Ok(())
    }

    /// Each node of the way was skipped for the same failure and needs the next one.
    fn check_way(&self, node: usize, way: &[String], count: usize, failed: usize) -> Checked {
        let model = &self.model;
        let mut at = BTreeSet::from([node]);
        let parents = |at: &BTreeSet<usize>| -> BTreeSet<usize> {
            at.iter().flat_map(|node| model.parents(*node)).map(|(parent, _)| parent).collect()
        };
        for name in way {
            at = parents(&at).into_iter().filter(|parent| model.shown(*parent) == *name).collect();
            at.retain(|node| matches!(model.nodes[*node].end, Some(End::Skipped(because)) if because == failed));
            ensure!(!at.is_empty(), "node {node} does not come to `{name}` of {way:?}");
        }
        let ends = way.len() < count || parents(&at).contains(&failed);
        ensure!(ends, "node {node} does not come to {failed} by {way:?}");
        Ok(())
    }

    fn check_rule(&self, rule: usize) -> Checked {
        let (model, this) = (&self.model, &self.model.rules[rule]);
        let told = self.machine.explain_rule(RuleId::from_index(rule)).ok_or("nothing is said of a rule")?;
        let ended = !this.fired.is_empty() || !this.failed.is_empty();
        let state = match this.every {
            _ if this.broken => RuleState::Spent,
            Every::Once if ended => RuleState::Spent,
            _ if model.is_dead(rule) => RuleState::Dead,
            Every::Once if model.due().contains(&(rule, None)) => RuleState::Due,
            _ => RuleState::Armed,
        };
        ensure!(told.state == state, "rule {rule} is {state:?}, and yet: {told}");
        ensure!(told.fired as usize == this.fired.len(), "rule {rule} fired {} times: {told}", this.fired.len());
        let failures = this.failed.len() + usize::from(this.broken);
        ensure!(told.failures.count == failures, "rule {rule} failed {failures} times: {told}");
        let each = match this.every {
            Every::Once => None,
            Every::Succeeded(stage) | Every::Failed(stage) => Some(stage).filter(|_| state == RuleState::Armed),
            Every::Under(_) => None,
        };
        let found = each.map_or(0, |_| model.found(rule).len());
        let coming = each.map_or(0, |stage| model.of(stage).filter(|node| model.nodes[*node].end.is_none()).count());
        ensure!(
            (told.found.count, told.coming.count) == (found, coming),
            "rule {rule} has {found}, {coming}: {told:?}"
        );
        self.check_waits(rule, &told, found == 0 && !ended)
    }

    fn check_waits(&self, rule: usize, told: &RuleExplanation, found_none: bool) -> Checked {
        let (model, this) = (&self.model, &self.model.rules[rule]);
        let mut lacking = this.when.iter().filter(|when| model.truth(when) != Some(true)).count();
        lacking += usize::from(this.ask.is_some() && !this.said_yes);
        lacking += usize::from(this.every != Every::Once && found_none);
        let expected = match told.state {
            RuleState::Armed => lacking,
            RuleState::Dead => 1,
            _ => 0,
        };
        ensure!(told.waits.len() == expected, "rule {rule} waits for {expected}: {told}");
        for (stage, kept_open) in told.waits.iter().filter_map(|wait| match wait {
            Unfired::Open { stage, kept_open } => Some((stage, kept_open)),
            _ => None,
        }) {
            let stage = NAMES.iter().position(|name| name == stage).ok_or("an unknown stage")?;
            ensure!(this.when.contains(&When::Closed(stage)), "rule {rule} does not wait for `{}`", NAMES[stage]);
            self.check_kept_open(stage, kept_open)?;
        }
        Ok(())
    }

    fn check_kept_open(&self, stage: usize, told: &KeptOpen) -> Checked {
        let (model, leads) = (&self.model, self.model.leads());
        let open = model.sources().bring(stage);
        ensure!(open != told.is_empty(), "`{}` is open: {open}, because {told}", NAMES[stage]);
        let nodes = model.unsettled().filter(|node| leads[model.nodes[*node].stage][stage]).count();
        ensure!(told.nodes.count == nodes, "{nodes} nodes lead to a `{}`: {told}", NAMES[stage]);
        let rules = 0..model.rules.len();
        let (mut once, mut found) = (false, 0);
        for rule in rules {
            match model.rules[rule].every {
                Every::Once => once |= model.is_armed(rule) && model.may_add(rule, stage, &leads),
                Every::Succeeded(from) | Every::Failed(from) | Every::Under(from) => {
                    found += usize::from(leads[from][stage] && !model.found(rule).is_empty());
                }
            }
        }
        ensure!(told.rules.is_empty() != once, "a rule is armed: {once}: {told}");
        ensure!(told.found.count == found, "{found} rules have found nodes: {told}");
        Ok(())
    }

    /// What a predicate that never said yes is said to have read: at the end of a run, all of that is still so.
    pub(crate) fn check_predicate(&self, rule: usize, reasons: &[Unfired]) -> Checked<Unfired> {
        let model = &self.model;
        let last = |reason: &&Unfired| matches!(reason, Unfired::Predicate { last: Some(_) });
        let Some(reason @ Unfired::Predicate { last: Some(look) }) = reasons.iter().find(last) else {
            return Err(format!("rule {rule} does not say what its predicate read: {reasons:?}"));
        };
        let LastLook { nodes, stages, names, all, .. } = look;
        let ask = model.rules[rule].ask.as_ref().ok_or("a rule without a predicate says what it read")?;
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
        ensure!(right, "rule {rule} asked for {ask:?}, and is said to have read {look}");
        Ok(reason.clone())
    }
}
