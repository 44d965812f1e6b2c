//! Which outputs nobody can read any more: see `Machine::next_unread`.

use crate::dag::base::declared_additions::Adds;
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::{Condition, Each, RuleSpec};

impl Machine {
    /// A node whose output can be dropped: some node needed it, every one of those has ended, no armed rule can be
    /// given it, and it is not kept. The program's own nodes are kept, and so are those of [kept](Self::keep) stages.
    #[must_use]
    pub fn next_unread(&mut self) -> Option<NodeId> {
        self.reading.next()
    }

    /// Keeps the outputs of all nodes of a stage that are still to be added.
    pub fn keep(&mut self, stage: StageId) {
        self.reading.keep(stage);
    }

    /// Looks whether somebody can still read a node.
    #[inline]
    pub(crate) fn look_unread(&mut self, node: NodeId) {
        let record = &self.graph.nodes[node.index()];
        let over = record.taken && record.readers == 0 && record.bindings == 0;
        if over && !record.kept && !record.dropped && record.state == NodeState::Succeeded {
            let stage = record.stage;
            if self.reading.has_names() && self.is_read_by_name(node) {
                return;
            }
            let unread = self.reading.is_unread(node, stage);
            self.graph.nodes[node.index()].dropped = unread;
        }
    }

    /// Whether a rule will be given a node by its name.
    #[cold]
    fn is_read_by_name(&mut self, node: NodeId) -> bool {
        self.graph.given_name(node).is_some_and(|name| self.reading.is_read_by_name(name, node))
    }

    fn reader_goes(&mut self, node: NodeId) {
        let record = &mut self.graph.nodes[node.index()];
        record.readers = record.readers.saturating_sub(1);
        self.look_unread(node);
    }

    fn reader_comes(&mut self, node: NodeId) {
        self.graph.nodes[node.index()].readers += 1;
    }

    /// A node has ended, and reads nothing any more.
    #[inline]
    pub(crate) fn release_parents(&mut self, child: NodeId) {
        let record = &self.graph.nodes[child.index()];
        if record.frees {
            // Of a list that is broken, who gathers it reads the elements.
            let broken = record.open && record.state != NodeState::Succeeded;
            let elements = self.graph.gathered(child).filter(|_| !broken);
            for edge in self.graph.edges_of(child) {
                let edge = self.graph.edge(edge);
                if edge.need.reads() {
                    self.reader_goes(edge.from);
                }
            }
            elements.into_iter().flatten().for_each(|element| self.reader_goes(element));
        }
    }

    /// A rule is armed, and will be given what it waits for.
    pub(crate) fn rule_reads(&mut self, rule: RuleId, spec: &RuleSpec) {
        if self.reads_anything(rule, spec) {
            self.reading.anything_comes();
        }
        stages_read(spec).for_each(|stage| self.reading.stage_comes(stage));
        nodes_read(spec).for_each(|node| self.reader_comes(node));
        names_read(spec).for_each(|name| self.reading.name_comes(name));
    }

    /// A rule will not fire again.
    pub(crate) fn rule_reads_no_more(&mut self, rule: RuleId) {
        let spec = &self.rules.records[rule.index()].spec;
        let mut freed = Vec::new();
        if self.reads_anything(rule, spec) {
            freed = self.reading.anything_goes();
        }
        for stage in stages_read(spec) {
            freed.extend(self.reading.stage_goes(stage));
        }
        for name in names_read(spec) {
            freed.extend(self.reading.name_goes(name));
        }
        freed.into_iter().for_each(|node| self.look_unread(node));
        let mut place = 0;
        while let Some(condition) = self.rules.condition(rule, place) {
            condition.node().into_iter().for_each(|node| self.reader_goes(node));
            place += 1;
        }
    }

    /// Whether what a rule reads cannot be known: it asks a predicate, it may register a rule that nobody knows, or its
    /// functions hold handles that bodies gave them.
    fn reads_anything(&self, rule: RuleId, spec: &RuleSpec) -> bool {
        let nested = self.rules.scope(rule).is_some();
        let stashes = spec.captures && (nested || (spec.each != Each::Once && spec.adds == Adds::Anything));
        spec.predicate || spec.registers || stashes
    }

    /// A rule that waits below a group will be given what is there.
    pub(crate) fn group_reads(&mut self, rule: RuleId, group: GroupId) {
        let Some(node) = self.groups.get(group).map(|group| group.node) else { return };
        self.reader_comes(node);
        self.read_below(rule, node).into_iter().for_each(|below| self.reader_comes(below));
    }

    pub(crate) fn group_reads_no_more(&mut self, rule: RuleId, group: GroupId) {
        let Some(node) = self.groups.get(group).map(|group| group.node) else { return };
        self.read_below(rule, node).into_iter().for_each(|below| self.reader_goes(below));
        self.reader_goes(node);
    }

    /// The nodes below a group that a rule will be given, in no order.
    fn read_below(&self, rule: RuleId, node: NodeId) -> Vec<NodeId> {
        let spec = &self.rules.records[rule.index()].spec;
        if spec.below().all(|stage| self.has_none_below(node, stage)) {
            return Vec::new();
        }
        let is_read = |below: &NodeId| {
            let stage = self.graph.nodes[below.index()].stage;
            *below != node && spec.below().any(|read| read == stage)
        };
        self.graph.all_below(node).filter(is_read).collect()
    }

    /// A node has appeared below groups, where rules wait for its stage.
    pub(crate) fn groups_read(&mut self, node: NodeId, stage: StageId, around: GroupId) {
        let counts =
            self.groups.counted(around).filter_map(|(_, group)| group.counts.get(self.groups.place(group, stage)?));
        let readers: u32 = counts.map(|count| count.readers).sum();
        self.graph.nodes[node.index()].readers += readers;
    }
}

/// The stages whose nodes a rule is given all at once, or knows from earlier firings.
fn stages_read(spec: &RuleSpec) -> impl Iterator<Item = StageId> {
    let listed = spec.conditions.iter().filter_map(Condition::stage);
    let each = spec.each.stage();
    let stashed = each.into_iter().chain(spec.below()).chain(spec.adds.list().iter().map(|addition| addition.stage));
    let stashed = stashed.filter(move |_| spec.captures && each.is_some());
    listed.chain(spec.reads.iter().copied()).chain(stashed)
}

/// The names of the nodes that a rule will be given.
fn names_read(spec: &RuleSpec) -> impl Iterator<Item = &str> {
    spec.conditions.iter().filter_map(Condition::name)
}

/// The nodes that a rule waits for by their handles.
fn nodes_read(spec: &RuleSpec) -> impl Iterator<Item = NodeId> {
    spec.conditions.iter().filter_map(Condition::node)
}
