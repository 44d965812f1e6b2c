//! Properties of a run that has ended.

use super::driver::{Driver, Outcome, ensure};
use super::model::End;
use super::program::{NAMES, STAGES};
use super::random::Checked;
use super::told::{node_id, stage_id};
use super::waits::Now;
use dagcore::dag::{NodeState, RuleId};
use std::collections::BTreeSet;

impl Driver {
    pub(crate) fn check_end(&self) -> Checked {
        ensure!(self.machine.ended() == Some(self.at), "the run has not ended");
        ensure!(self.machine.at_rest(self.at).is_none(), "the run ends twice");
        let unsettled: Vec<usize> = self.model.unsettled().collect();
        ensure!(unsettled.is_empty(), "nodes {unsettled:?} were forgotten");
        self.check_graph()?;
        self.check_order()?;
        let now = Now::of(&self.model);
        (0..self.model.rules.len()).try_for_each(|rule| self.check_reasons(rule, &now))
    }

    /// The graph reports the same state of every node as the model.
    fn check_graph(&self) -> Checked {
        let (graph, model) = (self.machine.graph(), &self.model);
        let mut children = vec![Vec::new(); model.nodes.len()];
        for (node, this) in model.nodes.iter().enumerate() {
            let id = node_id(node);
            let parents: Vec<_> = graph.parents(id).map(|edge| (edge.from.index(), edge.need)).collect();
            ensure!(parents == model.parents(node), "the parents of node {node} are {parents:?}");
            model.parents(node).iter().for_each(|(parent, _)| children[*parent].push(node));
            ensure!(graph.stage(id) == Some(stage_id(this.stage)), "node {node} has another stage");
            ensure!(graph.name(id) == model.shown(node), "node {node} is shown as {}", graph.name(id));
            let (lineage, expected) = (graph.lineage_parent(id), model.lineage_parent(node).map(node_id));
            ensure!(lineage == expected, "the lineage parent of node {node} is {lineage:?}, not {expected:?}");
            let because = match this.end {
                Some(End::Skipped(because)) => Some(node_id(because)),
                _ => None,
            };
            ensure!(graph.skipped_because(id) == because, "node {node} was skipped for another reason");
            ensure!(graph.error(id).is_some() == (this.end == Some(End::Failed)), "the error of node {node} differs");
            ensure!(
                graph.started(id).is_none() || this.end != Some(End::Skipped(0)),
                "node {node} was skipped and ran"
            );
            let under = this.under.map(node_id);
            let key = this.key.as_ref().and_then(|key| graph.keyed(stage_id(this.stage), under, key));
            ensure!(key == this.key.is_some().then_some(id), "the key of node {node} finds {key:?}");
        }
        for (node, expected) in children.iter_mut().enumerate() {
            let mut children: Vec<_> = graph.children(node_id(node)).map(dagcore::dag::NodeId::index).collect();
            children.sort_unstable();
            expected.sort_unstable();
            ensure!(children == *expected, "the children of node {node} are {children:?}, not {expected:?}");
        }
        Ok(())
    }

    /// The machine's lists are ordered by lineage.
    fn check_order(&self) -> Checked {
        for (stage, name) in NAMES.iter().enumerate().take(STAGES) {
            let order = self.machine.in_lineage_order(stage_id(stage));
            let order: Vec<usize> = order.into_iter().map(dagcore::dag::NodeId::index).collect();
            let expected = self.model.in_lineage_order(stage);
            ensure!(order == expected, "the list of `{name}` is {order:?}, by lineage it is {expected:?}");
        }
        Ok(())
    }

    /// A rule has fired or failed; otherwise there are reasons, and they are correct.
    fn check_reasons(&self, rule: usize, now: &Now<'_>) -> Checked {
        let reasons = self.machine.unfired(RuleId::from_index(rule));
        let this = &self.model.rules[rule];
        if !this.fired.is_empty() || !this.failed.is_empty() || this.broken {
            ensure!(reasons.is_empty(), "rule {rule} fired or failed, but has reasons not to fire: {reasons:?}");
            return Ok(());
        }
        ensure!(!reasons.is_empty(), "rule {rule} has no reason not to fire");
        now.check_waits(rule, &reasons)?;
        reasons.iter().try_for_each(|reason| self.check_last_look(rule, reason))
    }

    /// The part of the result that does not depend on the order in which nodes end.
    pub(crate) fn outcome(&self) -> Outcome {
        let model = &self.model;
        let path = |node: usize| model.nodes[node].path.clone();
        let failed = |rule: &super::model::Rule| {
            let of = rule.path.clone();
            rule.failed.iter().map(move |node| (of.clone(), node.map(path))).collect::<Vec<_>>()
        };
        Outcome {
            nodes: (0..model.nodes.len()).map(|node| (path(node), State(model.state(node)))).collect(),
            firings: model.firings.iter().map(|firing| firing.path.clone()).collect(),
            failures: model.rules.iter().flat_map(failed).collect(),
            lists: self.lists.clone(),
        }
    }
}

/// A state with an ordering.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct State(pub(crate) NodeState);

impl Ord for State {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.to_string().cmp(&other.0.to_string())
    }
}

impl PartialOrd for State {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Checks that the compared outcomes are all equal.
pub(crate) fn all_the_same(outcomes: &[Outcome]) -> Checked {
    let Some((first, others)) = outcomes.split_first() else { return Ok(()) };
    for other in others {
        differ("nodes", &first.nodes, &other.nodes)?;
        differ("firings", &first.firings, &other.firings)?;
        differ("failed rules", &first.failures, &other.failures)?;
        differ("lists", &first.lists, &other.lists)?;
    }
    Ok(())
}

fn differ<T: Ord + std::fmt::Debug>(what: &str, one: &BTreeSet<T>, other: &BTreeSet<T>) -> Checked {
    let only = |a: &BTreeSet<T>, b: &BTreeSet<T>| format!("{:?}", a.difference(b).collect::<Vec<_>>());
    ensure!(one == other, "the {what} depend on the order: {} against {}", only(one, other), only(other, one));
    Ok(())
}
