//! Whether rules wait for the closing of what they can themselves bring about.
//!
//! A rule leads to the stages that it declares; a stage leads to the rules that fire for its nodes, count them, or
//! wait for it to close. A rule that waits for a stage to close and leads back to that stage can never add what it
//! declares without adding it too late. Rules that declare nothing are left out: what they add is not known.

use super::adds::Adds;
use super::id::StageId;
use super::rule::{Condition, Each, RuleSpec};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, VecDeque};

/// What is wrong with a set of rules, a sentence for each rule that waits for what it may add.
pub(crate) fn unstratified(rules: &[RuleSpec], name: impl Fn(StageId) -> &'static str) -> Vec<String> {
    let leads = Leads::of(rules);
    let mut component = BTreeMap::new();
    for (number, points) in kosaraju_scc(&leads.graph).into_iter().enumerate() {
        component.extend(points.into_iter().map(|point| (point, number)));
    }
    let mut problems = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let circular = |stage: &StageId| {
            let stage = leads.stages.get(stage).and_then(|point| component.get(point));
            stage.is_some() && stage == component.get(&leads.rules[index])
        };
        if let Some(stage) = rule.closing().find(circular) {
            problems.push(sentence(rules, &leads, index, stage, &name));
        }
    }
    problems
}

fn sentence(
    rules: &[RuleSpec],
    leads: &Leads,
    rule: usize,
    closes: StageId,
    name: &impl Fn(StageId) -> &'static str,
) -> String {
    let (who, what) = (&rules[rule].name, name(closes));
    let path = leads.path(rule, closes);
    let mut steps = path.iter();
    let first = steps.next().map_or(closes, |(_, stage)| *stage);
    if first == closes {
        return format!(
            "rule `{who}` waits for `{what}` to close, and adds one itself: let it add another stage, or wait for \
             something else"
        );
    }
    let mut text =
        format!("rule `{who}` waits for `{what}` to close, and may bring one about itself: it adds `{}`", name(first));
    let mut before = first;
    for (by, stage) in steps {
        let how = how(&rules[*by], before);
        text.push_str(&format!(", {how} `{}` rule `{}` adds `{}`", name(before), rules[*by].name, name(*stage)));
        before = *stage;
    }
    text.push_str(": break the circle, or let the rule wait for something else");
    text
}

/// How a rule looks at a stage.
fn how(rule: &RuleSpec, stage: StageId) -> &'static str {
    match rule.each {
        Each::Succeeded(each) | Each::Failed(each) if each == stage => "and for each",
        _ if rule.closing().any(|closes| closes == stage) => "and once there is no more",
        _ => "and for enough of",
    }
}

/// "Leads to", over the rules and the stages.
struct Leads {
    graph: DiGraph<Option<usize>, ()>,
    rules: Vec<NodeIndex>,
    stages: BTreeMap<StageId, NodeIndex>,
}

impl Leads {
    fn of(rules: &[RuleSpec]) -> Self {
        let mut leads = Self { graph: DiGraph::new(), rules: Vec::new(), stages: BTreeMap::new() };
        for (index, rule) in rules.iter().enumerate() {
            let point = leads.graph.add_node(Some(index));
            leads.rules.push(point);
            let Adds::Only(list) = &rule.adds else { continue };
            for addition in list {
                let stage = leads.stage(addition.stage);
                leads.graph.update_edge(point, stage, ());
            }
            for stage in watched(rule) {
                let stage = leads.stage(stage);
                leads.graph.update_edge(stage, point, ());
            }
        }
        leads
    }

    fn stage(&mut self, stage: StageId) -> NodeIndex {
        let graph = &mut self.graph;
        *self.stages.entry(stage).or_insert_with(|| graph.add_node(None))
    }

    /// The shortest way from a rule to a stage: which rule adds which stage, again and again.
    fn path(&self, rule: usize, to: StageId) -> Vec<(usize, StageId)> {
        let of_point: BTreeMap<NodeIndex, StageId> =
            self.stages.iter().map(|(stage, point)| (*point, *stage)).collect();
        let mut came: BTreeMap<StageId, (usize, Option<StageId>)> = BTreeMap::new();
        let mut todo = VecDeque::from([(rule, None)]);
        while let Some((by, from)) = todo.pop_front() {
            for added in self.graph.neighbors(self.rules[by]).filter_map(|point| of_point.get(&point)) {
                if came.contains_key(added) {
                    continue;
                }
                came.insert(*added, (by, from));
                let next = self.stages.get(added).into_iter().flat_map(|point| self.graph.neighbors(*point));
                todo.extend(next.filter_map(|point| self.graph[point]).map(|next| (next, Some(*added))));
            }
        }
        let mut path = Vec::new();
        let mut next = Some(to);
        while let Some(stage) = next {
            let Some((by, from)) = came.get(&stage) else { break };
            path.push((*by, stage));
            next = *from;
        }
        path.reverse();
        path
    }
}

/// The stages whose growth may let a rule fire.
fn watched(rule: &RuleSpec) -> impl Iterator<Item = StageId> {
    let each = match rule.each {
        Each::Once => None,
        Each::Succeeded(stage) | Each::Failed(stage) | Each::Under(stage) => Some(stage),
    };
    each.into_iter().chain(rule.conditions.iter().filter_map(|condition| match condition {
        Condition::Count(stage, _) | Condition::CountDone(stage, _) | Condition::Closed(stage) => Some(*stage),
        _ => None,
    }))
}
