//! The sources that keep a stage open. The counters only count them; this lists them on demand.

use crate::dag::base::declared_additions::Adds;
use crate::dag::base::first_few::Few;
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{RuleId, StageId};
use crate::dag::explain::kept_open::{KeptOpen, Pending};
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::Each;
use crate::dag::rules::rule_table::{Phase, RuleRecord};
use std::collections::BTreeSet;

impl Machine {
    /// Returns the sources that keep a stage open, inside a group or in the whole run.
    pub(crate) fn kept_open(&self, stage: StageId, within: GroupId) -> KeptOpen {
        let leading = self.closing.leading_to(stage);
        let leads = |from: StageId| leading.get(from.index()).copied().unwrap_or(false);
        let may_bring = |adds: &Adds| adds.may_bring(stage, leads);
        let inside = |group: GroupId| within == GroupId::NONE || self.groups.chain(group).any(|(id, _)| id == within);
        let node_inside = |index: usize| inside(self.graph.nodes[index].group);
        let nodes = self.closing.met().filter(|from| leads(*from));
        let nodes = nodes.flat_map(|stage| self.graph.nodes_of(stage).iter().copied());
        let unsettled = nodes.filter(|node| !self.is_settled(*node) && node_inside(node.index()));
        let (mut rules, mut found, mut below) = (Vec::new(), Vec::new(), Vec::new());
        for (rule, record) in self.armed() {
            let name = &*record.spec.name;
            match record.spec.each {
                Each::Once if may_bring(&record.spec.adds) && inside(self.group_of_rule(rule)) => rules.push(name),
                Each::Once => {}
                Each::Succeeded(stage) | Each::Failed(stage) => {
                    let pending = self.pending(rule, record).filter(|node| node_inside(node.index()));
                    found.push((name, if leads(stage) { pending.count() } else { 0 }));
                }
                Each::Under(stage) => {
                    let groups = self.groups.of(stage).filter(|(id, _)| inside(*id));
                    let waiting = groups.filter(|(_, group)| group.waits(rule));
                    below.push((name, if may_bring(&record.spec.adds) { waiting.count() } else { 0 }));
                }
            }
        }
        let pending = |list: Vec<(&str, usize)>| {
            Few::of(list.into_iter().filter(|(_, count)| *count > 0), |(name, count)| Pending::new(name, count))
        };
        KeptOpen {
            nodes: Few::of(unsettled, |node| self.now(node)),
            rules: distinct(rules),
            found: pending(found),
            below: pending(below),
        }
    }

    /// Iterates over the rules that are armed or due.
    pub(crate) fn armed(&self) -> impl Iterator<Item = (RuleId, &RuleRecord)> {
        let records = self.rules.records.iter().enumerate();
        let armed = records.filter(|(_, record)| matches!(record.phase, Phase::Armed | Phase::Due));
        armed.map(|(index, record)| (RuleId::from_index(index), record))
    }
}

/// Deduplicates names: several rules with one name, from one place in the program, are listed once.
pub(crate) fn distinct<'a>(names: impl IntoIterator<Item = &'a str>) -> Few<String> {
    let mut seen = BTreeSet::new();
    Few::of(names.into_iter().filter(|name| seen.insert(*name)), str::to_owned)
}
