//! Insertion of new nodes and rules that have passed the checks.

use crate::dag::base::declared_additions::Keying;
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{FiringId, NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use crate::dag::base::priority::Rank;
use crate::dag::graph::additions::Additions;
use crate::dag::graph::edge::Edge;
use crate::dag::graph::lineage::Firing;
use crate::dag::graph::records::NodeRecord;
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::Binding;

impl Machine {
    /// Inserts nodes and rules that have passed the checks. `above` is their parent in the lineage.
    #[inline]
    pub(crate) fn add(
        &mut self,
        additions: &Additions,
        rule: RuleId,
        binding: Binding,
        above: Option<NodeId>,
    ) -> FiringId {
        let group = self.group_of(above);
        let by_program = !rule.is_some() && binding.is_none();
        let count = additions.nodes.len() as u32;
        let before = if by_program && !self.started { self.graph.lineage.go_on(count) } else { None };
        let firing = before.unwrap_or_else(|| self.new_firing(count, rule, binding, above));
        if !additions.ranks().is_empty() {
            self.note_ranks(additions);
        }
        self.ready.together();
        let mut edges = additions.edges.iter();
        for node in &additions.nodes {
            let label = additions.labels.get(node.label as usize);
            let id = self.graph.push(node, firing, label);
            // A later call with the same key returns this node and may read its output.
            let keyed = self.graph.nodes[id.index()].keyed;
            self.graph.nodes[id.index()].kept = by_program || keyed || self.reading.is_kept(node.stage);
            for edge in edges.by_ref().take(node.edges as usize) {
                self.connect(id, *edge);
            }
            let around = match label.filter(|label| label.key.is_some()) {
                Some(keyed) => self.group_of(keyed.under),
                None => group,
            };
            self.appeared(id, node.stage, around);
        }
        self.ready.put_in_order();
        if self.cancelling.looks_at_new() {
            self.cancel_new(self.graph.len() - additions.nodes.len());
        }
        for node in &additions.kept {
            self.graph.nodes[node.index()].kept = true;
        }
        for (position, spec) in additions.rules.iter().enumerate() {
            let scope = if rule.is_some() { firing } else { FiringId::NONE };
            self.register(spec, scope, position as u32);
        }
        if let Some(hashes) = &mut self.path_hashes {
            hashes.extend(&self.graph, &self.rules);
        }
        firing
    }

    #[inline]
    fn new_firing(&mut self, count: u32, rule: RuleId, binding: Binding, above: Option<NodeId>) -> FiringId {
        let firing = self.graph.lineage.next_id();
        let first = NodeId::from_index(self.graph.len());
        let parent = above.unwrap_or(NodeId::NONE);
        let bound = binding.unwrap_or(NodeId::NONE);
        let counts = self.rules.get(rule).is_some_and(|record| record.spec.within.is_some());
        let above = self.graph.times_above(parent);
        let times = if counts { self.graph.lineage.count_one(above, rule) } else { above };
        let depth = self.graph.depth_under(parent);
        self.graph.push_firing(Firing { rule, bound, parent, first, count, times, depth, next: FiringId::NONE });
        firing
    }

    #[inline]
    fn connect(&mut self, child: NodeId, edge: Edge) {
        self.graph.push_parent(child, edge);
        let NodeRecord { state, watched, .. } = self.graph.nodes[edge.from.index()];
        if watched {
            // A predicate may have read its children.
            self.watches.node_changed(edge.from, &mut self.rules, &mut self.ask);
        }
        if !state.is_settled() {
            self.graph.nodes[child.index()].waiting += 1;
        } else if state != NodeState::Succeeded && edge.need.is_success() {
            self.graph.nodes[child.index()].waiting += 1; // never decremented, so the child cannot become ready
            let because = self.graph.culprit(edge.from);
            self.doomed.push_back((child, because));
        }
    }

    #[inline]
    fn appeared(&mut self, node: NodeId, stage: StageId, around: GroupId) {
        self.unsettled += 1;
        self.meet(stage);
        if !self.groups.are_none() {
            self.enter_group(node, stage, around);
        }
        let record = &self.graph.nodes[node.index()];
        let group = record.group;
        if record.keyed {
            self.graph.lineage.note_keyed(node, self.graph.lineage_parent(node));
        }
        self.busy(stage, group);
        let record = &self.graph.nodes[node.index()];
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

    fn enter_group(&mut self, node: NodeId, stage: StageId, around: GroupId) {
        let group = self.groups.enter(node, stage, around);
        self.graph.nodes[node.index()].group = group;
        self.groups.appeared(around, stage);
        self.groups_read(node, stage, around);
        for rule in self.groups.rules_of(stage).to_vec() {
            self.bind_group(rule, group);
        }
    }

    /// Adds the declared additions of a stage's nodes, and transitively those of the added stages.
    #[inline]
    pub(crate) fn meet(&mut self, stage: StageId) {
        if !self.closing.has_met(stage) {
            self.meet_first(stage);
        }
    }

    #[cold]
    fn meet_first(&mut self, stage: StageId) {
        let mut todo = vec![stage];
        while let Some(stage) = todo.pop() {
            let info = self.graph.stage_info(stage);
            if info.rank.is_some_and(Rank::has_priority) {
                self.let_ranks_decide();
            }
            let Some(adds) = info.adds else {
                self.closing.meet(stage, None);
                continue;
            };
            if self.closing.meet(stage, Some(adds)) {
                for addition in adds.list() {
                    self.declare_keying(addition.keying);
                    todo.push(addition.stage);
                }
            }
        }
    }

    /// Makes the stage of a key's scope a kind of group, so that the enclosing node can be found.
    pub(crate) fn declare_keying(&mut self, keying: Keying) {
        if let Keying::Under(group) = keying {
            self.groups.declare(group);
        }
    }
}
