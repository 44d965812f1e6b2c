//! The progress of the run, counted on demand.
//!
//! Whether a stage may grow is decided here more precisely than by the counters of `closing`, and for every stage: a
//! node that a rule has found is checked against that rule's additions, and rules that can never fire do not count. So
//! a stage that has a total keeps it, whichever rules are registered later.

use super::open_because::distinct;
use crate::dag::base::declared_additions::Adds;
use crate::dag::base::first_few::Few;
use crate::dag::base::ids::{RuleId, StageId};
use crate::dag::explain::progress::{Counts, Progress, StageProgress};
use crate::dag::graph::records::StageNodes;
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::Each;
use crate::dag::rules::rule_table::RuleRecord;
use std::collections::BTreeSet;

impl Machine {
    /// Returns the progress of the run. Visits every rule and firing, and every node of a stage that has not fully
    /// succeeded; nothing is counted in advance for this.
    pub fn progress(&self) -> Progress {
        let by_stage: Vec<Counts> = self.graph.stages.iter().map(|stage| self.count(stage)).collect();
        let mut all = Counts::default();
        by_stage.iter().for_each(|stage| all.add(stage));
        let ways = self.ways(&by_stage);
        let stages = self.closing.met().map(|stage| self.stage_progress(stage, &by_stage, &ways));
        Progress::new(all, stages.collect(), self.graph.lineage.growths())
    }

    fn count(&self, stage: &StageNodes) -> Counts {
        let mut counts = Counts { known: stage.nodes.len(), ..Counts::default() };
        if stage.succeeded == stage.nodes.len() {
            counts.succeeded = stage.succeeded;
        } else {
            stage.nodes.iter().for_each(|node| *counts.in_state(self.graph.nodes[node.index()].state) += 1);
        }
        counts
    }

    fn stage_progress(&self, stage: StageId, by_stage: &[Counts], ways: &Ways<'_>) -> StageProgress {
        // The list of a map is not a stage of the user and is declared nowhere: every rule that adds anything may add
        // one.
        let is_list = self.graph.is_of_lists(stage);
        let leading = ways.leading_to(stage);
        let may_add = |(_, rule): &&(RuleId, &RuleRecord)| {
            let undeclared = is_list && rule.spec.feeds.is_none() && rule.spec.adds != Adds::Only(Vec::new());
            undeclared || rule.spec.adds.may_bring(stage, |from| leading.contains(&from))
        };
        let rules = distinct(ways.rules.iter().filter(may_add).map(|(_, rule)| &*rule.spec.name));
        let before = self.closing.met().filter(|from| leading.contains(from) && is_at_work(by_stage, *from));
        let stages = Few::of(before, |from| self.graph.stage_info(from).name.to_owned());
        let appendable = self.is_appendable(stage);
        let may_grow = !self.started || !rules.is_empty() || !stages.is_empty() || appendable;
        let nodes = by_stage.get(stage.index()).copied().unwrap_or_default();
        let name = self.graph.stage_info(stage).name;
        let open = StageProgress { stage: name, nodes, total: None, rules, stages, appendable };
        if may_grow && self.ended.is_none() && !self.is_closed(stage) {
            return open;
        }
        let (rules, stages) = (Few::default(), Few::default());
        StageProgress { total: Some(nodes.known), rules, stages, appendable: false, ..open }
    }

    /// Computes the possible additions as a fixpoint: the additions of one rule let further rules fire, until nothing
    /// is new.
    fn ways(&self, by_stage: &[Counts]) -> Ways<'_> {
        let mut ways = Ways::default();
        let mut rules: Vec<(RuleId, &RuleRecord)> = self.armed().collect();
        let growing = self.closing.met().filter_map(|stage| Some((stage, self.graph.stage_info(stage).adds?)));
        let mut growing: Vec<(StageId, &Adds)> = growing.collect();
        let mut known = usize::MAX;
        while std::mem::replace(&mut known, rules.len() + growing.len()) != rules.len() + growing.len() {
            rules.retain(|(rule, record)| {
                let fires = self.may_fire(*rule, record, by_stage, &ways);
                if fires {
                    ways.rules.push((*rule, record));
                    ways.open(record.spec.each.stage(), &record.spec.adds);
                }
                !fires
            });
            growing.retain(|(stage, adds)| {
                let grows = is_at_work(by_stage, *stage) || ways.is_open(*stage);
                if grows {
                    ways.open(Some(*stage), adds);
                }
                !grows
            });
        }
        ways.rules.sort_unstable_by_key(|(rule, _)| *rule);
        ways
    }

    /// Returns `true` if a rule may fire; for a rule that fires for each node of a stage, if such a node may exist.
    fn may_fire(&self, rule: RuleId, record: &RuleRecord, by_stage: &[Counts], ways: &Ways<'_>) -> bool {
        match record.spec.each {
            Each::Once => true,
            Each::Succeeded(stage) | Each::Failed(stage) => {
                let found = || self.closing.is_busy(stage) && self.pending(rule, record).next().is_some();
                is_at_work(by_stage, stage) || ways.is_open(stage) || found()
            }
            Each::Under(stage) => ways.is_open(stage) || self.groups.of(stage).any(|(_, group)| group.waits(rule)),
        }
    }
}

/// The possible additions, with their origins.
#[derive(Default)]
struct Ways<'a> {
    /// Rules that may still fire.
    rules: Vec<(RuleId, &'a RuleRecord)>,
    /// The possible additions for each node of a stage, or by it, where there may still be such a node.
    steps: Vec<(StageId, &'a Adds)>,
    /// The stages that may grow.
    open: BTreeSet<StageId>,
    /// `true` if all stages may grow.
    anything: bool,
}

impl<'a> Ways<'a> {
    fn open(&mut self, from: Option<StageId>, adds: &'a Adds) {
        self.steps.extend(from.map(|from| (from, adds)));
        self.open.extend(adds.list().iter().map(|addition| addition.stage));
        self.anything |= *adds == Adds::Anything;
    }

    fn is_open(&self, stage: StageId) -> bool {
        self.anything || self.open.contains(&stage)
    }

    /// Returns the stages whose nodes may bring about a node of `stage`.
    fn leading_to(&self, stage: StageId) -> BTreeSet<StageId> {
        let mut leading = BTreeSet::new();
        let mut known = usize::MAX;
        while std::mem::replace(&mut known, leading.len()) != leading.len() {
            for (from, adds) in &self.steps {
                if adds.may_bring(stage, |from| leading.contains(&from)) {
                    leading.insert(*from);
                }
            }
        }
        leading
    }
}

/// Returns `true` if a stage has unsettled nodes.
fn is_at_work(by_stage: &[Counts], stage: StageId) -> bool {
    by_stage.get(stage.index()).is_some_and(|nodes| nodes.settled() < nodes.known)
}
