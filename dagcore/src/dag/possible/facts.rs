//! The facts that a possible graph is made from, in the same form before a run and in it.

use crate::dag::event::{Additions, Edge};
use crate::dag::id::{NodeId, RuleId, StageId};
use crate::dag::kind::{NodeState, StageInfo};
use crate::dag::lineage::{AddedBy, Firing};
use crate::dag::machine::Machine;
use crate::dag::rule::RuleSpec;

/// What there is, whoever keeps it.
pub(super) struct Facts<'a> {
    pub(super) describe: Box<dyn Fn(StageId) -> StageInfo + 'a>,
    /// Every node, by its id.
    pub(super) nodes: Vec<NodeFact<'a>>,
    /// What those nodes need that the program added.
    pub(super) edges: Vec<(NodeId, Edge)>,
    pub(super) rules: Vec<RuleFact<'a>>,
    /// Whether the run has begun.
    pub(super) begun: bool,
}

pub(super) struct NodeFact<'a> {
    pub(super) stage: StageId,
    pub(super) state: NodeState,
    /// Whether it is the list of a map.
    pub(super) open: bool,
    /// A rule has the place of its number in [`Facts::rules`].
    pub(super) by: AddedBy,
    /// Its name, where the program gave it one and added the node itself.
    pub(super) name: Option<&'a str>,
}

pub(super) struct RuleFact<'a> {
    pub(super) spec: &'a RuleSpec,
    pub(super) fired: u32,
    /// The place of the rule whose body registered it.
    pub(super) by: Option<usize>,
}

impl<'a> Facts<'a> {
    /// A program that has not run, and perhaps cannot.
    pub(super) fn of_program(additions: &'a Additions, describe: fn(StageId) -> StageInfo) -> Self {
        let mut left = additions.edges.iter();
        let mut edges = Vec::with_capacity(additions.edges.len());
        let nodes = additions.nodes.iter().enumerate().map(|(index, node)| {
            edges.extend(left.by_ref().take(node.edges as usize).map(|edge| (NodeId::from_index(index), *edge)));
            let label = additions.labels.get(node.label as usize);
            let name = label.and_then(|label| label.name.as_deref());
            NodeFact { stage: node.stage, state: NodeState::Waiting, open: node.open, by: AddedBy::Program, name }
        });
        let nodes = nodes.collect();
        let rules = rules(additions.rules.iter().map(|spec| (spec, 0, None)));
        Self { describe: Box::new(describe), nodes, edges, rules, begun: false }
    }

    /// A run.
    pub(super) fn of(machine: &'a Machine) -> Self {
        let graph = machine.graph();
        let mut edges = Vec::new();
        let nodes = graph.nodes.iter().zip(graph.nodes()).map(|(record, id)| {
            let by = graph.lineage.get(record.firing).map_or(AddedBy::Program, Firing::by);
            let mut name = None;
            if by == AddedBy::Program {
                edges.extend(graph.own_parents(id).map(|edge| (id, edge)));
                name = graph.given_name(id);
            }
            NodeFact { stage: record.stage, state: record.state, open: record.open, by, name }
        });
        let nodes = nodes.collect();
        let registered = machine.registered();
        let rules = rules(registered.records.iter().enumerate().map(|(index, record)| {
            let scope = registered.scope(RuleId::from_index(index));
            let by = graph.lineage.get(scope).map(|firing| firing.rule).filter(|rule| rule.is_some());
            (&record.spec, record.fired, by.map(RuleId::index))
        }));
        Self { describe: Box::new(|stage| graph.stage_info(stage)), nodes, edges, rules, begun: machine.has_started() }
    }
}

/// All rules that are known: those that were registered, by the program or by bodies. A rule that others only declare
/// would be listed here as well, with the rule that declares it as the one that registers it.
fn rules<'a>(registered: impl Iterator<Item = (&'a RuleSpec, u32, Option<usize>)>) -> Vec<RuleFact<'a>> {
    registered.map(|(spec, fired, by)| RuleFact { spec, fired, by }).collect()
}
