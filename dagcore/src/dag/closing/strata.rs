//! Quiescence: when no event can follow any more, the lowest open stratum closes.
//!
//! All nodes are settled at that point, so an armed rule waits for something that only further growth could bring. The
//! rules are ordered by the relation "what one rule adds may bring about what another waits for": a rule leads to the
//! stages that it adds and to those that they lead to; a stage leads to the rules that count its nodes or wait for it
//! to close; and any addition may be what a name or a predicate waits for. The lowest stratum is a strongly connected
//! component of that relation that contains a rule waiting for a stage to close, and that no other such component leads
//! to; of several, the one whose first rule was registered first. The stages that its rules wait for close, the rules
//! fire, the run continues, and the process repeats until no stratum is left.

use super::groups::{Group, Groups};
use super::open_stages::Closing;
use crate::dag::base::declared_additions::Adds;
use crate::dag::base::ids::{NodeId, RuleId, StageId};
use crate::dag::rules::rule_spec::{Condition, Each};
use crate::dag::rules::rule_table::{Phase, RuleRecord, Rules};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::BTreeMap;

/// Returns the stages to close now, in the whole run or below a group; empty if no rule waits for one.
pub(crate) fn lowest_stratum(rules: &Rules, closing: &Closing, groups: &Groups) -> Vec<(StageId, Option<NodeId>)> {
    let armed = || rules.records.iter().enumerate().filter(|(_, record)| record.phase == Phase::Armed);
    if !armed().any(|(_, record)| waits_for_closing(record, closing)) {
        return Vec::new();
    }
    let mut order = Order::new(closing);
    for (index, record) in armed() {
        order.add(RuleId::from_index(index), record);
    }
    let lowest = order.lowest(|rule| rules.get(rule).is_some_and(|record| waits_for_closing(record, closing)));
    let mut stages: Vec<(StageId, Option<NodeId>)> = Vec::new();
    for (rule, record) in lowest.into_iter().filter_map(|rule| Some((rule, rules.get(rule)?))) {
        stages.extend(record.spec.closing().filter(|stage| !closing.is_closed(*stage)).map(|stage| (stage, None)));
        if let Each::Under(kind) = record.spec.each {
            let waits = |group: &&Group| group.waiting.get(&rule).is_some_and(|wait| wait.is_open());
            for group in groups.of(kind).map(|(_, group)| group).filter(waits) {
                let open =
                    |stage: &StageId| groups.place(group, *stage).is_some_and(|at| group.counts[at].closed.is_none());
                stages.extend(record.spec.below().filter(open).map(|stage| (stage, Some(group.node))));
            }
        }
    }
    stages.sort_unstable();
    stages.dedup();
    stages
}

/// Returns `true` if a rule waits for a stage to close, in the whole run or below a group.
fn waits_for_closing(record: &RuleRecord, closing: &Closing) -> bool {
    record.incomplete > 0 || record.spec.closing().any(|stage| !closing.is_closed(stage))
}

/// A point of the relation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Point {
    Rule(RuleId),
    Stage(StageId),
    /// Any addition.
    Growth,
    /// The additions of a rule that declares nothing.
    Everything,
}

/// The relation "may bring about", over the armed rules and the stages.
struct Order<'a> {
    closing: &'a Closing,
    /// The weight of an edge is `true` if the edge is certain. Edges to a name or a predicate are guesses, because any
    /// addition may or may not make them true.
    graph: DiGraph<Point, bool>,
    points: BTreeMap<Point, NodeIndex>,
}

impl<'a> Order<'a> {
    fn new(closing: &'a Closing) -> Self {
        Self { closing, graph: DiGraph::new(), points: BTreeMap::new() }
    }

    /// Adds an armed rule, with edges from what it waits for and to what it adds.
    fn add(&mut self, rule: RuleId, record: &RuleRecord) {
        let point = self.point(Point::Rule(rule));
        let waited = record.spec.conditions.iter().filter_map(Condition::stage);
        let mut waits: Vec<(Point, bool)> =
            waited.chain(record.spec.below()).map(|stage| (Point::Stage(stage), true)).collect();
        let named = record.spec.conditions.iter().any(|condition| matches!(condition, Condition::Named(_)));
        if named || (record.spec.predicate && !record.predicate_held) {
            waits.push((Point::Growth, false));
        }
        waits.sort_unstable();
        waits.dedup();
        // Deduplicated first, so that `add_edge` suffices: `update_edge` would search all rules that wait for the same
        // point.
        for (wait, certain) in waits {
            let from = self.point(wait);
            self.graph.add_edge(from, point, certain);
        }
        // An `each` rule that has found no node cannot fire unless its stage grows: see `point`.
        if record.spec.each == Each::Once || !record.held.is_empty() || record.incomplete > 0 {
            self.leads_to(point, &record.spec.adds);
        }
    }

    fn leads_to(&mut self, from: NodeIndex, adds: &Adds) {
        let targets = match adds {
            Adds::Anything => vec![Point::Everything],
            Adds::Only(list) => list.iter().map(|addition| Point::Stage(addition.stage)).collect(),
        };
        for target in targets {
            let target = self.point(target);
            self.graph.update_edge(from, target, true);
        }
    }

    /// Returns the index of a point. A new stage also adds the points that it leads to.
    fn point(&mut self, point: Point) -> NodeIndex {
        if let Some(known) = self.points.get(&point) {
            return *known;
        }
        let index = self.graph.add_node(point);
        self.points.insert(point, index);
        match point {
            Point::Stage(stage) => {
                let everything = self.point(Point::Everything);
                self.graph.update_edge(everything, index, true);
                let growth = self.point(Point::Growth);
                self.graph.update_edge(index, growth, true);
                let next = match self.closing.adds_for_each(stage) {
                    Some(stages) => stages.iter().map(|stage| Point::Stage(*stage)).collect(),
                    None => vec![Point::Everything],
                };
                for next in next {
                    let next = self.point(next);
                    self.graph.update_edge(index, next, true);
                }
            }
            Point::Everything => {
                let growth = self.point(Point::Growth);
                self.graph.update_edge(index, growth, true);
            }
            Point::Rule(_) | Point::Growth => {}
        }
        index
    }

    /// Returns the rules of the lowest stratum that wait for a stage to close.
    fn lowest(self, waits: impl Fn(RuleId) -> bool) -> Vec<RuleId> {
        // Guessed edges may merge rules into one component that no certain edge connects. So the component is split
        // once more by its certain edges alone, and fewer stages close at a time.
        let guessed = lowest_component(&self.graph, &waits);
        let certain = self.graph.filter_map(
            |index, point| guessed.contains(&index).then_some(*point),
            |_, certain| certain.then_some(true),
        );
        let lowest = lowest_component(&certain, &waits);
        waiting(&certain, &lowest, &waits)
    }
}

/// Returns the component that contains a waiting rule and that no other such component leads to; of several, the one
/// with the rule registered first.
fn lowest_component(graph: &DiGraph<Point, bool>, waits: &impl Fn(RuleId) -> bool) -> Vec<NodeIndex> {
    let mut components = kosaraju_scc(graph);
    components.reverse(); // topological order: a component comes after all that lead to it
    let mut preceded = vec![false; graph.node_count()];
    let mut lowest: Option<(RuleId, Vec<NodeIndex>)> = None;
    for component in components {
        let first = waiting(graph, &component, waits).first().copied();
        let is_preceded = component.iter().any(|point| preceded[point.index()]);
        // Propagate along the topological order: everything reachable from a component that waits is not lowest.
        if is_preceded || first.is_some() {
            for next in component.iter().flat_map(|point| graph.neighbors(*point)) {
                preceded[next.index()] = true;
            }
        }
        if let Some(first) =
            first.filter(|first| !is_preceded && lowest.as_ref().is_none_or(|(known, _)| first < known))
        {
            lowest = Some((first, component));
        }
    }
    lowest.map(|(_, component)| component).unwrap_or_default()
}

/// Returns the waiting rules among these points, in the order of registration.
fn waiting(graph: &DiGraph<Point, bool>, points: &[NodeIndex], waits: &impl Fn(RuleId) -> bool) -> Vec<RuleId> {
    let rules = points.iter().filter_map(|point| match graph[*point] {
        Point::Rule(rule) if waits(rule) => Some(rule),
        _ => None,
    });
    let mut rules: Vec<RuleId> = rules.collect();
    rules.sort_unstable();
    rules
}
