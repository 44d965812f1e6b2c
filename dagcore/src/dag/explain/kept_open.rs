//! The sources that keep a stage open, as data and as text.

use crate::dag::base::escaping::Name;
use crate::dag::base::first_few::{Few, NodeNow, counted};
use std::fmt::{self, Display, Formatter};

/// The sources that keep a stage open: everything that may still bring about a node of it.
///
/// When there are none, the stage is about to close.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct KeptOpen {
    /// Unsettled nodes of stages that lead to it.
    pub nodes: Few<NodeNow>,
    /// Armed one-shot rules that may add a node of it, or of a stage that leads to it.
    pub rules: Few<String>,
    /// Rules that have found nodes of stages that lead to it, and have not been applied to them.
    pub found: Few<Pending>,
    /// Rules that wait below nodes, and may then add a node of it, or of a stage that leads to it.
    pub below: Few<Pending>,
}

/// A rule, with the number of nodes for which it may still fire.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Pending {
    /// The rule's name.
    pub rule: String,
    /// The number of nodes for which it may still fire.
    pub nodes: usize,
}

impl Pending {
    pub(crate) fn new(rule: &str, nodes: usize) -> Self {
        Self { rule: rule.to_owned(), nodes }
    }
}

impl KeptOpen {
    /// Returns `true` if nothing keeps the stage open.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.rules.is_empty() && self.found.is_empty() && self.below.is_empty()
    }
}

impl Display for KeptOpen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.nodes.is_empty() {
            parts.push(format!("{} may lead to another", self.nodes));
        }
        if !self.rules.is_empty() {
            let rules = if self.rules.count == 1 { "rule" } else { "rules" };
            parts.push(format!("{rules} {} may still bring one about", self.rules));
        }
        for Pending { rule, nodes } in &self.found.first {
            let (rule, nodes) = (Name(rule), counted(*nodes, "node"));
            parts.push(format!("rule `{rule}` has found {nodes} that it has not been applied to"));
        }
        for Pending { rule, nodes } in &self.below.first {
            let (rule, nodes) = (Name(rule), counted(*nodes, "node"));
            parts.push(format!("rule `{rule}` waits below {nodes} and may bring one about"));
        }
        match self.found.unshown() + self.below.unshown() {
            0 => {}
            more => parts.push(format!("{} may do so", counted(more, "more rule"))),
        }
        f.write_str(&parts.join(", "))
    }
}
