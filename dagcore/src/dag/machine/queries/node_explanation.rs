//! Explanations of nodes: their pending dependencies, or how they settled.

use crate::dag::base::first_few::Few;
use crate::dag::base::ids::{NodeId, Time};
use crate::dag::base::node_state::NodeState;
use crate::dag::explain::explanation::{Hold, NodeExplanation};
use crate::dag::machine::Machine;
use crate::dag::rules::rule_table::Phase;
use std::collections::BTreeSet;

impl Machine {
    /// Returns the pending dependencies of a node at this time, or how it settled; `None` if there is no such node.
    /// Visits the dependencies of the node.
    pub fn explain(&self, node: NodeId, at: Time) -> Option<NodeExplanation> {
        let (state, name) = (self.graph.state(node)?, self.graph.name(node));
        let since =
            |earlier: Option<Time>, later: Time| earlier.map(|earlier| later.since(earlier)).unwrap_or_default();
        let started = self.graph.started(node);
        Some(match state {
            _ if !state.is_settled() && self.ended.is_some() => NodeExplanation::Stopped { node: self.now(node) },
            NodeState::Waiting => self.waiting(node, name),
            NodeState::Ready => {
                NodeExplanation::Ready { node: name, hold: if self.started { Hold::Nothing } else { Hold::NotStarted } }
            }
            NodeState::Running => NodeExplanation::Running {
                node: name,
                since: started.unwrap_or_default().since_start(),
                lasted: since(started, at),
            },
            NodeState::AwaitingRetry => {
                let failed = self.graph.failed_attempts(node);
                let last = failed.last()?;
                NodeExplanation::AwaitingRetry {
                    error: last.error.clone(),
                    attempts: failed.len(),
                    left: last.until.since(at),
                }
            }
            NodeState::Succeeded => {
                NodeExplanation::Succeeded { node: name, lasted: since(started, self.graph.ended(node)?) }
            }
            NodeState::Failed => NodeExplanation::Failed {
                error: self.graph.error(node)?.clone(),
                attempts: self.graph.failed_attempts(node).len() + 1,
            },
            NodeState::Cancelled => NodeExplanation::Cancelled { error: self.graph.error(node)?.clone() },
            NodeState::Skipped => {
                let because = self.graph.skipped_because(node)?;
                let through = self.between(node);
                NodeExplanation::Skipped { node: name, through, because: self.graph.error(because)?.clone() }
            }
        })
    }

    fn waiting(&self, node: NodeId, name: String) -> NodeExplanation {
        let mut seen = BTreeSet::new();
        let parents = self.graph.parents(node).map(|edge| edge.from);
        let unsettled = parents.filter(|parent| !self.is_settled(*parent) && seen.insert(*parent));
        let parents = Few::of(unsettled, |parent| self.now(parent));
        let feeder = self.feeders.get(&node).and_then(|rule| self.rules.get(*rule));
        let feeder = feeder.filter(|rule| matches!(rule.phase, Phase::Armed | Phase::Due));
        NodeExplanation::Waiting { node: name, parents, fed_by: feeder.map(|rule| rule.spec.name.to_string()) }
    }

    /// Returns the nodes between a skipped node and the failure that caused the skip; each depends on the next.
    fn between(&self, node: NodeId) -> Few<String> {
        let skip = |node: NodeId| self.graph.skips.get(&node);
        let through = |node: &NodeId| skip(*node).and_then(|skip| skip.through);
        let way = std::iter::successors(through(&node), through);
        Few::first_of(skip(node).map_or(0, |skip| skip.between), way, |node| self.graph.name(node))
    }
}
