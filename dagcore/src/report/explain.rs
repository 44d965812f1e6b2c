//! Explanations of nodes and rules, and the final progress.

use super::Report;
use crate::dag::{Few, Name, NodeExplanation, NodeId, Progress, RuleExplanation, RuleId, Time, Unfired};
use crate::typed::{AnyNode, Tag};

impl Report {
    /// Returns the rules that never fired, each with the reasons.
    pub fn unfired(&self) -> impl Iterator<Item = (&str, Vec<Unfired>)> {
        let name = |rule: RuleId| self.machine.rule_name(rule);
        self.machine.all_unfired().map(move |(rule, why)| (name(rule), why))
    }

    /// Returns the rules that `within N` kept from firing, each with the nodes that it was not applied to.
    pub fn held_back(&self) -> impl Iterator<Item = (&str, Few<String>)> {
        let rules = (0..self.machine.rules()).map(RuleId::from_index);
        let held = rules.map(|rule| (self.machine.rule_name(rule), self.machine.held_back(rule)));
        held.filter(|(_, nodes)| !nodes.is_empty())
    }

    /// Returns the nodes that had not ended when the run was stopped, in the order in which they were added. Empty if
    /// the run was not stopped.
    pub fn unsettled(&self) -> impl Iterator<Item = NodeExplanation> {
        let graph = self.graph();
        let nodes = graph.nodes().filter(|node| graph.state(*node).is_some_and(|state| !state.is_settled()));
        nodes.filter_map(|node| self.machine.explain(node, self.end()))
    }

    /// Explains how a node ended. For a skipped node, this includes the path to the failure that caused it.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn fails() -> Result<u32, String> {
    ///     Err("no".to_owned())
    /// }
    ///
    /// #[stage]
    /// fn next(n: u32) -> u32 {
    ///     n + 1
    /// }
    ///
    /// let mut flow = Workflow::new("skips");
    /// let bad = flow.add(fails::new().named("bad"));
    /// let middle = flow.add(next::new(bad).named("middle"));
    /// let last = flow.add(next::new(middle).named("last"));
    /// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
    /// assert_eq!(
    ///     report.explain(last).to_string(),
    ///     "node `last` was skipped: it needs `middle`, which needs `bad`, which failed: no"
    /// );
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    pub fn explain(&self, node: impl Into<AnyNode>) -> NodeExplanation {
        explain(node.into(), &self.tag, "the report", |node| self.machine.explain(node, self.end()))
    }

    /// Explains how the rules of this name ended: how often they fired, and what they still waited for. Empty if there
    /// is no rule of this name.
    pub fn explain_rule(&self, name: &str) -> Vec<RuleExplanation> {
        self.machine.explain_rules(name)
    }

    /// Returns the number of nodes of each stage, by final state.
    pub fn progress(&self) -> Progress {
        self.machine.progress()
    }

    fn end(&self) -> Time {
        self.machine.ended().unwrap_or_default()
    }
}

/// Returns the explanation that `look` finds for a node. If the handle belongs to another workflow, the explanation
/// says so.
pub(crate) fn explain(
    node: AnyNode,
    here: &Tag,
    what: &str,
    look: impl FnOnce(NodeId) -> Option<NodeExplanation>,
) -> NodeExplanation {
    let why = if node.tag == here.id() {
        match look(node.id) {
            Some(explained) => return explained,
            None => "it was never added, because the firing that made its handle failed".to_owned(),
        }
    } else {
        format!("the handle belongs to {}, and this is {what} of workflow `{}`", node.tag.describe(), Name(here.name()))
    };
    NodeExplanation::Absent { why }
}
