//! The nodes and edges of a run. Both are append-only columns, indexed by id.
//!
//! The edges to a node's parents are adjacent in one list; the edges to its children are linked through the same list,
//! so no node has an allocation of its own. Names, keys and errors, which few nodes have, are stored separately.

pub(super) mod additions;
pub(super) mod edge;
pub(super) mod failed_attempts;
pub(super) mod lineage;
pub(super) mod lineage_order;
pub(super) mod lineage_queries;
pub(super) mod node_names;
pub(super) mod order_check;
pub(super) mod outputs;
pub(super) mod path_hashes;
pub(super) mod paths;
pub(super) mod records;
pub(super) mod skips;

use super::base::errors::NodeError;
use super::base::escaping::Name;
use super::base::fingerprints::Print;
use super::base::ids::GroupId;
use super::base::ids::{FiringId, NodeId, StageId, Time};
use super::base::keys::Key;
use super::base::node_state::NodeState;
use super::base::priority::Rank;
use super::base::stage_info::StageInfo;
use additions::{Label, NewNode};
use edge::{Edge, Need};
use failed_attempts::{Attempt, Attempts};
use lineage::Lineage;
use node_names::Labels;
use outputs::Dropped;
use records::{EdgeRecord, NO_EDGE, NodeRecord, StageNodes};
use skips::Skip;
use std::collections::HashMap;
use std::ops::Range;

/// The graph of a run: its nodes, with their edges, states, names and times.
pub struct Graph {
    pub(crate) nodes: Vec<NodeRecord>,
    edges: Vec<EdgeRecord>,
    pub(crate) stages: Vec<StageNodes>,
    describe: fn(StageId) -> StageInfo,
    pub(crate) lineage: Lineage,
    labels: Labels,
    /// For each open node that has been fed, the firing whose nodes it received.
    fed: HashMap<NodeId, FiringId>,
    /// The errors of failed and of cancelled nodes.
    pub(crate) errors: HashMap<NodeId, NodeError>,
    pub(super) attempts: Attempts,
    /// The priorities and expected durations that calls set for their nodes.
    pub(super) ranks: HashMap<NodeId, Rank>,
    pub(crate) skips: HashMap<NodeId, Skip>,
}

impl Graph {
    pub(crate) fn new(describe: fn(StageId) -> StageInfo) -> Self {
        Self {
            nodes: Vec::new(),
            edges: Vec::new(),
            stages: Vec::new(),
            describe,
            lineage: Lineage::default(),
            labels: Labels::default(),
            fed: HashMap::new(),
            errors: HashMap::new(),
            attempts: Attempts::default(),
            ranks: HashMap::new(),
            skips: HashMap::new(),
        }
    }

    /// Returns the number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Returns `true` if the graph has no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Returns `true` if the graph contains `node`.
    pub fn contains(&self, node: NodeId) -> bool {
        node.index() < self.nodes.len()
    }

    /// Iterates over all nodes, in the order in which they were added.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId::from_index)
    }

    /// Returns the state of `node`, or `None` if there is no such node.
    pub fn state(&self, node: NodeId) -> Option<NodeState> {
        self.nodes.get(node.index()).map(|record| record.state)
    }

    /// Returns the stage of `node`, or `None` if there is no such node.
    pub fn stage(&self, node: NodeId) -> Option<StageId> {
        self.nodes.get(node.index()).map(|record| record.stage)
    }

    /// Returns the properties of `stage`. A stage that the run has not met is described on demand.
    pub fn stage_info(&self, stage: StageId) -> StageInfo {
        let known = self.stages.get(stage.index()).and_then(|nodes| nodes.info);
        known.unwrap_or_else(|| (self.describe)(stage))
    }

    /// Returns `true` if the nodes of a stage are the lists of maps: a stage of the library and not of the user.
    pub(crate) fn is_of_lists(&self, stage: StageId) -> bool {
        self.nodes_of(stage).first().is_some_and(|node| self.nodes[node.index()].open)
    }

    /// Iterates over the stages that have nodes, in the order of their ids.
    pub fn stages(&self) -> impl Iterator<Item = StageId> {
        let with_nodes = self.stages.iter().enumerate().filter(|(_, stage)| !stage.nodes.is_empty());
        with_nodes.map(|(index, _)| StageId::from_index(index))
    }

    /// Returns the nodes of `stage`, in the order in which they were added.
    pub fn nodes_of(&self, stage: StageId) -> &[NodeId] {
        self.stages.get(stage.index()).map_or(&[], |stage| &stage.nodes)
    }

    /// Returns the number of nodes of `stage` that succeeded.
    pub fn succeeded_of(&self, stage: StageId) -> usize {
        self.stages.get(stage.index()).map_or(0, |stage| stage.succeeded)
    }

    /// Iterates over the dependencies of `node`, in the order of its inputs, followed by the nodes it gathers.
    pub fn parents(&self, node: NodeId) -> impl Iterator<Item = Edge> {
        let gathered = self.gathered(node).into_iter().flatten();
        self.own_parents(node).chain(gathered.map(|from| Edge { from, need: Need::Success }))
    }

    /// Iterates over the dependencies that `node` had when it was added.
    pub(crate) fn own_parents(&self, node: NodeId) -> impl Iterator<Item = Edge> {
        self.edges[self.edges_of(node)].iter().map(|record| record.edge)
    }

    /// Returns the index range of the node's edges, for a caller that mutates the nodes during the iteration.
    pub(crate) fn edges_of(&self, node: NodeId) -> Range<usize> {
        self.nodes.get(node.index()).map_or(0..0, |r| r.first_edge as usize..(r.first_edge + r.edges) as usize)
    }

    pub(crate) fn edge(&self, edge: usize) -> Edge {
        self.edges[edge].edge
    }

    /// Returns the nodes that an open node received, in order, or `None` if it has received none.
    pub(crate) fn gathered(&self, node: NodeId) -> Option<impl Iterator<Item = NodeId> + use<>> {
        self.fed.get(&node).map(|firing| self.lineage.nodes(*firing))
    }

    /// Returns the node whose failure is the reason why `node` did not succeed: the cause of the skip, or `node`
    /// itself.
    pub(crate) fn culprit(&self, node: NodeId) -> NodeId {
        self.skipped_because(node).unwrap_or(node)
    }

    /// Iterates over the dependents of `node`, in the order in which they were added.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let mut next = self.nodes.get(node.index()).map_or(NO_EDGE, |record| record.first_child);
        std::iter::from_fn(move || {
            let record = self.edges.get(next as usize)?;
            next = record.next;
            Some(record.child)
        })
    }

    /// Returns the first child edge, for a caller that mutates the nodes during the iteration.
    pub(crate) fn first_child(&self, node: NodeId) -> u32 {
        self.nodes[node.index()].first_child
    }

    /// Returns the child at this edge, its need, and the edge of the next child.
    pub(crate) fn child_at(&self, edge: u32) -> Option<(NodeId, Need, u32)> {
        self.edges.get(edge as usize).map(|record| (record.child, record.edge.need, record.next))
    }

    /// Returns the name that the program set for `node`, if any.
    pub fn given_name(&self, node: NodeId) -> Option<&str> {
        self.labels.name(node)
    }

    /// Returns the key of `node`, if it has one.
    pub fn key(&self, node: NodeId) -> Option<&str> {
        self.labels.key(node)
    }

    /// Returns a display name: the name that the program set, or else the stage with the key or the number of the node.
    pub fn name(&self, node: NodeId) -> String {
        let stage = self.stage_name(node);
        match (self.given_name(node), self.key(node)) {
            (Some(name), _) => name.to_owned(),
            (None, Some(key)) => format!("{stage}[{key}]"),
            (None, None) => format!("{stage}#{node}"),
        }
    }

    /// Returns the name of the stage of `node`.
    pub(crate) fn stage_name(&self, node: NodeId) -> &'static str {
        self.stage(node).map_or("?", |stage| self.stage_info(stage).name)
    }

    /// Returns the error text for an output of `node` that was dropped.
    pub(crate) fn dropped(&self, node: NodeId) -> String {
        format!("the output of `{}` {}", Name(&self.name(node)), Dropped(self.stage_name(node)))
    }

    /// Returns the nodes with this name, oldest first.
    pub fn named(&self, name: &str) -> &[NodeId] {
        self.labels.named(name)
    }

    /// Returns the node of `stage` with this key, below the node `under` or in the whole run.
    pub fn keyed(&self, stage: StageId, under: Option<NodeId>, key: &str) -> Option<NodeId> {
        self.with_key(Key::new(stage, under, key)).map(|(node, _)| node)
    }

    /// Returns the node with this key, and the fingerprints of its inputs.
    pub(crate) fn with_key(&self, key: Key<'_>) -> Option<(NodeId, impl Iterator<Item = Print>)> {
        self.labels.keyed(key)
    }

    /// Returns the number of firings along the line of the lineage before a node with a key.
    pub(super) fn keyed_depth(&self, node: NodeId) -> u32 {
        self.labels.depth(node)
    }

    /// Returns the failed attempts of `node` that were followed by another, in order.
    pub fn failed_attempts(&self, node: NodeId) -> &[Attempt] {
        self.attempts.of(node)
    }

    /// Returns the error of `node`, if it failed or was cancelled.
    pub fn error(&self, node: NodeId) -> Option<&NodeError> {
        self.errors.get(&node)
    }

    /// Returns `true` if the output of `node` was dropped, because nothing known at that time could still read it.
    pub fn is_dropped(&self, node: NodeId) -> bool {
        self.nodes.get(node.index()).is_some_and(|record| record.dropped)
    }

    /// Returns the failed or cancelled node because of which `node` was skipped.
    pub fn skipped_because(&self, node: NodeId) -> Option<NodeId> {
        self.skips.get(&node).map(|skip| skip.because)
    }

    /// Returns the time at which the last attempt of `node` began, or `None` if it never began.
    pub fn started(&self, node: NodeId) -> Option<Time> {
        Some(self.nodes.get(node.index())?.started).filter(|at| *at != Time::NEVER)
    }

    /// Returns the time at which `node` settled, or `None` if it has not.
    pub fn ended(&self, node: NodeId) -> Option<Time> {
        let record = self.nodes.get(node.index())?;
        record.state.is_settled().then_some(record.ended)
    }

    /// Returns the parent of `node` in the lineage: the node that its firing was bound to. For a node with a key it is
    /// the node below which the key is unique.
    pub fn lineage_parent(&self, node: NodeId) -> Option<NodeId> {
        let record = self.nodes.get(node.index())?;
        if record.keyed { self.labels.under(node) } else { self.lineage.parent(record.firing) }
    }

    /// Returns the node that was bound to the firing which added `node`. For a node with a key, this is the first
    /// firing that added it, which may differ between runs; for any other node, it is the parent in the lineage.
    pub fn added_by(&self, node: NodeId) -> Option<NodeId> {
        self.lineage.parent(self.nodes.get(node.index())?.firing)
    }

    #[inline]
    pub(crate) fn stage_mut(&mut self, stage: StageId) -> &mut StageNodes {
        if self.stages.len() <= stage.index() {
            self.stages.resize_with(stage.index() + 1, StageNodes::default);
        }
        let describe = self.describe;
        let nodes = &mut self.stages[stage.index()];
        nodes.info.get_or_insert_with(|| describe(stage));
        nodes
    }

    /// Adds a node without edges.
    #[inline]
    pub(crate) fn push(&mut self, new: &NewNode, firing: FiringId, label: Option<&Label>) -> NodeId {
        let NewNode { stage, open, hash, .. } = *new;
        let id = NodeId::from_index(self.nodes.len());
        self.nodes.push(NodeRecord {
            stage,
            state: NodeState::Waiting,
            watched: false,
            keyed: label.is_some_and(|label| label.key.is_some()),
            open,
            waiting: u32::from(open),
            bindings: 0,
            group: GroupId::NONE,
            readers: 0,
            kept: false,
            taken: false,
            dropped: false,
            frees: false,
            queued: false,
            first_edge: self.edges.len() as u32,
            edges: 0,
            first_child: NO_EDGE,
            last_child: NO_EDGE,
            firing,
            first_firing: FiringId::NONE,
            started: Time::NEVER,
            ended: Time::NEVER,
        });
        self.stage_mut(stage).nodes.push(id);
        if let Some(label) = label {
            let depth = label.under.map_or(0, |under| self.depth_under(under));
            self.labels.insert(id, stage, label, hash, depth);
        }
        id
    }

    /// Adds one more parent to the newest node.
    #[inline]
    pub(crate) fn push_parent(&mut self, child: NodeId, edge: Edge) {
        self.nodes[child.index()].edges += 1;
        self.link(child, edge);
    }

    /// Adds the nodes of `firing` as parents of an open node. It needs the end of each parent, not its success, so that
    /// the list is either complete or known to be broken as a whole.
    pub(crate) fn feed(&mut self, open: NodeId, firing: FiringId) {
        self.fed.insert(open, firing);
        for from in self.lineage.nodes(firing) {
            self.link(open, Edge { from, need: Need::End });
        }
    }

    #[inline]
    fn link(&mut self, child: NodeId, edge: Edge) {
        let at = self.edges.len() as u32;
        self.edges.push(EdgeRecord { edge, child, next: NO_EDGE });
        let parent = &mut self.nodes[edge.from.index()];
        if edge.need.reads() {
            parent.taken = true;
            parent.readers += 1;
            // Lets the end of the child skip the scan for outputs to release when no parent output can be released.
            let frees = !parent.kept;
            self.nodes[child.index()].frees |= frees;
        }
        let parent = &mut self.nodes[edge.from.index()];
        let last = std::mem::replace(&mut parent.last_child, at);
        // Append at the tail, so that `children` yields dependents in the order of their addition.
        match self.edges.get_mut(last as usize) {
            Some(last) => last.next = at,
            None => parent.first_child = at,
        }
    }
}
