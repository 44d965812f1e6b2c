//! Skipped nodes, with the failure that caused the skip.

use crate::dag::base::ids::NodeId;

/// The reason why a node was skipped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Skip {
    /// The node that failed or was cancelled.
    pub(crate) because: NodeId,
    /// The skipped dependency of this node on the path to the failure; `None` if the node depends on the failed node
    /// itself.
    pub(crate) through: Option<NodeId>,
    /// The number of skipped nodes on that path.
    pub(crate) between: usize,
}
