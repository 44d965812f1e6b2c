//! What a picture asks of a graph: that of a run answers, and so does one that was loaded.

use crate::dag::{Edge, Graph, NodeId, NodeState};

/// What a [`Picture`](super::Picture) can be made of: the [`Graph`] of a run, one that was loaded from a file, or one of
/// your own.
///
/// Nodes have the numbers from 0 up to [`count`](Self::count). Names are drawn as they are told, and need no escaping.
///
/// ```
/// use dagcore::dag::{Edge, Need, NodeId, NodeState};
/// use dagcore::view::{Drawable, Picture};
///
/// /// So many nodes, each of which needs the one before it.
/// struct Chain(usize);
///
/// impl Drawable for Chain {
///     fn count(&self) -> usize {
///         self.0
///     }
///
///     fn name(&self, node: NodeId) -> String {
///         format!("step {node}")
///     }
///
///     fn stage_name(&self, _node: NodeId) -> &str {
///         "step"
///     }
///
///     fn state(&self, _node: NodeId) -> NodeState {
///         NodeState::Waiting
///     }
///
///     fn parents_of(&self, node: NodeId, each: &mut dyn FnMut(Edge)) {
///         if let Some(before) = node.index().checked_sub(1) {
///             each(Edge { from: NodeId::from_index(before), need: Need::Success });
///         }
///     }
/// }
///
/// assert!(Picture::of(&Chain(2)).mermaid().contains("n0 --> n1"));
/// ```
pub trait Drawable: Sync {
    /// How many nodes there are.
    fn count(&self) -> usize;

    /// A node's name.
    fn name(&self, node: NodeId) -> String;

    /// The name of a node's stage.
    fn stage_name(&self, node: NodeId) -> &str;

    /// What a node is doing.
    fn state(&self, node: NodeId) -> NodeState;

    /// Calls `each` with what a node needs. An edge from a node that is not there, or from itself, is not drawn.
    fn parents_of(&self, node: NodeId, each: &mut dyn FnMut(Edge));

    /// The name that the program gave a node. Then the stage is written below it. `None`, unless it says otherwise.
    fn given_name(&self, node: NodeId) -> Option<&str> {
        let _ = node;
        None
    }

    /// The node because of which a rule, or that node itself, added this one. `None`, unless it says otherwise.
    fn added_by(&self, node: NodeId) -> Option<NodeId> {
        let _ = node;
        None
    }

    /// Whether the name of its stage says which node it is, because it is the only one and has neither a name nor a key.
    /// `false`, unless it says otherwise.
    fn is_told_by_stage(&self, node: NodeId) -> bool {
        let _ = node;
        false
    }
}

impl Drawable for Graph {
    fn count(&self) -> usize {
        self.len()
    }

    fn name(&self, node: NodeId) -> String {
        Graph::name(self, node)
    }

    fn stage_name(&self, node: NodeId) -> &str {
        Graph::stage_name(self, node)
    }

    fn state(&self, node: NodeId) -> NodeState {
        Graph::state(self, node).unwrap_or(NodeState::Waiting)
    }

    fn parents_of(&self, node: NodeId, each: &mut dyn FnMut(Edge)) {
        self.parents(node).for_each(each);
    }

    fn given_name(&self, node: NodeId) -> Option<&str> {
        Graph::given_name(self, node)
    }

    fn added_by(&self, node: NodeId) -> Option<NodeId> {
        Graph::added_by(self, node)
    }

    fn is_told_by_stage(&self, node: NodeId) -> bool {
        let only = self.stage(node).is_some_and(|stage| self.nodes_of(stage).len() == 1);
        only && Graph::given_name(self, node).is_none() && self.key(node).is_none()
    }
}

impl dyn Drawable + '_ {
    /// All nodes.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.count()).map(NodeId::from_index)
    }
}
