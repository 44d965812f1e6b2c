//! Explanations of what a rule waits for, compared with the model: its conditions, the nodes below a node, the sources
//! that keep stages open.

use super::driver::ensure;
use super::model::{End, Model};
use super::program::{Every, NAMES, When, name};
use super::random::Checked;
use super::sources::{Leads, Sources};
use dagcore::dag::{Below, BelowNode, BelowWait, Few, KeptOpen, NodeNow, NodeState, Pending, Unfired};
use std::collections::BTreeSet;
use std::fmt::Debug;

/// The maximum number of listed items.
pub(crate) const TOLD: usize = 5;

/// An unmet condition of a rule, in terms of the model.
enum Lack {
    When(When<usize>),
    /// No node of the stage has reached this state so far.
    NoNode(usize, &'static str),
    Below(Vec<usize>),
    Predicate,
}

/// Checks the total, and that the first items are listed in this order.
pub(crate) fn check_few<T: Debug, E: PartialEq + Debug>(
    what: &str,
    told: &Few<T>,
    expected: Vec<E>,
    heard: impl Fn(&T) -> E,
) -> Checked {
    ensure!(told.count == expected.len(), "the {what} are {expected:?}, but reported: {told:?}");
    let first: Vec<E> = told.first.iter().map(heard).collect();
    ensure!(first[..] == expected[..expected.len().min(TOLD)], "the {what} are {expected:?}, but reported: {told:?}");
    Ok(())
}

/// Properties of a run at this moment, computed once.
pub(crate) struct Now<'a> {
    model: &'a Model,
    pub(crate) due: BTreeSet<(usize, Option<usize>)>,
    leads: Leads,
    sources: Sources<'a>,
    /// The places of each rule's additions.
    places: Vec<Vec<Option<usize>>>,
}

impl<'a> Now<'a> {
    pub(crate) fn of(model: &'a Model) -> Self {
        let places = (0..model.rules.len()).map(|rule| model.places_of(rule)).collect();
        Self { model, due: model.due(), leads: model.leads(), sources: model.sources(), places }
    }
}

impl Model {
    /// Checks the total, and that each listed node is one of these; the order is not specified.
    pub(crate) fn check_nodes(&self, told: &Few<NodeNow>, mut nodes: Vec<usize>) -> Checked {
        ensure!(told.count == nodes.len(), "the nodes are {nodes:?}, but reported: {told:?}");
        ensure!(told.first.len() == nodes.len().min(TOLD), "the number of listed nodes is wrong: {told:?}");
        for now in &told.first {
            let at = nodes
                .iter()
                .position(|node| self.is_now(*node, now))
                .ok_or_else(|| format!("{now} is none of {nodes:?}"))?;
            nodes.swap_remove(at);
        }
        Ok(())
    }

    fn is_now(&self, node: usize, told: &NodeNow) -> bool {
        (self.shown(node), self.state(node)) == (told.node.clone(), told.state)
    }
}

impl Now<'_> {
    /// All unmet conditions of a rule are reported, and no others; for a rule that can never fire, one condition that
    /// can never hold.
    pub(crate) fn check_waits(&self, rule: usize, told: &[Unfired]) -> Checked {
        let (model, this) = (self.model, &self.model.rules[rule]);
        if model.is_dead(rule) && !model.is_spent(rule) {
            let mut dead = this.when.iter().filter(|when| model.truth(when) == Some(false));
            let one =
                told.len() == 1 && dead.any(|when| self.check_lack(rule, &Lack::When(when.clone()), &told[0]).is_ok());
            ensure!(one, "rule {rule} can never fire, but reported: {told:?}");
            return Ok(());
        }
        let lacks = if self.due.contains(&(rule, None)) { Vec::new() } else { model.lacks(rule) };
        ensure!(lacks.len() == told.len(), "rule {rule} has {} unmet conditions, but reported: {told:?}", lacks.len());
        lacks.iter().zip(told).try_for_each(|(lack, told)| self.check_lack(rule, lack, told))
    }

    fn check_lack(&self, rule: usize, lack: &Lack, told: &Unfired) -> Checked {
        let model = self.model;
        let right = match (lack, told) {
            (Lack::When(When::Closed(stage)), Unfired::Open { stage: said, kept_open }) => {
                self.check_kept_open(*stage, None, kept_open)?;
                *said == NAMES[*stage]
            }
            (Lack::When(when), Unfired::Unsettled { node: told, wanted }) => {
                let waited = match when {
                    When::Done(node) => Some((*node, "succeed")),
                    When::Settled(node) => Some((*node, "end")),
                    When::Failed(node) => Some((*node, "fail")),
                    _ => None,
                };
                waited.is_some_and(|(node, how)| how == *wanted && !told.state.is_settled() && model.is_now(node, told))
            }
            (Lack::When(when), told) => model.reason(when).as_ref() == Some(told),
            (Lack::NoNode(stage, how), Unfired::NoNode { stage: said, wanted }) => {
                (*said, *wanted) == (NAMES[*stage], *how)
            }
            (Lack::Below(above), Unfired::Below { nodes, .. }) => {
                let names = above.iter().map(|node| model.shown(*node));
                check_few("nodes below which it waits", nodes, names.collect(), |below| below.node.clone())?;
                above.iter().zip(&nodes.first).try_for_each(|(above, told)| self.check_below(rule, *above, told))?;
                true
            }
            (Lack::Predicate, Unfired::Predicate { .. }) => true,
            _ => false,
        };
        ensure!(right, "rule {rule} does not wait for the reported condition: {told:?}");
        Ok(())
    }

    /// The unmet conditions below a node are reported, stage by stage.
    fn check_below(&self, rule: usize, above: usize, told: &BelowNode) -> Checked {
        let model = self.model;
        let mut waits = told.waits.iter();
        for (stage, below) in &model.rules[rule].below {
            let end = |node: &usize| model.nodes[*node].end;
            let bad = |node: &usize| end(node).is_some_and(|end| end != End::Succeeded);
            let lost: Vec<usize> = model.below_in_order(above, *stage).into_iter().filter(bad).collect();
            let unsettled: Vec<usize> =
                model.below_in_order(above, *stage).into_iter().filter(|node| end(node).is_none()).collect();
            let said = match (below, model.closed_below.contains(&(*stage, above))) {
                (Below::Done, _) if !lost.is_empty() => match waits.next() {
                    Some(BelowWait::Lost { stage, nodes }) => model.check_nodes(nodes, lost).map(|()| *stage)?,
                    other => return Err(format!("{lost:?} did not succeed, but reported {other:?}: {told:?}")),
                },
                (_, false) => match waits.next() {
                    Some(BelowWait::Open { stage: said, kept_open }) => {
                        self.check_kept_open(*stage, Some(above), kept_open)?;
                        said
                    }
                    other => {
                        return Err(format!("`{}` has not closed, but reported {other:?}: {told:?}", NAMES[*stage]));
                    }
                },
                (Below::Settled | Below::Done, true) if !unsettled.is_empty() => match waits.next() {
                    Some(BelowWait::Unsettled { stage, nodes }) => {
                        model.check_nodes(nodes, unsettled).map(|()| *stage)?
                    }
                    other => return Err(format!("{unsettled:?} have not ended, but reported {other:?}: {told:?}")),
                },
                _ => continue,
            };
            ensure!(said == NAMES[*stage], "the reported stage is not `{}`: {told:?}", NAMES[*stage]);
        }
        ensure!(waits.next().is_none(), "below node {above} there are fewer unmet conditions than {told:?}");
        Ok(())
    }

    /// The sources that keep a stage open, in the whole run or below a node: nodes, rules that fire once, and the
    /// bindings that rules have found or wait below.
    fn check_kept_open(&self, stage: usize, above: Option<usize>, told: &KeptOpen) -> Checked {
        let (model, leads) = (self.model, &self.leads);
        let inside = |place: Option<usize>| {
            above.is_none_or(|above| place.is_some_and(|place| model.nodes[place].line.contains(&above)))
        };
        let open = match above {
            None => self.sources.bring(stage),
            Some(above) => self.sources.bring_below(stage, above),
        };
        ensure!(open != told.is_empty(), "`{}` is open: {open}, but the reported sources are {told}", NAMES[stage]);
        let nodes = model.unsettled().filter(|node| leads[model.nodes[*node].stage][stage] && inside(Some(*node)));
        model.check_nodes(&told.nodes, nodes.collect())?;
        let (mut once, mut found, mut below) = (Vec::new(), Vec::new(), Vec::new());
        for (rule, this) in model.rules.iter().enumerate() {
            let count = self.places[rule].iter().filter(|place| inside(**place)).count();
            let leads_there = match this.every {
                Every::Succeeded(from) | Every::Failed(from) => leads[from][stage],
                Every::Once | Every::Under(_) => model.may_add(rule, stage, leads),
            };
            match this.every {
                _ if count == 0 || !leads_there => {}
                Every::Once if once.contains(&this.name) => {}
                Every::Once => once.push(this.name.clone()),
                Every::Succeeded(_) | Every::Failed(_) => found.push((this.name.clone(), count)),
                Every::Under(_) => below.push((this.name.clone(), count)),
            }
        }
        let pending = |pending: &Pending| (pending.rule.clone(), pending.nodes);
        check_few("rules that fire once", &told.rules, once, Clone::clone)?;
        check_few("rules that have found nodes", &told.found, found, pending)?;
        check_few("rules that wait below nodes", &told.below, below, pending)
    }
}

impl Model {
    /// The unmet conditions of a rule, in the order in which they were written.
    fn lacks(&self, rule: usize) -> Vec<Lack> {
        let this = &self.rules[rule];
        if self.is_spent(rule) {
            return Vec::new();
        }
        let untrue = this.when.iter().filter(|when| self.truth(when) != Some(true));
        let mut lacks: Vec<Lack> = untrue.map(|when| Lack::When(when.clone())).collect();
        let none = this.fired.is_empty() && this.failed.is_empty() && self.found(rule).is_empty();
        match this.every {
            Every::Once => {}
            Every::Succeeded(stage) if none => lacks.push(Lack::NoNode(stage, "succeeded")),
            Every::Failed(stage) if none => lacks.push(Lack::NoNode(stage, "failed")),
            Every::Succeeded(_) | Every::Failed(_) => {}
            Every::Under(stage) if self.of(stage).next().is_none() => lacks.push(Lack::NoNode(stage, "was added")),
            Every::Under(stage) => {
                let over = |node: usize| this.fired.contains(&Some(node)) || this.failed.contains(&Some(node));
                let waits =
                    |node: &usize| self.is_within(rule, *node) && !over(*node) && !self.holds_below(rule, *node);
                let nodes: Vec<usize> = self.of(stage).filter(waits).collect();
                lacks.extend((!nodes.is_empty()).then_some(Lack::Below(nodes)));
            }
        }
        lacks.extend((this.ask.is_some() && !this.said_yes).then_some(Lack::Predicate));
        lacks
    }

    /// The reported reason for an unmet condition; except for closing, and for a node that has not ended.
    fn reason(&self, when: &When<usize>) -> Option<Unfired> {
        let end = |node: usize, wanted| {
            let was = match self.state(node) {
                NodeState::Skipped => "was skipped".to_owned(),
                state => state.to_string(),
            };
            Unfired::Dead { node: self.shown(node), wanted, was }
        };
        Some(match when {
            When::Done(node) | When::Settled(node) | When::Failed(node) if !self.state(*node).is_settled() => {
                return None;
            }
            When::Done(node) => end(*node, "succeed"),
            When::Settled(node) => end(*node, "end"),
            When::Failed(node) => end(*node, "fail"),
            When::Count(stage, wanted) => {
                let (stage, found) = (NAMES[*stage], self.of(*stage).count());
                Unfired::Count { stage, done: false, found, wanted: *wanted }
            }
            When::CountDone(stage, wanted) => {
                let (stage, found) = (NAMES[*stage], self.succeeded(*stage));
                Unfired::Count { stage, done: true, found, wanted: *wanted }
            }
            When::Named(level, number) => Unfired::Unnamed(name(*level, *number)),
            When::Closed(_) => return None,
        })
    }
}
