//! Checks the growth limits, and describes how a run reached one.

use crate::dag::base::escaping::Name;
use crate::dag::base::ids::{NodeId, RuleId};
use crate::dag::graph::additions::Additions;
use crate::dag::graph::lineage::AddedBy;
use crate::dag::machine::Machine;

/// Maximum number of firings of a chain that are listed.
const TOLD: usize = 5;

impl Machine {
    /// Returns the growth limit that a firing, or else the running node `above`, would exceed by adding this below
    /// `above`: a sentence that names the rule and the firings that led to it. The driver of the machine then applies
    /// [`Event::RunStopped`](crate::dag::Event::RunStopped).
    #[inline]
    pub fn growth_limit_reached(
        &self,
        rule: Option<RuleId>,
        above: Option<NodeId>,
        additions: &Additions,
    ) -> Option<String> {
        let (limits, about) = (self.growth_limits, above.unwrap_or(NodeId::NONE));
        let (what, most) = if self.graph.len() + additions.nodes.len() > limits.nodes {
            ("nodes", limits.nodes)
        } else if self.rules.records.len() + additions.rules.len() > limits.rules {
            ("rules", limits.rules)
        } else if self.graph.lineage.next_id().index() > limits.firings {
            ("firings", limits.firings)
        } else if self.graph.depth_under(about) > limits.depth {
            ("firings one after another", limits.depth as usize)
        } else {
            return None;
        };
        let who = match rule {
            Some(rule) => format!("rule `{}`", Name(self.rule_name(rule))),
            None => format!("node `{}`", Name(&self.graph.name(about))),
        };
        let mut why = format!(
            "{who} would bring the run to more than {most} {what}, which is where it is stopped: bound the rule by a \
             condition, `by key` or `within N`, or raise the limit. It fired"
        );
        self.tell_chain(about, &mut why);
        Some(why)
    }

    /// Returns a sentence that names the node if one more failed attempt would exceed the limit on attempts. The engine
    /// then does not retry the node, and cancels the run.
    pub(crate) fn attempts_reached(&self, node: NodeId) -> Option<String> {
        let most = self.growth_limits.attempts;
        (self.graph.attempts.count() >= most).then(|| {
            format!(
                "node `{}` failed {} times, and another attempt would exceed the limit of {most} failed attempts: make the delays \
                 longer with `backoff`, lower `retries`, or raise `GrowthLimits::attempts`",
                Name(&self.graph.name(node)),
                self.graph.failed_attempts(node).len() + 1
            )
        })
    }

    /// Appends the node that a firing was bound to, the firing that added it, and so on back to the program.
    fn tell_chain(&self, bound: NodeId, why: &mut String) {
        let mut node = bound;
        for _ in 0..TOLD {
            if !self.graph.contains(node) {
                why.push_str(" for the whole run");
                return;
            }
            why.push_str(&format!(" on `{}`, which {} added", Name(&self.graph.name(node)), self.who_added(node)));
            let added = self.graph.lineage.get(self.graph.nodes[node.index()].firing);
            let Some(firing) = added.filter(|firing| firing.by() != AddedBy::Program) else { return };
            node = firing.bound;
        }
        why.push_str(&format!(" and so on, {} firings deep", self.graph.depth_under(bound)));
    }
}
