//! [`View`]: the graph as conditions and bodies see it. It is read-only, and records each read.

use super::node::{AnyNode, Node, TagId};
use super::stage::Stage;
use crate::dag::{Graph, NodeId, NodeState, Outputs, Reads};
use crate::registry;
use std::cell::{Cell, RefCell};

/// A read-only view of the graph.
///
/// The reads of a predicate determine when it is evaluated again: a predicate that reads one node is evaluated when
/// that node changes, and one that counts the nodes of a stage when that stage changes. So a predicate should read only
/// what it depends on, all of it through the view: changes outside of the graph are not noticed. The run is paused
/// while a view is read, so read and return.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn throw(seed: u32) -> u32 {
///     seed * 7 % 6 + 1
/// }
///
/// #[stage]
/// fn enough() -> &'static str {
///     "that will do"
/// }
///
/// rule! {
///     stop: when |view| view.outputs::<throw>().map(|n| *n).sum::<u32>() >= 6,
///     adds [enough],
///     then |grow| { grow.add(enough::new()); }
/// }
///
/// let mut flow = Workflow::new("dice").rules(rules![stop]);
/// for seed in 0..5_u32 {
///     flow.add(throw::new(seed));
/// }
/// assert_eq!(*flow.run_blocking()?.only::<enough>()?, "that will do");
/// # Ok::<(), dagcore::Error>(())
/// ```
pub struct View<'a> {
    graph: &'a Graph,
    outputs: &'a Outputs,
    tag: TagId,
    reads: RefCell<Reads>,
    /// The first node whose dropped output was read.
    gone: Cell<Option<NodeId>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(graph: &'a Graph, outputs: &'a Outputs, tag: TagId) -> Self {
        Self { graph, outputs, tag, reads: RefCell::default(), gone: Cell::new(None) }
    }

    pub(crate) fn into_reads(self) -> Reads {
        self.reads.into_inner()
    }

    /// Returns an error message if a dropped output was read.
    pub(crate) fn gone(&self) -> Option<String> {
        self.gone.get().map(|node| format!("a view read an output that is gone: {}", self.graph.dropped(node)))
    }

    fn note_gone(&self, node: NodeId) {
        if self.gone.get().is_none() && self.graph.is_dropped(node) {
            self.gone.set(Some(node));
        }
    }

    /// Returns the state of a node, or `None` if the handle belongs to another workflow.
    pub fn state(&self, node: impl Into<AnyNode>) -> Option<NodeState> {
        self.graph.state(self.note(node.into())?)
    }

    /// Returns the output of a node, or `None` until it has succeeded.
    ///
    /// A body that reads a dropped output fails when it returns: see [`Workflow::keep`](crate::Workflow::keep).
    pub fn output<T: Send + Sync + 'static>(&self, node: Node<T>) -> Option<&'a T> {
        let node = self.note(node.into())?;
        self.note_gone(node);
        self.outputs.get(node)
    }

    /// Returns the number of nodes of a stage.
    pub fn count<S: Stage>(&self) -> usize {
        self.graph.nodes_of(self.note_stage::<S>()).len()
    }

    /// Returns the number of nodes of a stage that have succeeded.
    pub fn count_done<S: Stage>(&self) -> usize {
        self.graph.succeeded_of(self.note_stage::<S>())
    }

    /// Returns the nodes of a stage, in the order in which they were added.
    pub fn nodes<S: Stage>(&self) -> impl Iterator<Item = Node<S::Output>> + use<'a, S> {
        let (nodes, tag) = (self.graph.nodes_of(self.note_stage::<S>()), self.tag);
        nodes.iter().map(move |id| Node::new(*id, tag))
    }

    /// Returns the outputs of the nodes of a stage that have succeeded, in the order in which they were added.
    ///
    /// A body that calls this after one of these outputs was dropped fails when it returns: see
    /// [`Workflow::keep`](crate::Workflow::keep).
    pub fn outputs<S: Stage>(&self) -> impl Iterator<Item = &'a S::Output> + use<'a, S> {
        let (nodes, outputs) = (self.graph.nodes_of(self.note_stage::<S>()), self.outputs);
        nodes.iter().for_each(|node| self.note_gone(*node));
        nodes.iter().filter_map(|id| outputs.get(*id))
    }

    /// Returns the oldest node with this name.
    pub fn named(&self, name: &str) -> Option<AnyNode> {
        self.reads.borrow_mut().names.push(name.to_owned());
        self.graph.named(name).first().map(|id| AnyNode { id: *id, tag: self.tag })
    }

    /// Returns the handle with its type, or `None` if the node is not of stage `S`.
    pub fn typed<S: Stage>(&self, node: AnyNode) -> Option<Node<S::Output>> {
        let own = node.tag == self.tag && self.graph.stage(node.id) == Some(registry::id(S::spec()));
        own.then(|| Node::new(node.id, self.tag))
    }

    /// Returns the nodes that a node needs.
    pub fn parents(&self, node: impl Into<AnyNode>) -> Vec<AnyNode> {
        let parents = self.note(node.into()).map(|id| self.graph.parents(id));
        parents.into_iter().flatten().map(|edge| AnyNode { id: edge.from, tag: self.tag }).collect()
    }

    /// Returns the dependents of a node that have been added so far.
    pub fn children(&self, node: impl Into<AnyNode>) -> Vec<AnyNode> {
        let children = self.note(node.into()).map(|id| self.graph.children(id));
        children.into_iter().flatten().map(|id| AnyNode { id, tag: self.tag }).collect()
    }

    /// Returns the name of a node.
    pub fn name(&self, node: impl Into<AnyNode>) -> String {
        let node = node.into();
        if node.tag == self.tag { self.graph.name(node.id) } else { String::new() }
    }

    /// Returns the number of nodes.
    pub fn len(&self) -> usize {
        self.reads.borrow_mut().all = true;
        self.graph.len()
    }

    /// Returns `true` if there are no nodes yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn note(&self, node: AnyNode) -> Option<NodeId> {
        let own = node.tag == self.tag && self.graph.contains(node.id);
        own.then(|| {
            self.reads.borrow_mut().nodes.push(node.id);
            node.id
        })
    }

    fn note_stage<S: Stage>(&self) -> crate::dag::StageId {
        let stage = registry::id(S::spec());
        self.reads.borrow_mut().stages.push(stage);
        stage
    }
}
