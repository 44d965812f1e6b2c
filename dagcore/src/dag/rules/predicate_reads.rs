//! The reads of predicates.

use crate::dag::base::ids::{NodeId, StageId};

/// The parts of the graph that a predicate read during one evaluation.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reads {
    /// Nodes whose state, output, parents or children it read.
    pub nodes: Vec<NodeId>,
    /// Stages whose nodes it counted or listed.
    pub stages: Vec<StageId>,
    /// Names that it looked up.
    pub names: Vec<String>,
    /// `true` if it counted or listed all nodes.
    pub all: bool,
}
