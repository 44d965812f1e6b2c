//! The nodes and edges of a run, append-only, in columns that are indexed by id.
//!
//! A node's parents stand side by side in one list of edges, its children are linked through the same list:
//! no node has an allocation of its own. Names, keys and errors, which few nodes have, are kept apart.

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

/// The graph of a run: its nodes, their edges, states, names and times.
pub struct Graph {
    pub(crate) nodes: Vec<NodeRecord>,
    edges: Vec<EdgeRecord>,
    pub(crate) stages: Vec<StageNodes>,
    describe: fn(StageId) -> StageInfo,
    pub(crate) lineage: Lineage,
    labels: Labels,
    /// The firing whose nodes an open node was given.
    fed: HashMap<NodeId, FiringId>,
    /// Of the nodes that failed, and of those that were cancelled.
    pub(crate) errors: HashMap<NodeId, NodeError>,
    pub(super) attempts: Attempts,
    /// What calls say of their nodes.
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

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether there is such a node.
    pub fn contains(&self, node: NodeId) -> bool {
        node.index() < self.nodes.len()
    }

    /// All nodes, in the order in which they were added.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId::from_index)
    }

    /// What `node` is doing; `None` when there is no such node.
    pub fn state(&self, node: NodeId) -> Option<NodeState> {
        self.nodes.get(node.index()).map(|record| record.state)
    }

    /// The stage of `node`; `None` when there is no such node.
    pub fn stage(&self, node: NodeId) -> Option<StageId> {
        self.nodes.get(node.index()).map(|record| record.stage)
    }

    /// What is known of a stage that the run has met.
    pub fn stage_info(&self, stage: StageId) -> StageInfo {
        let known = self.stages.get(stage.index()).and_then(|nodes| nodes.info);
        known.unwrap_or_else(|| (self.describe)(stage))
    }

    /// Whether the nodes of a stage are the lists of maps, which is no stage of the user's.
    pub(crate) fn is_of_lists(&self, stage: StageId) -> bool {
        self.nodes_of(stage).first().is_some_and(|node| self.nodes[node.index()].open)
    }

    /// The stages that have nodes, in the order of their ids.
    pub fn stages(&self) -> impl Iterator<Item = StageId> {
        let with_nodes = self.stages.iter().enumerate().filter(|(_, stage)| !stage.nodes.is_empty());
        with_nodes.map(|(index, _)| StageId::from_index(index))
    }

    /// The nodes of `stage`, in the order in which they were added.
    pub fn nodes_of(&self, stage: StageId) -> &[NodeId] {
        self.stages.get(stage.index()).map_or(&[], |stage| &stage.nodes)
    }

    /// How many nodes of `stage` have succeeded.
    pub fn succeeded_of(&self, stage: StageId) -> usize {
        self.stages.get(stage.index()).map_or(0, |stage| stage.succeeded)
    }

    /// What `node` needs, in the order of its inputs; then the nodes it gathers.
    pub fn parents(&self, node: NodeId) -> impl Iterator<Item = Edge> {
        let gathered = self.gathered(node).into_iter().flatten();
        self.own_parents(node).chain(gathered.map(|from| Edge { from, need: Need::Success }))
    }

    /// What `node` needed when it was added.
    pub(crate) fn own_parents(&self, node: NodeId) -> impl Iterator<Item = Edge> {
        self.edges[self.edges_of(node)].iter().map(|record| record.edge)
    }

    /// The places of its edges, for a caller that changes the nodes in between.
    pub(crate) fn edges_of(&self, node: NodeId) -> Range<usize> {
        self.nodes.get(node.index()).map_or(0..0, |r| r.first_edge as usize..(r.first_edge + r.edges) as usize)
    }

    pub(crate) fn edge(&self, edge: usize) -> Edge {
        self.edges[edge].edge
    }

    /// The nodes that an open node was given, in order; `None` when it has been given none.
    pub(crate) fn gathered(&self, node: NodeId) -> Option<impl Iterator<Item = NodeId> + use<>> {
        self.fed.get(&node).map(|firing| self.lineage.nodes(*firing))
    }

    /// The failure because of which a node did not succeed.
    pub(crate) fn culprit(&self, node: NodeId) -> NodeId {
        self.skipped_because(node).unwrap_or(node)
    }

    /// The nodes that need `node`, in the order in which they were added.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let mut next = self.nodes.get(node.index()).map_or(NO_EDGE, |record| record.first_child);
        std::iter::from_fn(move || {
            let record = self.edges.get(next as usize)?;
            next = record.next;
            Some(record.child)
        })
    }

    /// One child edge after another, for a caller that changes the nodes in between.
    pub(crate) fn first_child(&self, node: NodeId) -> u32 {
        self.nodes[node.index()].first_child
    }

    /// The child at this edge, its need, and the edge of the next child.
    pub(crate) fn child_at(&self, edge: u32) -> Option<(NodeId, Need, u32)> {
        self.edges.get(edge as usize).map(|record| (record.child, record.edge.need, record.next))
    }

    /// The name the program gave `node`, if it gave one.
    pub fn given_name(&self, node: NodeId) -> Option<&str> {
        self.labels.name(node)
    }

    /// The key of `node`, if it has one.
    pub fn key(&self, node: NodeId) -> Option<&str> {
        self.labels.key(node)
    }

    /// A name to show: the given one, else the stage with the key or the node's number.
    pub fn name(&self, node: NodeId) -> String {
        let stage = self.stage_name(node);
        match (self.given_name(node), self.key(node)) {
            (Some(name), _) => name.to_owned(),
            (None, Some(key)) => format!("{stage}[{key}]"),
            (None, None) => format!("{stage}#{node}"),
        }
    }

    /// The name of the stage of `node`.
    pub(crate) fn stage_name(&self, node: NodeId) -> &'static str {
        self.stage(node).map_or("?", |stage| self.stage_info(stage).name)
    }

    /// What an error says of an output of `node` that was dropped.
    pub(crate) fn dropped(&self, node: NodeId) -> String {
        format!("the output of `{}` {}", Name(&self.name(node)), Dropped(self.stage_name(node)))
    }

    /// The nodes that were given this name, the oldest first.
    pub fn named(&self, name: &str) -> &[NodeId] {
        self.labels.named(name)
    }

    /// The node of `stage` that has this key: below the node `under`, or in the whole run.
    pub fn keyed(&self, stage: StageId, under: Option<NodeId>, key: &str) -> Option<NodeId> {
        self.with_key(Key::new(stage, under, key)).map(|(node, _)| node)
    }

    /// The node that has a key, and what is known of the inputs that it stands for.
    pub(crate) fn with_key(&self, key: Key<'_>) -> Option<(NodeId, impl Iterator<Item = Print>)> {
        self.labels.keyed(key)
    }

    /// How many firings there are along the line of the lineage before a node with a key.
    pub(super) fn keyed_depth(&self, node: NodeId) -> u32 {
        self.labels.depth(node)
    }

    /// The attempts to run `node` that failed and were not the last, in their order.
    pub fn failed_attempts(&self, node: NodeId) -> &[Attempt] {
        self.attempts.of(node)
    }

    /// Why `node` failed or was cancelled.
    pub fn error(&self, node: NodeId) -> Option<&NodeError> {
        self.errors.get(&node)
    }

    /// Whether the output of `node` is gone, because nothing that was known could read it any more.
    pub fn is_dropped(&self, node: NodeId) -> bool {
        self.nodes.get(node.index()).is_some_and(|record| record.dropped)
    }

    /// The node that failed or was cancelled, because of which `node` was skipped.
    pub fn skipped_because(&self, node: NodeId) -> Option<NodeId> {
        self.skips.get(&node).map(|skip| skip.because)
    }

    /// When `node` began to run, in its last attempt; `None` when it did not.
    pub fn started(&self, node: NodeId) -> Option<Time> {
        Some(self.nodes.get(node.index())?.started).filter(|at| *at != Time::NEVER)
    }

    /// When `node` settled; `None` when it has not.
    pub fn ended(&self, node: NodeId) -> Option<Time> {
        let record = self.nodes.get(node.index())?;
        record.state.is_settled().then_some(record.ended)
    }

    /// The node that `node`'s firing was bound to, which is its parent in the lineage. Of a node with a key it is the
    /// node below which the key is unique.
    pub fn lineage_parent(&self, node: NodeId) -> Option<NodeId> {
        let record = self.nodes.get(node.index())?;
        if record.keyed { self.labels.under(node) } else { self.lineage.parent(record.firing) }
    }

    /// The node that the firing was bound to which added `node`. For a node with a key that is whoever came first,
    /// and so may differ from run to run; for any other it is its parent in the lineage.
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

    /// Gives the newest node one more parent.
    #[inline]
    pub(crate) fn push_parent(&mut self, child: NodeId, edge: Edge) {
        self.nodes[child.index()].edges += 1;
        self.link(child, edge);
    }

    /// Gives an open node the nodes of `firing` as parents. It waits for the end of each, whatever it is, so that
    /// the list is there as a whole, or is known as a whole to be broken.
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
            let frees = !parent.kept;
            self.nodes[child.index()].frees |= frees;
        }
        let parent = &mut self.nodes[edge.from.index()];
        let last = std::mem::replace(&mut parent.last_child, at);
        match self.edges.get_mut(last as usize) {
            Some(last) => last.next = at,
            None => parent.first_child = at,
        }
    }
}
