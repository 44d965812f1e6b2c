//! The known program, by stage and by rule: the stages, what the program adds of each, and what each rule reads and
//! adds; for a run, also the actual numbers.

use super::arrow::ArrowKind;
use super::facts::{Facts, NodeFact, RuleFact};
use super::parts::StageCount;
use super::stages::{Declared, Stages};
use crate::dag::base::ids::{NodeId, StageId};
use crate::dag::base::node_state::NodeState;
use crate::dag::base::stage_info::StageInfo;
use crate::dag::graph::lineage::AddedBy;
use crate::dag::rules::rule_spec::{Below, Condition, Each, RuleSpec};
use std::collections::{BTreeMap, BTreeSet};

/// The known program. Stages and rules are identified by their indices here.
pub(super) struct Known<'a> {
    pub(super) stages: Vec<KnownStage>,
    pub(super) rules: Vec<KnownRule<'a>>,
    /// The pairs of stages that edges between the program's nodes connect; `true` if an edge needs success.
    pub(super) edges: BTreeMap<(usize, usize), bool>,
    /// The number of nodes of the second stage that running nodes of the first have added.
    pub(super) grown: BTreeMap<(usize, usize), usize>,
    pub(super) begun: bool,
}

pub(super) struct KnownStage {
    pub(super) id: StageId,
    pub(super) info: StageInfo,
    /// The number of nodes that the program adds.
    pub(super) program: usize,
    /// `true` if the program may append further nodes to the run.
    pub(super) appendable: bool,
    pub(super) actual: StageCount,
    /// The declared additions of its running nodes.
    pub(super) adds: Declared,
}

/// A rule, merged with all equivalent ones.
pub(super) struct KnownRule<'a> {
    pub(super) spec: &'a RuleSpec,
    pub(super) nested: bool,
    pub(super) members: usize,
    pub(super) fired: u64,
    /// `true` if its conditions certainly come true.
    pub(super) certain: bool,
    /// The stages that it waits for.
    pub(super) looks: Vec<(usize, ArrowKind)>,
    pub(super) names: BTreeSet<&'a str>,
    pub(super) adds: Declared,
    /// The number of rules that its bodies have registered, by rule.
    pub(super) registers: BTreeMap<usize, usize>,
    /// The number of nodes that its bodies have added, by stage.
    pub(super) added: BTreeMap<usize, usize>,
}

impl KnownRule<'_> {
    /// Returns the stage for whose nodes it fires.
    pub(super) fn each(&self) -> Option<usize> {
        let each = |kind: &ArrowKind| matches!(kind, ArrowKind::Each | ArrowKind::EachFailed | ArrowKind::BelowEach);
        self.looks.iter().find(|(_, kind)| each(kind)).map(|(stage, _)| *stage)
    }
}

impl<'a> Known<'a> {
    pub(super) fn new(facts: &'a Facts<'a>) -> Self {
        let mut rules: Vec<usize> = (0..facts.rules.len()).collect();
        // Bodies register rules in an order that depends on time, which must not be visible.
        rules.sort_by_key(|rule| match &facts.rules[*rule] {
            RuleFact { by: None, .. } => (false, ""),
            RuleFact { spec, .. } => (true, &*spec.name),
        });
        let stages = Stages::new(facts, &rules);
        let mut known = Self {
            rules: Vec::new(),
            edges: BTreeMap::new(),
            grown: BTreeMap::new(),
            stages: stages.list.iter().map(|id| stage(&stages, facts, *id)).collect(),
            begun: facts.begun,
        };
        let mut names: BTreeMap<&str, NodeId> = BTreeMap::new();
        for (index, node) in facts.nodes.iter().enumerate() {
            known.count(&stages, node);
            node.name.map(|name| names.entry(name).or_insert(NodeId::from_index(index)));
        }
        let group_of = known.group(&stages, &rules, &names);
        known.happened(&stages, &group_of);
        known
    }

    fn count(&mut self, stages: &Stages<'_>, node: &NodeFact<'_>) {
        let Some(stage) = stages.place(node.stage).filter(|_| !node.open) else { return };
        let KnownStage { program, actual, .. } = &mut self.stages[stage];
        *program += usize::from(node.by == AddedBy::Program);
        actual.nodes += 1;
        match node.state {
            NodeState::Succeeded => actual.succeeded += 1,
            NodeState::Failed => actual.failed += 1,
            NodeState::Skipped => actual.skipped += 1,
            NodeState::Cancelled => actual.cancelled += 1,
            state => actual.unsettled += usize::from(!state.is_settled()),
        }
    }

    /// Adds the rules, merging equivalent ones. Returns the index of each.
    fn group(&mut self, stages: &Stages<'a>, order: &[usize], names: &BTreeMap<&str, NodeId>) -> Vec<usize> {
        let mut group_of = vec![0; order.len()];
        let mut by_name: BTreeMap<(&str, bool), Vec<usize>> = BTreeMap::new();
        for index in order {
            let RuleFact { spec, by, fired } = stages.facts.rules[*index];
            let same_name = by_name.entry((&spec.name, by.is_some())).or_default();
            let known = same_name.iter().copied().find(|place| alike(self.rules[*place].spec, spec));
            let place = known.unwrap_or_else(|| {
                same_name.push(self.rules.len());
                self.rules.push(KnownRule {
                    spec,
                    nested: by.is_some(),
                    members: 0,
                    fired: 0,
                    certain: true,
                    looks: stages.standing_looks(spec),
                    names: BTreeSet::new(),
                    adds: stages.declared(Some(&spec.adds)),
                    registers: BTreeMap::new(),
                    added: BTreeMap::new(),
                });
                self.rules.len() - 1
            });
            group_of[*index] = place;
            let certain = spec.conditions.iter().all(|condition| self.is_certain(stages, names, condition));
            let rule = &mut self.rules[place];
            rule.members += 1;
            rule.fired += u64::from(fired);
            rule.certain &= certain && comes_for_all(spec);
            for condition in &spec.conditions {
                if let Condition::Named(name) = condition {
                    rule.names.insert(name);
                }
                for look in stages.looks(condition, names) {
                    note(&mut rule.looks, look);
                }
            }
        }
        group_of
    }

    /// Counts the actual additions of rules and running nodes.
    fn happened(&mut self, stages: &Stages<'_>, group_of: &[usize]) {
        let facts = stages.facts;
        for (rule, by) in facts.rules.iter().enumerate().filter_map(|(rule, fact)| Some((rule, fact.by?))) {
            *self.rules[group_of[by]].registers.entry(group_of[rule]).or_default() += 1;
        }
        for node in facts.nodes.iter().filter(|node| !node.open) {
            let Some(stage) = stages.place(node.stage) else { continue };
            match node.by {
                AddedBy::Program => {}
                AddedBy::Rule(rule) => *self.rules[group_of[rule.index()]].added.entry(stage).or_default() += 1,
                AddedBy::Node(inside) => {
                    for from in stages.of_node(inside) {
                        *self.grown.entry((from, stage)).or_default() += 1;
                    }
                }
            }
        }
        // Lists of maps are left out: their dependencies appear as the conditions of the rule that feeds them.
        for (child, edge) in facts.edges.iter().filter(|(child, _)| !facts.nodes[child.index()].open) {
            for to in stages.of_node(*child) {
                for from in stages.of_node(edge.from) {
                    *self.edges.entry((from, to)).or_default() |= edge.need.is_success();
                }
            }
        }
    }

    /// Returns `true` if a condition certainly comes true, because of what the program itself adds.
    fn is_certain(&self, stages: &Stages<'_>, names: &BTreeMap<&str, NodeId>, condition: &Condition) -> bool {
        match condition {
            Condition::Closed(_) | Condition::Settled(_) => true,
            Condition::Count(stage, wanted) => {
                *wanted <= stages.place(*stage).map_or(0, |stage| self.stages[stage].program)
            }
            Condition::CountDone(_, wanted) => *wanted == 0,
            Condition::Named(name) => names.contains_key(name.as_str()),
            Condition::Done(_) | Condition::Failed(_) => false,
        }
    }
}

fn stage(stages: &Stages<'_>, facts: &Facts<'_>, id: StageId) -> KnownStage {
    let info = facts.describe(id);
    let (appendable, adds) = (facts.is_appendable(id), stages.declared(info.adds));
    KnownStage { id, info, program: 0, appendable, actual: StageCount::default(), adds }
}

/// Returns `true` if only its conditions can keep a rule from firing for all the nodes that it applies to.
fn comes_for_all(spec: &RuleSpec) -> bool {
    let each = matches!(spec.each, Each::Once | Each::Under(_));
    each && !spec.predicate && spec.under.iter().all(|(_, below)| *below != Below::Done)
}

/// Returns `true` if two rules with one name differ at most in the nodes, numbers and names that they wait for.
fn alike(one: &RuleSpec, other: &RuleSpec) -> bool {
    let conditions = || one.conditions.iter().zip(&other.conditions);
    one.each == other.each
        && one.under == other.under
        && one.adds == other.adds
        && one.within == other.within
        && one.predicate == other.predicate
        && one.conditions.len() == other.conditions.len()
        && conditions().all(|(one, other)| match (one, other) {
            (Condition::Count(stage, _), Condition::Count(same, _))
            | (Condition::CountDone(stage, _), Condition::CountDone(same, _))
            | (Condition::Closed(stage), Condition::Closed(same)) => stage == same,
            (Condition::Done(_), Condition::Done(_))
            | (Condition::Settled(_), Condition::Settled(_))
            | (Condition::Failed(_), Condition::Failed(_))
            | (Condition::Named(_), Condition::Named(_)) => true,
            _ => false,
        })
}

/// Adds a stage that a rule waits for. Of several counts the smallest is kept: it decides when the first of the rules
/// can fire.
fn note(looks: &mut Vec<(usize, ArrowKind)>, (stage, kind): (usize, ArrowKind)) {
    for (_, known) in looks.iter_mut().filter(|(known, _)| *known == stage) {
        match (&mut *known, kind) {
            (ArrowKind::Count(least), ArrowKind::Count(wanted))
            | (ArrowKind::CountDone(least), ArrowKind::CountDone(wanted)) => {
                *least = wanted.min(*least);
                return;
            }
            (known, kind) if *known == kind => return,
            _ => {}
        }
    }
    looks.push((stage, kind));
}
