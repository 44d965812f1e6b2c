//! Nodes that do not run, because what they need was lost.

use crate::dag::base::ids::NodeId;

/// Why a node was skipped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Skip {
    /// The node that failed or was cancelled.
    pub(crate) because: NodeId,
    /// The skipped node that this one needs, on the way to the failure; none where it needs the failed node itself.
    pub(crate) through: Option<NodeId>,
    /// How many skipped nodes there are on that way.
    pub(crate) between: usize,
}
