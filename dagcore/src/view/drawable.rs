//! The interface between a picture and its graph, which may be that of a run or one that was loaded.

use crate::dag::{Edge, Graph, NodeId, NodeState};

/// A graph that a [`Picture`](super::Picture) can show: the [`Graph`] of a run, one that was loaded from a file, or one
/// of your own.
///
/// Nodes are numbered from 0 up to, but not including, [`count`](Self::count). Names are escaped when they are drawn.
///
/// ```
/// use dagcore::dag::{Edge, Need, NodeId, NodeState};
/// use dagcore::view::{Drawable, Picture};
///
/// /// A chain of this many nodes, each of which needs the previous one.
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
    /// Returns the number of nodes.
    fn count(&self) -> usize;

    /// Returns a node's name.
    fn name(&self, node: NodeId) -> String;

    /// Returns the name of a node's stage.
    fn stage_name(&self, node: NodeId) -> &str;

    /// Returns the state of a node.
    fn state(&self, node: NodeId) -> NodeState;

    /// Calls `each` with every dependency of a node. Edges from unknown nodes, and from the node itself, are not drawn.
    fn parents_of(&self, node: NodeId, each: &mut dyn FnMut(Edge));

    /// Returns the name that the program gave a node, if it has one. The stage is then drawn below it. The default is
    /// `None`.
    fn given_name(&self, node: NodeId) -> Option<&str> {
        let _ = node;
        None
    }

    /// Returns the node that caused this one to be added: the one that a rule fired for, or the one that added it while
    /// it ran. The default is `None`.
    fn added_by(&self, node: NodeId) -> Option<NodeId> {
        let _ = node;
        None
    }

    /// Returns `true` if the name of its stage identifies the node, because it is the only one of the stage and has
    /// neither a name nor a key. The default is `false`.
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
    /// Returns all nodes.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.count()).map(NodeId::from_index)
    }
}
