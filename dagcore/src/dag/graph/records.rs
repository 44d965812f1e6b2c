//! What is recorded of each node, edge and stage.

use super::edge::Edge;
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{FiringId, NodeId, StageId, Time};
use crate::dag::base::node_state::NodeState;
use crate::dag::base::stage_info::StageInfo;

/// One node. Compact, because a run may have a million.
#[derive(Debug)]
pub(crate) struct NodeRecord {
    pub(crate) stage: StageId,
    pub(crate) state: NodeState,
    /// Some rule waits for this very node, or read it.
    pub(crate) watched: bool,
    pub(crate) keyed: bool,
    /// It gets the nodes of one later firing as further parents.
    pub(crate) open: bool,
    /// How many of its parents have not settled.
    pub(crate) waiting: u32,
    /// How many rules have found it and not been applied to it.
    pub(crate) bindings: u32,
    /// The innermost group that it is in.
    pub(crate) group: GroupId,
    /// Who may still read its output: nodes that need it and have not ended, and rules that will be given it.
    pub(crate) readers: u32,
    /// Its output is kept to the end.
    pub(crate) kept: bool,
    /// Some node needs it.
    pub(crate) taken: bool,
    /// Its output is gone.
    pub(crate) dropped: bool,
    /// It needs a node whose output is not kept.
    pub(crate) frees: bool,
    /// It is in the ready queue. An entry of the queue whose node is not `queued` is stale and skipped.
    pub(crate) queued: bool,
    pub(super) first_edge: u32,
    pub(super) edges: u32,
    pub(super) first_child: u32,
    pub(super) last_child: u32,
    pub(crate) firing: FiringId,
    /// The first of the firings whose lineage parent this node is.
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

/// Ends a list of edges.
pub(crate) const NO_EDGE: u32 = u32::MAX;
