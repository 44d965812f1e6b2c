//! Graphs to draw, and the parsed elements of a picture.

use dagcore::dag::{Additions, Edge, Event, Label, Machine, Need, NodeId, Place, StageId, StageInfo, Time};
use proptest::prelude::*;
use roxmltree::Document;

/// A graph of nodes with these parents and these names.
pub(crate) fn machine(nodes: &[(Vec<usize>, Option<String>)]) -> Machine {
    let describe = |stage: StageId| {
        StageInfo::new(["fetch", "a_stage_with_a_long_name", "x<&\">\u{202e}", "n"][stage.index() % 4], Place::Inline)
    };
    let mut additions = Additions::default();
    for (index, (parents, name)) in nodes.iter().enumerate() {
        let needs = |at: usize| if at % 3 == 2 { Need::End } else { Need::Success };
        let edge = |(at, from): (usize, &usize)| Edge { from: NodeId::from_index(*from), need: needs(at) };
        let label = name.clone().map(|name| Label { name: Some(name), ..Label::default() });
        additions.node(StageId::from_index(index % 4), parents.iter().enumerate().map(edge), label);
    }
    let mut machine = Machine::new(describe);
    machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
    machine
}

/// An arbitrary graph: each node has up to three older ones as parents, possibly with duplicates.
pub(crate) fn any_nodes() -> impl Strategy<Value = Vec<(Vec<usize>, Option<String>)>> {
    let node = (prop::collection::vec(any::<prop::sample::Index>(), 0..4), prop::option::of("[a-z ]{0,40}"));
    prop::collection::vec(node, 0..80).prop_map(|nodes| {
        let parents = |at: usize, list: Vec<prop::sample::Index>| {
            if at == 0 { Vec::new() } else { list.iter().map(|index| index.index(at)).collect() }
        };
        nodes.into_iter().enumerate().map(|(at, (list, name))| (parents(at, list), name)).collect()
    })
}

/// The elements of an SVG picture.
pub(crate) struct Seen {
    /// Left, top, right and bottom of every node's box, by the node's number.
    pub(crate) boxes: Vec<[f64; 4]>,
    /// Every edge, with the points of its path.
    pub(crate) edges: Vec<(usize, usize, Vec<[f64; 2]>)>,
    pub(crate) size: [f64; 2],
}

fn number(node: roxmltree::Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
}

pub(crate) fn look(svg: &str) -> Seen {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}\n{svg}"));
    let root = document.root_element();
    let mut boxes = Vec::new();
    for group in root.descendants().filter(|node| node.has_attribute("data-node")) {
        let rect = group.children().find(|child| child.has_tag_name((root.tag_name().namespace().unwrap(), "rect")));
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| number(rect.unwrap(), name));
        boxes.push((number(group, "data-node") as usize, [x, y, x + width, y + height]));
    }
    boxes.sort_by_key(|(node, _)| *node);
    assert!(boxes.iter().enumerate().all(|(index, (node, _))| index == *node), "a node is missing or duplicated");
    let edges = root.descendants().filter(|node| node.has_attribute("data-from"));
    let edges = edges.map(|path| {
        let numbers =
            path.attribute("d").unwrap().split(|c: char| c.is_alphabetic() || c == ' ').filter(|n| !n.is_empty());
        let numbers: Vec<f64> = numbers.map(|number| number.parse().unwrap()).collect();
        let points = numbers.chunks(2).map(|pair| [pair[0], pair[1]]).collect();
        (number(path, "data-from") as usize, number(path, "data-to") as usize, points)
    });
    let edges = edges.collect();
    let view: Vec<f64> = root.attribute("viewBox").unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
    assert_eq!([view[2], view[3]], ["width", "height"].map(|name| number(root, name)));
    Seen { boxes: boxes.into_iter().map(|(_, corners)| corners).collect(), edges, size: [view[2], view[3]] }
}

/// Nodes of these names, each the parent of the next.
pub(crate) fn chain(names: &[String]) -> Machine {
    let parents = |at: usize| at.checked_sub(1).into_iter().collect();
    machine(&names.iter().enumerate().map(|(at, name)| (parents(at), Some(name.clone()))).collect::<Vec<_>>())
}
