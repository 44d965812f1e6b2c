//! `Drawable` for a loaded graph.

use super::records::{Dumped, DumpedNode};
use crate::dag::{Edge, NodeId, NodeState};
use crate::view::Drawable;

impl Dumped {
    fn at(&self, node: NodeId) -> Option<&DumpedNode> {
        self.nodes.get(node.index())
    }
}

impl Drawable for Dumped {
    fn count(&self) -> usize {
        self.nodes.len()
    }

    fn name(&self, node: NodeId) -> String {
        self.at(node).map_or_else(String::new, |node| node.name.clone())
    }

    fn stage_name(&self, node: NodeId) -> &str {
        self.at(node).map_or("?", |node| &node.stage)
    }

    fn state(&self, node: NodeId) -> NodeState {
        self.at(node).map_or(NodeState::Waiting, |node| node.state)
    }

    fn parents_of(&self, node: NodeId, each: &mut dyn FnMut(Edge)) {
        let parents = self.at(node).into_iter().flat_map(|node| &node.parents);
        parents.for_each(|edge| each(Edge { from: NodeId::from_index(edge.node), need: edge.need }));
    }

    fn given_name(&self, node: NodeId) -> Option<&str> {
        self.at(node)?.given_name.as_deref()
    }

    fn added_by(&self, node: NodeId) -> Option<NodeId> {
        self.at(node)?.added_by.map(NodeId::from_index)
    }

    fn is_told_by_stage(&self, node: NodeId) -> bool {
        let Some(own) = self.at(node).filter(|own| own.given_name.is_none() && own.key.is_none()) else { return false };
        // Most stages have many nodes, and then a second one is found soon.
        self.nodes.iter().filter(|other| other.stage == own.stage).nth(1).is_none()
    }
}
