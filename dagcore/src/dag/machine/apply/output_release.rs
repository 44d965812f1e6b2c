//! Release of outputs that can no longer be read: see `Machine::next_unread`.

use crate::dag::base::declared_additions::Adds;
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::{Condition, Each, RuleSpec};

impl Machine {
    /// Returns a node whose output can be dropped: some node needed it, all of these have settled, no armed rule can
    /// receive it, and it is not kept. Nodes that the program adds are kept, and so are those of [kept](Self::keep)
    /// stages.
    #[must_use]
    pub fn next_unread(&mut self) -> Option<NodeId> {
        self.reading.next()
    }

    /// Keeps the outputs of all nodes of a stage that are still to be added.
    pub fn keep(&mut self, stage: StageId) {
        self.reading.keep(stage);
    }

    /// Marks the output of a node as unread if nothing can read it any more. Called whenever a reader goes.
    #[inline]
    pub(crate) fn look_unread(&mut self, node: NodeId) {
        let record = &self.graph.nodes[node.index()];
        // An output that no node reads is never dropped, so the results at the end of a graph stay readable.
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

    /// Returns `true` if a rule will receive a node by its name.
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

    /// Removes a settled node as a reader of its parents.
    #[inline]
    pub(crate) fn release_parents(&mut self, child: NodeId) {
        let record = &self.graph.nodes[child.index()];
        if record.frees {
            // If the list is broken, the dependents that gather it read the elements themselves, so these keep their
            // readers.
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

    /// Counts an armed rule as a reader of what it will receive.
    pub(crate) fn rule_reads(&mut self, rule: RuleId, spec: &RuleSpec) {
        if self.reads_anything(rule, spec) {
            self.reading.anything_comes();
        }
        stages_read(spec).for_each(|stage| self.reading.stage_comes(stage));
        nodes_read(spec).for_each(|node| self.reader_comes(node));
        names_read(spec).for_each(|name| self.reading.name_comes(name));
    }

    /// Removes a rule that will not fire again as a reader.
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

    /// Returns `true` if the reads of a rule cannot be known: it has a predicate, may register a rule that it does not
    /// name, or its functions hold handles that other bodies passed to them.
    fn reads_anything(&self, rule: RuleId, spec: &RuleSpec) -> bool {
        let nested = self.rules.scope(rule).is_some();
        let stashes = spec.captures && (nested || (spec.each != Each::Once && spec.adds == Adds::Anything));
        spec.predicate || spec.registers || stashes
    }

    /// Counts a rule that waits below a group as a reader of the nodes there.
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

    /// Returns the nodes below a group that a rule will receive, in an unspecified order.
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

    /// Counts the rules that wait for a new node's stage below its enclosing groups as readers.
    pub(crate) fn groups_read(&mut self, node: NodeId, stage: StageId, around: GroupId) {
        let counts =
            self.groups.counted(around).filter_map(|(_, group)| group.counts.get(self.groups.place(group, stage)?));
        let readers: u32 = counts.map(|count| count.readers).sum();
        self.graph.nodes[node.index()].readers += readers;
    }
}

/// The stages whose nodes a rule receives all at once, or may hold from earlier firings.
fn stages_read(spec: &RuleSpec) -> impl Iterator<Item = StageId> {
    let listed = spec.conditions.iter().filter_map(Condition::stage);
    let each = spec.each.stage();
    let stashed = each.into_iter().chain(spec.below()).chain(spec.adds.list().iter().map(|addition| addition.stage));
    let stashed = stashed.filter(move |_| spec.captures && each.is_some());
    listed.chain(spec.reads.iter().copied()).chain(stashed)
}

/// The names of the nodes that a rule will receive.
fn names_read(spec: &RuleSpec) -> impl Iterator<Item = &str> {
    spec.conditions.iter().filter_map(Condition::name)
}

/// The nodes that a rule waits for by their handles.
fn nodes_read(spec: &RuleSpec) -> impl Iterator<Item = NodeId> {
    spec.conditions.iter().filter_map(Condition::node)
}
