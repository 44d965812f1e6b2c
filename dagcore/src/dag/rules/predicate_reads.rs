//! What predicates look at.

use crate::dag::base::ids::{NodeId, StageId};

/// What a predicate looked at when it was asked.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reads {
    /// Nodes whose state, output, parents or children it read.
    pub nodes: Vec<NodeId>,
    /// Stages whose nodes it counted or listed.
    pub stages: Vec<StageId>,
    /// Names that it looked up.
    pub names: Vec<String>,
    /// Whether it counted or listed all nodes.
    pub all: bool,
}
