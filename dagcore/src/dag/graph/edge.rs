//! The dependencies between nodes.

use crate::dag::base::ids::NodeId;

/// What a node needs of a parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// Its output: the node is skipped unless the parent succeeds.
    Success,
    /// To have ended, however that was; its output, or its error, is read.
    End,
    /// To have succeeded: the node is skipped unless it does, and its output is not read.
    Order,
}

impl Need {
    /// Whether the node is skipped unless the parent succeeds.
    pub fn is_success(self) -> bool {
        self != Self::End
    }

    /// Whether the node reads what the parent gave.
    pub fn reads(self) -> bool {
        self != Self::Order
    }
}

/// A node's dependency on an older node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The older node.
    pub from: NodeId,
    /// What is needed of it.
    pub need: Need,
}
