//! The arrows of a picture: who needs whom, and who was added because of whom.

use super::drawable::Drawable;
use crate::dag::NodeId;

/// What an arrow says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    /// The head needs the success of the tail.
    Needs,
    /// The head runs once the tail has ended, however that was.
    Follows,
    /// A firing that was bound to the tail added the head, which does not need it otherwise.
    Adds,
}

/// One arrow, between nodes by their index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Arrow {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) kind: Kind,
}

/// All arrows, ordered by their heads, each pair of nodes at most once.
///
/// A node that takes the output of another twice has two edges and one arrow. Lineage is drawn where there is no
/// edge: without it, what a rule added would seem to come from nowhere.
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
