//! Pictures of malformed graphs.

use crate::seen::look;
use dagcore::dag::{Edge, Need, NodeId, NodeState};
use dagcore::view::{Drawable, Picture};
use proptest::prelude::*;

/// Nodes in these states with arbitrary parents, including missing ones.
struct Any(Vec<(NodeState, Vec<usize>)>);

impl Drawable for Any {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn name(&self, node: NodeId) -> String {
        format!("node {node}")
    }

    fn stage_name(&self, _node: NodeId) -> &str {
        "any"
    }

    fn state(&self, node: NodeId) -> NodeState {
        self.0[node.index()].0
    }

    fn parents_of(&self, node: NodeId, each: &mut dyn FnMut(Edge)) {
        let parents = self.0[node.index()].1.iter();
        parents.for_each(|from| each(Edge { from: NodeId::from_index(*from), need: Need::Success }));
    }
}

const STATES: [NodeState; 8] = [
    NodeState::Waiting,
    NodeState::Ready,
    NodeState::Running,
    NodeState::AwaitingRetry,
    NodeState::Succeeded,
    NodeState::Failed,
    NodeState::Skipped,
    NodeState::Cancelled,
];

#[test]
fn a_node_has_a_box_whatever_its_state() {
    let any = Any(STATES.map(|state| (state, Vec::new())).to_vec());
    assert_eq!(look(&Picture::of(&any).svg()).boxes.len(), STATES.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn circles_and_edges_from_nowhere_do_no_harm(
        nodes in prop::collection::vec((prop::sample::select(&STATES[..]), prop::collection::vec(0_usize..24, 0..4)), 0..20)
    ) {
        let any = Any(nodes.clone());
        let picture = Picture::of(&any);
        let seen = look(&picture.svg());
        prop_assert_eq!(seen.boxes.len(), nodes.len());
        let edges = || nodes.iter().enumerate().flat_map(|(to, (_, from))| from.iter().map(move |from| (*from, to)));
        let wanted: std::collections::BTreeSet<_> =
            edges().filter(|(from, to)| from != to && *from < nodes.len()).collect();
        prop_assert_eq!(seen.edges.iter().map(|(from, to, _)| (*from, *to)).collect::<std::collections::BTreeSet<_>>(), wanted.clone());
        prop_assert_eq!(picture.dot().matches(" -> ").count(), wanted.len());
        prop_assert_eq!(picture.mermaid().matches(" --> ").count(), wanted.len());
    }
}
