//! Rules that fire once for each group when the conditions below it hold; and the sources that keep a stage open, in
//! the whole run and below groups.

use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use crate::dag::closing::groups::{Closed, Wait};
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::{Below, Each};
use crate::dag::rules::rule_table::{Phase, RuleRecord};

impl Machine {
    /// Counts a source of the stages that `stage` leads to: an unsettled node, or a binding that has not fired. Nothing
    /// is counted below groups while the counters are stale, because `recount` follows.
    #[inline]
    pub(crate) fn busy(&mut self, stage: StageId, group: GroupId) {
        self.closing.busy(stage);
        if group != GroupId::NONE && !self.closing.is_stale() && self.closing.leads_anywhere(stage) {
            self.groups.sources_come(group, 1, |watched| self.closing.leads(stage, watched));
        }
    }

    #[inline]
    pub(crate) fn idle(&mut self, stage: StageId, group: GroupId) {
        self.closing.idle(stage);
        if group != GroupId::NONE && !self.closing.is_stale() && self.closing.leads_anywhere(stage) {
            self.groups.source_goes(group, |watched| self.closing.leads(stage, watched));
        }
    }

    /// Counts a rule that can still be applied as a source; its additions will be inside the group.
    fn arm(&mut self, rule: RuleId, group: GroupId) {
        let adds = &self.rules.records[rule.index()].spec.adds;
        self.closing.arm(adds);
        if group != GroupId::NONE && !self.closing.is_stale() {
            self.groups.sources_come(group, 1, |watched| self.closing.may_bring(adds, watched));
        }
    }

    fn disarm(&mut self, rule: RuleId, group: GroupId) {
        let adds = &self.rules.records[rule.index()].spec.adds;
        self.closing.disarm(adds);
        if group != GroupId::NONE && !self.closing.is_stale() {
            self.groups.source_goes(group, |watched| self.closing.may_bring(adds, watched));
        }
    }

    pub(crate) fn arm_rule(&mut self, rule: RuleId) {
        self.arm(rule, self.group_of_rule(rule));
    }

    pub(crate) fn disarm_rule(&mut self, rule: RuleId) {
        self.disarm(rule, self.group_of_rule(rule));
    }

    /// Returns the group inside which a one-shot rule will add.
    pub(crate) fn group_of_rule(&self, rule: RuleId) -> GroupId {
        self.group_of(self.parent_of_firing(rule, None))
    }

    pub(crate) fn group_of(&self, node: Option<NodeId>) -> GroupId {
        node.and_then(|node| self.graph.nodes.get(node.index())).map_or(GroupId::NONE, |record| record.group)
    }

    /// Starts the wait of a rule below a group.
    pub(crate) fn bind_group(&mut self, rule: RuleId, group: GroupId) {
        let Some(node) = self.groups.get(group).map(|group| group.node) else { return };
        if !self.may_bind(rule, node) {
            return;
        }
        let record = &mut self.rules.records[rule.index()];
        record.incomplete += 1;
        let waits = record.spec.under.len() as u32;
        self.arm(rule, group);
        let Some(entry) = self.groups.get_mut(group) else { return };
        entry.waiting.insert(rule, Wait::For(waits));
        self.count_readers(rule, group, |readers| *readers += 1);
        self.group_reads(rule, group);
        for place in 0..self.groups.get(group).map_or(0, |entry| entry.counts.len()) {
            self.look_below(group, place, Some(rule), true);
        }
    }

    /// Updates the rules that wait for the stage at `place` below a group after its counts changed, or only the rule
    /// `only`, which has just started to wait. `closed` is `true` if the stage has just closed, or if the rule has not
    /// been notified of that.
    pub(crate) fn look_below(&mut self, group: GroupId, place: usize, only: Option<RuleId>, closed: bool) {
        let Some(entry) = self.groups.get(group) else { return };
        let (Some(stage), Some(count)) = (self.groups.watched(entry, place), entry.counts.get(place).copied()) else {
            return;
        };
        let told: Vec<RuleId> = match only {
            Some(rule) => vec![rule],
            None => entry.waiting.iter().filter(|(_, wait)| wait.is_open()).map(|(rule, _)| *rule).collect(),
        };
        for rule in told {
            let waits = &self.rules.records[rule.index()].spec.under;
            let waits: Vec<Below> = waits.iter().filter(|(own, _)| *own == stage).map(|(_, below)| *below).collect();
            let lost = waits.contains(&Below::Done) && count.failed > 0;
            let ended = count.closed.is_some() && count.unsettled == 0;
            let met = waits.iter().filter(|below| match below {
                Below::Closed => closed && count.closed.is_some(),
                Below::Settled | Below::Done => ended,
            });
            let met = met.count() as u32;
            if lost {
                self.finish_group(rule, group);
            } else if met > 0 {
                self.met_below(rule, group, met);
            }
        }
    }

    fn met_below(&mut self, rule: RuleId, group: GroupId, met: u32) {
        let Some(entry) = self.groups.get_mut(group) else { return };
        let node = entry.node;
        let Some(wait) = entry.waiting.get_mut(&rule) else { return };
        let Wait::For(left) = *wait else { return };
        *wait = if left > met { Wait::For(left - met) } else { Wait::Complete };
        if left > met {
            return;
        }
        let record = &mut self.rules.records[rule.index()];
        record.incomplete -= 1;
        if record.unmet == 0 {
            self.push_due(rule, node);
        } else {
            record.held.push(node);
        }
    }

    /// Ends the wait of a rule for a group: it was applied, or never will be.
    pub(crate) fn finish_group(&mut self, rule: RuleId, group: GroupId) {
        let Some(wait) = self.groups.get_mut(group).and_then(|entry| entry.waiting.get_mut(&rule)) else { return };
        let before = std::mem::replace(wait, Wait::Over);
        if before == Wait::Over {
            return;
        }
        let record = &mut self.rules.records[rule.index()];
        record.incomplete -= u32::from(before != Wait::Complete);
        self.disarm(rule, group);
        self.count_readers(rule, group, |readers| *readers -= 1);
        self.group_reads_no_more(rule, group);
    }

    /// Changes the number of rules that wait for stages below a group.
    fn count_readers(&mut self, rule: RuleId, group: GroupId, change: impl Fn(&mut u32)) {
        let Some(entry) = self.groups.get(group) else { return };
        let stages = self.rules.records[rule.index()].spec.below();
        let mut places: Vec<usize> = stages.filter_map(|stage| self.groups.place(entry, stage)).collect();
        places.sort_unstable();
        places.dedup();
        let Some(entry) = self.groups.get_mut(group) else { return };
        places.into_iter().for_each(|place| change(&mut entry.counts[place].readers));
    }

    /// Returns `true` if the counters show that a node has no node of a stage below it, which saves a walk.
    pub(crate) fn has_none_below(&self, node: NodeId, stage: StageId) -> bool {
        let group = self.groups.get(self.group_of(Some(node))).filter(|group| group.node == node);
        let count = group.and_then(|group| group.counts.get(self.groups.place(group, stage)?));
        count.is_some_and(|count| count.nodes == 0)
    }

    /// Returns the progress of a rule with the group that `node` is.
    pub(crate) fn waiting_at(&self, rule: RuleId, node: NodeId) -> Option<(GroupId, Wait)> {
        let id = self.group_of(Some(node));
        let group = self.groups.get(id).filter(|group| group.node == node)?;
        Some((id, *group.waiting.get(&rule)?))
    }

    /// Ends the waits of a rule for all groups.
    pub(crate) fn finish_groups(&mut self, rule: RuleId, stage: StageId) {
        let groups: Vec<GroupId> = self.groups.of(stage).map(|(id, _)| id).collect();
        for group in groups {
            self.finish_group(rule, group);
        }
    }

    pub(crate) fn close_below(&mut self, stage: StageId, node: NodeId, at_rest: bool) {
        let (id, event) = (self.group_of(Some(node)), self.events);
        let place = self.groups.get(id).and_then(|group| self.groups.place(group, stage));
        let (Some(group), Some(place)) = (self.groups.get_mut(id), place) else { return };
        group.counts[place].closed = Some(Closed { event, at_rest });
        self.look_below(id, place, None, true);
    }

    /// Returns how a stage has closed below `from` or an enclosing group.
    pub(crate) fn closed_around(&self, from: GroupId, stage: StageId) -> Option<(NodeId, Closed)> {
        self.groups.counted(from).find_map(|(_, group)| {
            let count = &group.counts[self.groups.place(group, stage)?];
            count.closed.map(|closed| (group.node, closed))
        })
    }

    /// Recomputes the counts below groups after a new relation or a new kind of group. This visits all nodes, and
    /// happens only when a rule or a stage extends the relation.
    pub(crate) fn recount(&mut self) {
        let counted = self.closing.refresh();
        let regrouped = self.groups.take_stale();
        if !(counted || regrouped) || self.groups.are_none() {
            return;
        }
        self.groups.clear();
        for node in self.graph.nodes() {
            // A lineage parent has a smaller id than its children, so its group is up to date already.
            let around = self.group_of(self.graph.lineage_parent(node));
            let record = &self.graph.nodes[node.index()];
            let (stage, state, bindings, known) = (record.stage, record.state, record.bindings, record.group);
            let group = self.groups.enter_again(node, stage, around, known);
            self.graph.nodes[node.index()].group = group;
            self.groups.appeared(around, stage);
            if state.is_settled() {
                self.groups.settled(around, stage, state == NodeState::Succeeded);
            }
            let sources = bindings + u32::from(!state.is_settled());
            if sources > 0 {
                self.groups.sources_come(group, sources, |watched| self.closing.leads(stage, watched));
            }
        }
        for index in 0..self.rules.records.len() {
            let RuleRecord { spec, phase, .. } = &self.rules.records[index];
            if spec.each == Each::Once && matches!(phase, Phase::Armed | Phase::Due) {
                let group = self.group_of_rule(RuleId::from_index(index));
                let adds = &self.rules.records[index].spec.adds;
                self.groups.sources_come(group, 1, |watched| self.closing.may_bring(adds, watched));
            }
        }
        let waiting = self.groups.all().flat_map(|(id, group)| {
            let open = group.waiting.iter().filter(|(_, wait)| **wait != Wait::Over);
            open.map(move |(rule, _)| (id, *rule))
        });
        for (group, rule) in waiting.collect::<Vec<_>>() {
            let adds = &self.rules.records[rule.index()].spec.adds;
            self.groups.sources_come(group, 1, |watched| self.closing.may_bring(adds, watched));
        }
        self.groups.all_are_candidates();
    }
}
