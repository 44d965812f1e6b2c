//! Positions of nodes and edges.

use crate::seen::{any_nodes, look, machine};
use dagcore::view;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_two_nodes_overlap_and_all_are_inside_of_the_picture(nodes in any_nodes()) {
        let machine = machine(&nodes);
        let seen = look(&view::svg(machine.graph()));
        prop_assert_eq!(seen.boxes.len(), nodes.len());
        for (index, a) in seen.boxes.iter().enumerate() {
            prop_assert!(a[0] >= 0.0 && a[1] >= 0.0 && a[2] <= seen.size[0] && a[3] <= seen.size[1]);
            for b in &seen.boxes[..index] {
                prop_assert!(a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1], "{a:?} overlaps {b:?}");
            }
        }
    }

    #[test]
    fn every_edge_is_drawn_once_from_its_tail_forward_to_its_head(nodes in any_nodes()) {
        let machine = machine(&nodes);
        let seen = look(&view::svg(machine.graph()));
        let mut wanted: Vec<(usize, usize)> =
            nodes.iter().enumerate().flat_map(|(to, (parents, _))| parents.iter().map(move |from| (*from, to))).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut drawn: Vec<(usize, usize)> = seen.edges.iter().map(|(from, to, _)| (*from, *to)).collect();
        drawn.sort_unstable();
        prop_assert_eq!(drawn, wanted);
        // All edges point down, or all point to the right.
        let forward = |axis: usize| {
            seen.edges.iter().all(|(from, to, points)| {
                let (tail, head) = (seen.boxes[*from], seen.boxes[*to]);
                let (first, last) = (points[0], points[points.len() - 1]);
                let inside = |point: [f64; 2], area: [f64; 4]| (area[1 - axis]..=area[3 - axis]).contains(&point[1 - axis]);
                tail[axis + 2] < head[axis]
                    && first[axis] == tail[axis + 2]
                    && last[axis] < head[axis]
                    && head[axis] - last[axis] < 10.0
                    && inside(first, tail)
                    && inside(last, head)
                    && points.windows(2).all(|pair| pair[0][axis] <= pair[1][axis])
            })
        };
        prop_assert!(forward(1) || forward(0));
    }

    #[test]
    fn no_edge_runs_through_the_box_of_another_node(nodes in any_nodes()) {
        let machine = machine(&nodes);
        let seen = look(&view::svg(machine.graph()));
        for (from, to, points) in &seen.edges {
            for (index, area) in seen.boxes.iter().enumerate().filter(|(index, _)| index != from && index != to) {
                // Between consecutive points, including control points of curves, a path is parallel to one axis.
                let hit = points.windows(2).any(|pair| {
                    let apart = |axis: usize| {
                        let (low, high) = (pair[0][axis].min(pair[1][axis]), pair[0][axis].max(pair[1][axis]));
                        high < area[axis] || low > area[axis + 2]
                    };
                    !apart(0) && !apart(1)
                });
                prop_assert!(!hit, "the edge from {from} to {to} runs through {index}");
            }
        }
    }

    #[test]
    fn the_same_graph_gives_the_same_picture(nodes in any_nodes()) {
        let (one, other) = (machine(&nodes), machine(&nodes));
        for draw in [view::svg, view::dot, view::mermaid] {
            prop_assert_eq!(draw(one.graph()), draw(other.graph()));
        }
    }

}

#[test]
fn an_empty_graph_gives_a_small_picture_that_says_so() {
    let machine = machine(&[]);
    let svg = view::svg(machine.graph());
    assert!(look(&svg).size.iter().all(|size| (20.0..300.0).contains(size)));
    assert!(svg.contains(">no nodes</text>"));
    assert!(view::dot(machine.graph()).starts_with("digraph \"0 nodes\" {"));
    assert_eq!(view::mermaid(machine.graph()), "flowchart TD\n");
}

#[test]
fn a_hundred_children_turn_the_picture_to_the_right() {
    let mut nodes = vec![(Vec::new(), None)];
    nodes.extend((1..=100).map(|_| (vec![0], None)));
    let seen = look(&view::svg(machine(&nodes).graph()));
    assert!(seen.boxes[1..].iter().all(|child| child[0] > seen.boxes[0][2]));
    assert!(seen.size[0] < 600.0, "{:?}", seen.size);
}

#[test]
fn many_edges_that_are_all_long_do_not_make_the_picture_slow() {
    let nodes: Vec<(Vec<usize>, Option<String>)> =
        (0..10_000).map(|at: usize| (if at == 0 { vec![] } else { vec![at - 1, 0] }, None)).collect();
    let machine = machine(&nodes);
    // Fifty million bends would take gigabytes; the test does not measure time.
    assert_eq!(look(&view::svg(machine.graph())).edges.len(), 19_997);
}
