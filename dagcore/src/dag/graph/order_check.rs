//! Checks that the states and times in a graph are possible: each node ran after its dependencies.
//!
//! The machine starts nodes in order. This check does not rely on that: it reads only the recorded times and states of
//! the graph, so it works on a finished run and on a graph that was read from a file.

use super::Graph;
use super::edge::Need;
use crate::dag::base::escaping::Name;
use crate::dag::base::ids::{NodeId, Time};
use crate::dag::base::node_state::NodeState;
use std::error::Error;
use std::fmt::{self, Display, Formatter};

/// A violation of the order in a graph.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Disorder {
    /// A node began before one of its dependencies had ended.
    TooEarly {
        /// The node.
        node: String,
        /// The time at which the node first began.
        started: Time,
        /// The dependency.
        parent: String,
        /// The time at which the dependency ended; `None` if it has not.
        ended: Option<Time>,
    },
    /// A node ran although a dependency that had to succeed did not.
    InVain {
        /// The node.
        node: String,
        /// The dependency.
        parent: String,
        /// The final state of the dependency.
        state: NodeState,
    },
    /// A node succeeded without having begun.
    NeverStarted {
        /// The node.
        node: String,
    },
    /// A node ended before it began, or an attempt began before the previous one had ended.
    Backwards {
        /// The node.
        node: String,
        /// The time that should be the later of the two.
        after: Time,
        /// The time that should be the earlier.
        before: Time,
    },
}

/// The error of a graph that is out of order: see [`Graph::check_order`].
///
/// `Display` prints a line for each of the first twenty violations.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct OutOfOrder {
    /// All violations, by node; there is at least one.
    pub all: Vec<Disorder>,
}

impl Graph {
    /// Checks, by the states and times of the nodes alone, that each node ran after its dependencies: no node began
    /// before all its parents had ended, none ran although a parent that had to succeed did not, and none succeeded
    /// without having begun. An end and a start in the same nanosecond are in order.
    ///
    /// Visits each node and each edge once.
    ///
    /// # Errors
    ///
    /// Returns all violations, if there are any.
    pub fn check_order(&self) -> Result<(), OutOfOrder> {
        let mut all = Vec::new();
        for node in self.nodes() {
            self.check_times(node, &mut all);
            if let Some(started) = self.first_started(node) {
                self.check_parents(node, started, &mut all);
            }
        }
        if all.is_empty() { Ok(()) } else { Err(OutOfOrder { all }) }
    }

    /// Returns the start of the first attempt of a node.
    fn first_started(&self, node: NodeId) -> Option<Time> {
        self.failed_attempts(node).first().map(|attempt| attempt.started).or_else(|| self.started(node))
    }

    /// Checks the times of one node against each other.
    fn check_times(&self, node: NodeId, all: &mut Vec<Disorder>) {
        let (started, ended) = (self.started(node), self.ended(node));
        let succeeded = self.state(node) == Some(NodeState::Succeeded);
        if succeeded && started.is_none() {
            all.push(Disorder::NeverStarted { node: self.name(node) });
        }
        let attempts = self.failed_attempts(node);
        // While a node awaits a retry, and when it was cancelled meanwhile, its last start is that of the failed
        // attempt.
        let last = started.filter(|at| succeeded || attempts.last().is_none_or(|attempt| *at != attempt.started));
        let before = attempts.iter().flat_map(|attempt| [attempt.started, attempt.ended]);
        let mut latest = Time::START;
        for at in before.chain(last).chain(ended) {
            if at < latest {
                all.push(Disorder::Backwards { node: self.name(node), after: at, before: latest });
            }
            latest = latest.max(at);
        }
    }

    /// Checks the dependencies of a node that ran.
    fn check_parents(&self, node: NodeId, started: Time, all: &mut Vec<Disorder>) {
        for edge in self.parents(node) {
            let ended = self.ended(edge.from);
            if ended.is_none_or(|ended| started < ended) {
                let (node, parent) = (self.name(node), self.name(edge.from));
                all.push(Disorder::TooEarly { node, started, parent, ended });
            }
            let lost = self.state(edge.from).filter(|state| edge.need != Need::End && state.is_lost());
            if let Some(state) = lost {
                all.push(Disorder::InVain { node: self.name(node), parent: self.name(edge.from), state });
            }
        }
    }
}

impl Display for Disorder {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooEarly { node, started, parent, ended } => {
                let (node, parent, began) = (Name(node), Name(parent), started.since_start());
                write!(f, "node `{node}` began after {began:?}, and `{parent}`, which it needs, ")?;
                match ended {
                    Some(ended) => write!(f, "ended after {:?}", ended.since_start()),
                    None => f.write_str("has not ended"),
                }
            }
            Self::InVain { node, parent, state } => {
                let verb = if *state == NodeState::Failed { "" } else { "was " };
                write!(f, "node `{}` ran, and `{}`, which had to succeed, {verb}{state}", Name(node), Name(parent))
            }
            Self::NeverStarted { node } => write!(f, "node `{}` succeeded and never began", Name(node)),
            Self::Backwards { node, after, before } => {
                let (before, after) = (before.since_start(), after.since_start());
                write!(f, "the times of node `{}` run backwards, from {before:?} to {after:?}", Name(node))
            }
        }
    }
}

impl Display for OutOfOrder {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        f.write_str("the graph is out of order")?;
        self.all.iter().take(SHOWN).try_for_each(|one| write!(f, "\n  {one}"))?;
        match self.all.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more like this"),
        }
    }
}

impl Error for OutOfOrder {}

#[cfg(test)]
mod tests {
    //! States that a machine never produces, but a file may contain.

    use super::super::additions::NewNode;
    use super::super::edge::{Edge, Need};
    use super::{Disorder, Graph, NodeState, Time};
    use crate::dag::{FiringId, Place, StageId, StageInfo};
    use std::time::Duration;

    fn at(ns: u64) -> Time {
        Time::after(Duration::from_nanos(ns))
    }

    /// Builds a node that succeeded after 2 ns, and a dependent with this need that ran from then to 4 ns.
    fn two(need: Need) -> Graph {
        let mut graph = Graph::new(|_| StageInfo::new("step", Place::Async));
        let stage = StageId::from_index(0);
        let new = NewNode { stage, edges: 0, label: u32::MAX, hash: Default::default(), open: false };
        let [one, other] = [(); 2].map(|()| graph.push(&new, FiringId::NONE, None));
        graph.push_parent(other, Edge { from: one, need });
        for (node, started, ended) in [(one, 1, 2), (other, 2, 4)] {
            let record = &mut graph.nodes[node.index()];
            (record.state, record.started, record.ended) = (NodeState::Succeeded, at(started), at(ended));
        }
        assert_eq!(graph.check_order(), Ok(()));
        graph
    }

    fn wrong(graph: &Graph) -> Vec<Disorder> {
        graph.check_order().map_or_else(|out| out.all, |()| Vec::new())
    }

    #[test]
    fn a_node_that_succeeded_has_begun() {
        let mut graph = two(Need::Success);
        graph.nodes[1].started = Time::NEVER;
        assert_eq!(wrong(&graph), [Disorder::NeverStarted { node: "step#1".to_owned() }]);
        assert_eq!(wrong(&graph)[0].to_string(), "node `step#1` succeeded and never began");
    }

    #[test]
    fn a_node_that_runs_needs_nothing_that_has_not_ended() {
        let mut graph = two(Need::End);
        graph.nodes[0].state = NodeState::Running;
        let (node, parent) = ("step#1".to_owned(), "step#0".to_owned());
        assert_eq!(wrong(&graph), [Disorder::TooEarly { node, started: at(2), parent, ended: None }]);
        assert!(wrong(&graph)[0].to_string().ends_with("began after 2ns, and `step#0`, which it needs, has not ended"));
    }

    #[test]
    fn a_node_that_runs_needs_no_success_of_one_that_failed() {
        for need in [Need::Success, Need::Order, Need::End] {
            let mut graph = two(need);
            graph.nodes[0].state = NodeState::Failed;
            let (node, parent) = ("step#1".to_owned(), "step#0".to_owned());
            let expected = (need != Need::End).then_some(Disorder::InVain { node, parent, state: NodeState::Failed });
            assert_eq!(wrong(&graph), Vec::from_iter(expected));
        }
    }
}
