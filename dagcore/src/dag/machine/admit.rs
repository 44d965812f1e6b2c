//! Taking in new nodes and rules that have been checked.

use super::Machine;
use crate::dag::event::{Additions, Edge, Need};
use crate::dag::id::{FiringId, NodeId, RuleId, StageId};
use crate::dag::kind::NodeState;
use crate::dag::lineage::Firing;
use crate::dag::rule::Binding;

impl Machine {
    /// Takes in nodes and rules that have been checked.
    pub(super) fn add(
        &mut self,
        additions: &Additions,
        rule: RuleId,
        binding: Binding,
        about: Option<NodeId>,
    ) -> FiringId {
        let firing = self.graph.lineage.next_id();
        let first = NodeId::from_index(self.graph.len());
        let scope = self.rules.scope(rule);
        let parent = about.or_else(|| self.graph.lineage.parent(scope)).unwrap_or(NodeId::NONE);
        let bound = binding.unwrap_or(NodeId::NONE);
        let counts = self.rules.get(rule).is_some_and(|record| record.spec.within.is_some());
        let nth = if counts { self.graph.times_along(rule, parent) + 1 } else { 0 };
        let count = additions.nodes.len() as u32;
        let depth = self.graph.depth_under(parent);
        self.graph.push_firing(Firing { rule, bound, parent, first, count, nth, depth, next: FiringId::NONE });
        let mut edges = additions.edges.iter();
        for node in &additions.nodes {
            let label = additions.labels.get(node.label as usize);
            let id = self.graph.push(node.stage, firing, node.open, label);
            for edge in edges.by_ref().take(node.edges as usize) {
                self.connect(id, *edge);
            }
            self.appeared(id, node.stage);
        }
        for (position, spec) in additions.rules.iter().enumerate() {
            let scope = if rule.is_some() { firing } else { FiringId::NONE };
            self.register(spec, scope, position as u32);
        }
        firing
    }

    #[inline]
    fn connect(&mut self, child: NodeId, edge: Edge) {
        self.graph.push_parent(child, edge);
        let state = self.graph.nodes[edge.from.index()].state;
        if !state.is_settled() {
            self.graph.nodes[child.index()].waiting += 1;
        } else if state != NodeState::Succeeded && edge.need == Need::Success {
            self.graph.nodes[child.index()].waiting += 1; // so that nothing makes it ready
            let because = self.graph.culprit(edge.from);
            self.doomed.push_back((child, because));
        }
    }

    #[inline]
    fn appeared(&mut self, node: NodeId, stage: StageId) {
        self.unsettled += 1;
        self.closing.busy(stage);
        let record = &self.graph.nodes[node.index()];
        if record.keyed {
            self.graph.lineage.note_keyed(node);
        }
        if record.waiting == 0 {
            self.make_ready(node);
        }
        let count = self.graph.stages[stage.index()].nodes.len();
        while let Some(rule) = self.watches.count_reached(stage, count) {
            self.met(rule);
        }
        self.watches.stage_changed(stage, &mut self.rules, &mut self.ask);
        if let Some(name) = self.graph.given_name(node).map(str::to_owned) {
            for rule in self.watches.named(&name) {
                self.met(rule);
            }
            self.watches.name_changed(&name, &mut self.rules, &mut self.ask);
        }
    }
}
