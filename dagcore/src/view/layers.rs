//! Splits a graph into connected components, and each component into layers, so that every edge leads from a layer to a
//! later one.
//!
//! The layer of a node is the length of the longest path to it; a node with more outgoing than incoming edges is then
//! moved towards its children. An edge that spans several layers gets a *bend* (a dummy node) in each layer between,
//! which is ordered and placed like a node, so that the edge is routed between the nodes.

use super::arrow::Arrow;

/// Adjacency lists of all nodes, stored contiguously.
#[derive(Default, Debug)]
pub(super) struct Neighbours {
    starts: Vec<u32>,
    list: Vec<u32>,
}

impl Neighbours {
    /// Creates the lists of `count` nodes from edges, each given as (node, neighbour).
    pub(super) fn new(count: usize, edges: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0_u32; count + 1];
        edges.clone().for_each(|(node, _)| starts[node as usize + 1] += 1);
        for index in 0..count {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let mut list = vec![0; starts[count] as usize];
        for (node, neighbour) in edges {
            list[next[node as usize] as usize] = neighbour;
            next[node as usize] += 1;
        }
        Self { starts, list }
    }

    pub(super) fn of(&self, node: u32) -> &[u32] {
        &self.list[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }
}

/// The route of an edge from its tail to its head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    /// The index of the arrow in the list of all arrows.
    pub(super) arrow: u32,
    /// Its ends, as indices in the part.
    pub(super) from: u32,
    pub(super) to: u32,
    /// Its bends are `bends` consecutive slots, starting with this one.
    pub(super) first_bend: u32,
    pub(super) bends: u32,
}

/// A connected component of the graph, in layers. A *slot* is a node or, after the nodes, a bend.
#[derive(Debug)]
pub(super) struct Part {
    /// The nodes, as indices in the graph.
    pub(super) nodes: Vec<u32>,
    /// The slots of each layer, in order.
    pub(super) layers: Vec<Vec<u32>>,
    /// The layer of each slot.
    pub(super) layer_of: Vec<u32>,
    /// The neighbours of each slot in the previous layer, and in the next one.
    pub(super) before: Neighbours,
    pub(super) after: Neighbours,
    pub(super) routes: Vec<Route>,
}

impl Part {
    /// Returns `true` if the slot is a bend of an edge.
    pub(super) fn is_bend(&self, slot: u32) -> bool {
        slot as usize >= self.nodes.len()
    }
}

/// Splits a graph of `count` nodes into its connected components, the largest first.
pub(super) fn parts(count: usize, arrows: &[Arrow]) -> Vec<Part> {
    let part_of = connected(count, arrows);
    let number = part_of.iter().max().map_or(0, |last| *last as usize + 1);
    let mut nodes = vec![Vec::new(); number];
    let mut own = vec![0_u32; count];
    for (node, part) in part_of.iter().enumerate() {
        own[node] = nodes[*part as usize].len() as u32;
        nodes[*part as usize].push(node as u32);
    }
    let mut edges = vec![Vec::new(); number];
    for (index, arrow) in arrows.iter().enumerate() {
        let part = part_of[arrow.from as usize] as usize;
        edges[part].push((index as u32, own[arrow.from as usize], own[arrow.to as usize]));
    }
    let mut parts: Vec<Part> = nodes.into_iter().zip(edges).map(|(nodes, edges)| part(nodes, &edges)).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.nodes.len()));
    parts
}

/// Returns the component of each node; components are numbered by their first nodes.
fn connected(count: usize, arrows: &[Arrow]) -> Vec<u32> {
    let both = arrows.iter().flat_map(|arrow| [(arrow.from, arrow.to), (arrow.to, arrow.from)]);
    let neighbours = Neighbours::new(count, both);
    let mut part_of = vec![u32::MAX; count];
    let mut todo = Vec::new();
    let mut number = 0;
    for start in 0..count as u32 {
        if part_of[start as usize] != u32::MAX {
            continue;
        }
        part_of[start as usize] = number;
        todo.push(start);
        while let Some(node) = todo.pop() {
            for next in neighbours.of(node) {
                if part_of[*next as usize] == u32::MAX {
                    part_of[*next as usize] = number;
                    todo.push(*next);
                }
            }
        }
        number += 1;
    }
    part_of
}

/// Creates the component of these nodes and edges, each edge given as (arrow, tail, head).
fn part(nodes: Vec<u32>, edges: &[(u32, u32, u32)]) -> Part {
    let mut layer_of = longest_paths(nodes.len(), edges);
    let mut routes: Vec<Route> = edges
        .iter()
        .map(|(arrow, from, to)| Route { arrow: *arrow, from: *from, to: *to, first_bend: 0, bends: 0 })
        .collect();
    let segments = bend(&mut routes, &mut layer_of, nodes.len());
    let mut layers = vec![Vec::new(); layer_of.iter().max().map_or(0, |last| *last as usize + 1)];
    for (slot, layer) in layer_of.iter().enumerate() {
        layers[*layer as usize].push(slot as u32);
    }
    for layer in &mut layers {
        // Bends start in the middle of their layer, so that an edge passes a fan-out there if nothing else determines
        // its place.
        let own = layer.partition_point(|slot| (*slot as usize) < nodes.len());
        layer[own / 2..].rotate_left(own - own / 2);
    }
    let before = Neighbours::new(layer_of.len(), segments.iter().map(|(from, to)| (*to, *from)));
    let after = Neighbours::new(layer_of.len(), segments.iter().copied());
    Part { nodes, layers, layer_of, before, after, routes }
}

fn longest_paths(count: usize, edges: &[(u32, u32, u32)]) -> Vec<u32> {
    let parents = Neighbours::new(count, edges.iter().map(|(_, from, to)| (*to, *from)));
    let children = Neighbours::new(count, edges.iter().map(|(_, from, to)| (*from, *to)));
    let mut missing: Vec<usize> = (0..count as u32).map(|node| parents.of(node).len()).collect();
    let mut sorted: Vec<u32> = (0..count as u32).filter(|node| missing[*node as usize] == 0).collect();
    let mut layer = vec![0_u32; count];
    let mut at = 0;
    while let Some(node) = sorted.get(at).copied() {
        at += 1;
        for child in children.of(node) {
            layer[*child as usize] = layer[*child as usize].max(layer[node as usize] + 1);
            missing[*child as usize] -= 1;
            if missing[*child as usize] == 0 {
                sorted.push(*child);
            }
        }
    }
    for node in sorted.into_iter().rev() {
        let nearest = children.of(node).iter().map(|child| layer[*child as usize]).min();
        if let Some(nearest) = nearest.filter(|_| children.of(node).len() > parents.of(node).len()) {
            layer[node as usize] = nearest - 1;
        }
    }
    layer
}

/// Creates the bends of all edges, and returns the resulting segments between adjacent layers.
///
/// The number of bends is limited, because a graph can have many long edges: a chain of ten thousand nodes that all
/// need the first one would have fifty million bends. The longest edges then get no bends and are drawn straight,
/// behind the nodes.
fn bend(routes: &mut [Route], layer_of: &mut Vec<u32>, nodes: usize) -> Vec<(u32, u32)> {
    let span = |route: &Route, layer_of: &[u32]| {
        layer_of[route.to as usize].saturating_sub(layer_of[route.from as usize]).saturating_sub(1)
    };
    let mut by_length: Vec<u32> = (0..routes.len() as u32).collect();
    by_length.sort_by_key(|route| span(&routes[*route as usize], layer_of));
    let mut left = 10_000 + 6 * (nodes + routes.len());
    let mut straight = vec![false; routes.len()];
    for route in by_length {
        let Route { from, to, .. } = routes[route as usize];
        let bends = span(&routes[route as usize], layer_of) as usize;
        straight[route as usize] = bends > left || layer_of[from as usize] >= layer_of[to as usize];
        left = left.saturating_sub(bends);
    }
    let mut segments = Vec::with_capacity(routes.len());
    for (route, straight) in routes.iter_mut().zip(straight) {
        let bends = span(route, layer_of);
        if straight {
            continue;
        }
        (route.first_bend, route.bends) = (layer_of.len() as u32, bends);
        let first = layer_of[route.from as usize] + 1;
        layer_of.extend(first..first + bends);
        let mut last = route.from;
        for slot in route.first_bend..route.first_bend + bends {
            segments.push((last, slot));
            last = slot;
        }
        segments.push((last, route.to));
    }
    segments
}
