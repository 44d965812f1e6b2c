//! Validates additions from outside during a run against the closed stages.
//!
//! Additions of rules and running nodes are declared in advance, so they keep stages open. Additions from outside are
//! not: a node added from outside must not be of a closed stage, nor lead to one later, when the error would name a
//! rule that is not at fault.

use super::refused::Refused;
use crate::dag::base::declared_additions::Adds;
use crate::dag::base::escaping::Name;
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{NodeId, StageId};
use crate::dag::graph::additions::Additions;
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::{Each, RuleSpec};
use std::collections::BTreeSet;

impl Machine {
    /// Sets whether nodes and rules may still be added from outside, which is so while the program holds a handle to
    /// append with.
    pub(crate) fn accept_outside(&mut self, accepts: bool) {
        self.accepts_outside = accepts;
    }

    /// Returns `true` if additions from outside are accepted.
    pub(crate) fn accepts_outside(&self) -> bool {
        self.accepts_outside
    }

    /// Returns `true` if nodes of a stage may still be added from outside: as long as additions from outside are
    /// accepted at all, this holds for every stage that has not closed. It also holds for a stage whose nodes would be
    /// refused now because they lead to a closed stage.
    pub(crate) fn is_appendable(&self, stage: StageId) -> bool {
        self.accepts_outside && self.ended.is_none() && !self.is_cancelled() && !self.is_closed(stage)
    }

    /// Refuses additions from outside that lead to a closed stage.
    #[cold]
    pub(crate) fn check_outside(&self, additions: &Additions) -> Result<(), Refused> {
        for closed in self.closing.met().filter(|stage| self.is_closed(*stage)) {
            let leading = self.closing.leading_to(closed);
            let leads = |from: StageId| self.may_lead(from, closed, &leading, additions);
            let mut nodes = additions.nodes.iter().filter(|node| !node.open);
            if let Some(node) = nodes.find(|node| leads(node.stage)) {
                let what = format!("a `{}`, for which one may be added", self.graph.stage_info(node.stage).name);
                return Err(self.leads_to_closed(&what, closed, None));
            }
            for rule in &additions.rules {
                if rule.adds.may_bring(closed, leads) {
                    return Err(self.rule_leads_to_closed(rule, closed, None));
                }
            }
        }
        additions.rules.iter().try_for_each(|rule| self.check_outside_below(rule, additions))
    }

    /// Refuses a rule from outside that may add to a stage which has closed below a node.
    fn check_outside_below(&self, rule: &RuleSpec, additions: &Additions) -> Result<(), Refused> {
        for stage in self.groups.all_watched() {
            let leading = self.closing.leading_to(stage);
            // Checked first: for most rules, no group needs to be visited.
            if !rule.adds.may_bring(stage, |from| self.may_lead(from, stage, &leading, additions)) {
                continue;
            }
            for (id, group) in self.groups.all() {
                let count = self.groups.place(group, stage).map(|place| group.counts[place]);
                if count.is_some_and(|count| count.closed.is_some()) && self.may_add_inside(rule, id) {
                    return Err(self.rule_leads_to_closed(rule, stage, Some(group.node)));
                }
            }
        }
        Ok(())
    }

    /// Returns `true` if the additions of a rule may be inside a group: below a node that the rule is applied to, or,
    /// for a rule that fires once, below the node that it waits for.
    fn may_add_inside(&self, rule: &RuleSpec, group: GroupId) -> bool {
        let is_inside = |node: NodeId| self.groups.chain(self.group_of(Some(node))).any(|(around, _)| around == group);
        match rule.each.stage() {
            Some(each) => {
                self.graph.nodes_of(each).iter().any(|node| is_inside(*node)) || !self.kept_open(each, group).is_empty()
            }
            None => rule.about().is_some_and(is_inside),
        }
    }

    /// Returns `true` if nodes of `from` may bring about a node of `to`: through registered rules, through rules added
    /// in the same batch, or through additions of running nodes, including those of stages that the run has not met.
    fn may_lead(&self, from: StageId, to: StageId, leading: &[bool], with: &Additions) -> bool {
        let (mut seen, mut todo) = (BTreeSet::new(), vec![from]);
        while let Some(stage) = todo.pop() {
            if leading.get(stage.index()).copied().unwrap_or(false) {
                return true;
            }
            if !seen.insert(stage) {
                continue;
            }
            let by_rules = with.rules.iter().filter(|rule| rule.each.stage() == Some(stage)).map(|rule| &rule.adds);
            let known = self.closing.adds_for_each(stage).unwrap_or_default();
            todo.extend(known);
            for adds in by_rules.chain(self.graph.stage_info(stage).adds) {
                if adds.may_bring(to, |_| false) {
                    return true;
                }
                todo.extend(adds.list().iter().map(|addition| addition.stage));
            }
        }
        false
    }

    fn rule_leads_to_closed(&self, rule: &RuleSpec, closed: StageId, below: Option<NodeId>) -> Refused {
        let name = Name(&rule.name);
        if rule.adds == Adds::Anything {
            let what = format!("rule `{name}`, which does not say what it adds, and so may add one");
            let why = format!("{}; or write `adds [..]` in the rule", self.leads_to_closed(&what, closed, below).why());
            return Refused::Closed { stage: closed, why };
        }
        let applied = if rule.each == Each::Once { "may add one" } else { "may add one when it is applied" };
        self.leads_to_closed(&format!("rule `{name}`, which {applied}"), closed, below)
    }

    fn leads_to_closed(&self, what: &str, closed: StageId, below: Option<NodeId>) -> Refused {
        let stage = self.graph.stage_info(closed).name;
        let below = below.map_or(String::new(), |node| format!(" below `{}`", Name(&self.graph.name(node))));
        let by = self.closed_by(closed);
        let why = format!(
            "`{stage}` has closed{below}{by}, and this appends {what}: append it before that, or keep `{stage}` open meanwhile \
             with a node of a stage that leads to it"
        );
        Refused::Closed { stage: closed, why }
    }
}
