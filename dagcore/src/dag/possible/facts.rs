//! The facts that a possible graph is built from, in the same form before and during a run.

use crate::dag::base::ids::{NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use crate::dag::base::stage_info::StageInfo;
use crate::dag::graph::Graph;
use crate::dag::graph::edge::Edge;
use crate::dag::graph::lineage::{AddedBy, Firing};
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::RuleSpec;

/// The nodes, edges and rules of a program or of a run.
pub(super) struct Facts<'a> {
    graph: &'a Graph,
    /// Every node, by its id.
    pub(super) nodes: Vec<NodeFact<'a>>,
    /// The dependencies of the nodes that the program added.
    pub(super) edges: Vec<(NodeId, Edge)>,
    pub(super) rules: Vec<RuleFact<'a>>,
    /// `true` if the run has begun.
    pub(super) begun: bool,
    machine: Option<&'a Machine>,
}

pub(super) struct NodeFact<'a> {
    pub(super) stage: StageId,
    pub(super) state: NodeState,
    /// `true` if the node is the list of a map.
    pub(super) open: bool,
    /// The origin. A rule id is an index into [`Facts::rules`].
    pub(super) by: AddedBy,
    /// Its name, if the program named the node and added it itself.
    pub(super) name: Option<&'a str>,
}

pub(super) struct RuleFact<'a> {
    pub(super) spec: &'a RuleSpec,
    pub(super) fired: u32,
    /// The index of the rule whose body registered it.
    pub(super) by: Option<usize>,
}

impl<'a> Facts<'a> {
    /// Returns the properties of a stage.
    pub(super) fn describe(&self, stage: StageId) -> StageInfo {
        self.graph.stage_info(stage)
    }

    /// Returns `true` if the program may append nodes of a stage to the run.
    pub(super) fn is_appendable(&self, stage: StageId) -> bool {
        self.machine.is_some_and(|machine| machine.is_appendable(stage))
    }

    /// Collects the facts of a program that has not run, and may be unable to.
    pub(super) fn of_program(graph: &'a Graph, specs: &'a [RuleSpec]) -> Self {
        Self::new(graph, rules(specs.iter().map(|spec| (spec, 0, None))), None)
    }

    /// Collects the facts of a run.
    pub(super) fn of(machine: &'a Machine) -> Self {
        let (graph, registered) = (machine.graph(), machine.registered());
        let rules = rules(registered.records.iter().enumerate().map(|(index, record)| {
            let scope = registered.scope(RuleId::from_index(index));
            let by = graph.lineage.get(scope).map(|firing| firing.rule).filter(|rule| rule.is_some());
            (&record.spec, record.fired, by.map(RuleId::index))
        }));
        Self::new(graph, rules, Some(machine))
    }

    fn new(graph: &'a Graph, rules: Vec<RuleFact<'a>>, machine: Option<&'a Machine>) -> Self {
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
        let begun = machine.is_some_and(Machine::has_started);
        Self { graph, nodes, edges, rules, begun, machine }
    }
}

/// Collects all rules that were registered, by the program or by bodies.
fn rules<'a>(registered: impl Iterator<Item = (&'a RuleSpec, u32, Option<usize>)>) -> Vec<RuleFact<'a>> {
    registered.map(|(spec, fired, by)| RuleFact { spec, fired, by }).collect()
}
