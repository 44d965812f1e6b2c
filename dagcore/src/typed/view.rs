//! The graph as a condition or a body sees it: read-only, and every look is noted.

use super::node::{AnyNode, Node, TagId};
use super::stage::Stage;
use crate::dag::{Graph, NodeId, NodeState, Outputs, Reads};
use crate::registry;
use std::cell::{Cell, RefCell};

/// A read-only look at the graph.
///
/// What a predicate reads through it decides when the predicate is asked again: a predicate that looks at one
/// node is asked when that node changes, one that counts a stage's nodes when that stage does. So let a predicate
/// read what it depends on, and nothing else: a change outside of the graph is not seen. The run stands still while
/// somebody looks, so look and return.
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
    /// The first node whose output was asked for and is gone.
    gone: Cell<Option<NodeId>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(graph: &'a Graph, outputs: &'a Outputs, tag: TagId) -> Self {
        Self { graph, outputs, tag, reads: RefCell::default(), gone: Cell::new(None) }
    }

    pub(crate) fn into_reads(self) -> Reads {
        self.reads.into_inner()
    }

    /// What to say when an output was asked for that is gone.
    pub(crate) fn gone(&self) -> Option<String> {
        self.gone.get().map(|node| format!("a view read an output that is gone: {}", self.graph.dropped(node)))
    }

    fn note_gone(&self, node: NodeId) {
        if self.gone.get().is_none() && self.graph.is_dropped(node) {
            self.gone.set(Some(node));
        }
    }

    /// What a node is doing; `None` when the handle belongs to another workflow.
    pub fn state(&self, node: impl Into<AnyNode>) -> Option<NodeState> {
        self.graph.state(self.note(node.into())?)
    }

    /// What a node gave; `None` until it has succeeded.
    ///
    /// A body that asks for an output that was dropped fails when it returns: see
    /// [`Workflow::keep`](crate::Workflow::keep).
    pub fn output<T: Send + Sync + 'static>(&self, node: Node<T>) -> Option<&'a T> {
        let node = self.note(node.into())?;
        self.note_gone(node);
        self.outputs.get(node)
    }

    /// How many nodes of a stage there are.
    pub fn count<S: Stage>(&self) -> usize {
        self.graph.nodes_of(self.note_stage::<S>()).len()
    }

    /// How many nodes of a stage have succeeded.
    pub fn count_done<S: Stage>(&self) -> usize {
        self.graph.succeeded_of(self.note_stage::<S>())
    }

    /// The nodes of a stage, in the order in which they were added.
    pub fn nodes<S: Stage>(&self) -> impl Iterator<Item = Node<S::Output>> + use<'a, S> {
        let (nodes, tag) = (self.graph.nodes_of(self.note_stage::<S>()), self.tag);
        nodes.iter().map(move |id| Node::new(*id, tag))
    }

    /// What the nodes of a stage that have succeeded gave, in the order in which they were added.
    ///
    /// A body that asks for them when one was dropped fails when it returns: see
    /// [`Workflow::keep`](crate::Workflow::keep).
    pub fn outputs<S: Stage>(&self) -> impl Iterator<Item = &'a S::Output> + use<'a, S> {
        let (nodes, outputs) = (self.graph.nodes_of(self.note_stage::<S>()), self.outputs);
        nodes.iter().for_each(|node| self.note_gone(*node));
        nodes.iter().filter_map(|id| outputs.get(*id))
    }

    /// The oldest node with this name.
    pub fn named(&self, name: &str) -> Option<AnyNode> {
        self.reads.borrow_mut().names.push(name.to_owned());
        self.graph.named(name).first().map(|id| AnyNode { id: *id, tag: self.tag })
    }

    /// The handle with its type, when the node is of stage `S`.
    pub fn typed<S: Stage>(&self, node: AnyNode) -> Option<Node<S::Output>> {
        let own = node.tag == self.tag && self.graph.stage(node.id) == Some(registry::id(S::spec()));
        own.then(|| Node::new(node.id, self.tag))
    }

    /// The nodes that a node needs.
    pub fn parents(&self, node: impl Into<AnyNode>) -> Vec<AnyNode> {
        let parents = self.note(node.into()).map(|id| self.graph.parents(id));
        parents.into_iter().flatten().map(|edge| AnyNode { id: edge.from, tag: self.tag }).collect()
    }

    /// The nodes that need a node, so far.
    pub fn children(&self, node: impl Into<AnyNode>) -> Vec<AnyNode> {
        let children = self.note(node.into()).map(|id| self.graph.children(id));
        children.into_iter().flatten().map(|id| AnyNode { id, tag: self.tag }).collect()
    }

    /// A node's name.
    pub fn name(&self, node: impl Into<AnyNode>) -> String {
        let node = node.into();
        if node.tag == self.tag { self.graph.name(node.id) } else { String::new() }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.reads.borrow_mut().all = true;
        self.graph.len()
    }

    /// Whether there is no node yet.
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
