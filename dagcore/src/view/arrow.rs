//! The arrows of a picture: dependencies and lineage.

use super::drawable::Drawable;
use crate::dag::NodeId;

/// The meaning of an arrow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    /// The head needs the success of the tail.
    Needs,
    /// The head runs once the tail has ended in any state.
    Follows,
    /// A firing for the tail added the head, which has no dependency on it.
    Adds,
}

/// An arrow between two nodes, by their indices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Arrow {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) kind: Kind,
}

/// Returns all arrows, ordered by their heads, with at most one for each pair of nodes.
///
/// A node that takes the output of another one twice has two edges and one arrow. Lineage is drawn where there is no
/// edge: without it, nodes that a rule added would appear unconnected.
pub(super) fn arrows(graph: &dyn Drawable) -> Vec<Arrow> {
    let mut arrows = Vec::new();
    let mut parents: Vec<(NodeId, Kind)> = Vec::new();
    for node in graph.nodes() {
        parents.clear();
        graph.parents_of(node, &mut |edge| {
            let kind = if edge.need.is_success() { Kind::Needs } else { Kind::Follows };
            parents.push((edge.from, kind));
        });
        parents.extend(graph.added_by(node).map(|parent| (parent, Kind::Adds)));
        parents.sort_unstable();
        parents.dedup_by_key(|(from, _)| *from);
        parents.retain(|(from, _)| from.index() < graph.count() && *from != node);
        arrows.extend(parents.iter().map(|(from, kind)| Arrow { from: from.0, to: node.0, kind: *kind }));
    }
    arrows
}
