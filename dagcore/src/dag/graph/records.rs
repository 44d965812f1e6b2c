//! The records of nodes, edges and stages.

use super::edge::Edge;
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{FiringId, NodeId, StageId, Time};
use crate::dag::base::node_state::NodeState;
use crate::dag::base::stage_info::StageInfo;

/// A node. Compact, because a run may have a million.
#[derive(Debug)]
pub(crate) struct NodeRecord {
    pub(crate) stage: StageId,
    pub(crate) state: NodeState,
    /// `true` if a rule waits for this node by its handle, or a predicate read it.
    pub(crate) watched: bool,
    pub(crate) keyed: bool,
    /// `true` for an open node, which receives the nodes of one later firing as further parents.
    pub(crate) open: bool,
    /// The number of unsettled parents.
    pub(crate) waiting: u32,
    /// The number of rules that have found the node and have not been applied to it.
    pub(crate) bindings: u32,
    /// The innermost group that contains the node.
    pub(crate) group: GroupId,
    /// The number of possible readers of its output: dependents that have not settled, and rules that will receive the
    /// node.
    pub(crate) readers: u32,
    /// `true` if the output is kept until the end of the run.
    pub(crate) kept: bool,
    /// `true` if some node reads its output.
    pub(crate) taken: bool,
    /// `true` if the output was dropped.
    pub(crate) dropped: bool,
    /// `true` if the node reads a parent whose output is not kept, so that its end may release that output. The end of
    /// any other node skips the walk over its parents.
    pub(crate) frees: bool,
    /// `true` if the node is in the ready queue. A queue entry whose node is not `queued` is stale and skipped.
    pub(crate) queued: bool,
    pub(super) first_edge: u32,
    pub(super) edges: u32,
    pub(super) first_child: u32,
    pub(super) last_child: u32,
    pub(crate) firing: FiringId,
    /// The newest of the firings whose lineage parent is this node; the others are linked from it.
    pub(crate) first_firing: FiringId,
    pub(crate) started: Time,
    pub(crate) ended: Time,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct EdgeRecord {
    pub(super) edge: Edge,
    pub(super) child: NodeId,
    pub(super) next: u32,
}

/// The nodes of one stage.
#[derive(Default, Debug)]
pub(crate) struct StageNodes {
    pub(crate) info: Option<StageInfo>,
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) succeeded: usize,
}

/// Marks the end of a list of edges.
pub(crate) const NO_EDGE: u32 = u32::MAX;
