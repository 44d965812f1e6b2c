//! The dependencies between nodes.

use crate::dag::base::ids::NodeId;

/// The kind of a dependency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// The node reads the parent's output, and is skipped unless the parent succeeds.
    Success,
    /// The parent must have settled, in any way; the node reads its output or its error.
    End,
    /// The node is skipped unless the parent succeeds, and does not read its output.
    Order,
}

impl Need {
    /// Returns `true` if the node is skipped unless the parent succeeds.
    pub fn is_success(self) -> bool {
        self != Self::End
    }

    /// Returns `true` if the node reads the output of the parent.
    pub fn reads(self) -> bool {
        self != Self::Order
    }
}

/// A node's dependency on an older node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The older node.
    pub from: NodeId,
    /// The kind of the dependency.
    pub need: Need,
}
