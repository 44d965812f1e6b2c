//! The layout pipeline: from sizes and arrows to boxes and curves.

use super::arrow::Arrow;
use super::geometry::{Area, Direction, Point};
use super::layers::{Part, parts};
use super::order::order;
use super::pack::pack;
use super::place::{Room, place};

/// The margin of a picture.
const RIM: f64 = 24.0;
/// The length of an arrowhead.
pub(super) const HEAD: f64 = 7.0;
/// The preferred maximum size of a picture, and the factor by which a picture may exceed it before the other direction
/// is tried.
const PAGE: (f64, f64) = (1300.0, 900.0);
const PATIENCE: f64 = 1.4;

/// The positions of all elements, without their style.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) direction: Direction,
    /// The box of each node.
    pub(super) boxes: Vec<Area>,
    /// The curve of each arrow, up to the start of its head: a point, then alternately a curve to the next point and a
    /// straight line to the one after it.
    pub(super) curves: Vec<Vec<Point>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Computes the layout of nodes of these sizes.
///
/// Edges lead down, or to the right if the picture would otherwise become far too wide, as for a node with a hundred
/// children.
pub(super) fn lay_out(sizes: &[(f64, f64)], arrows: &[Arrow]) -> Layout {
    let mut parts = parts(sizes.len(), arrows);
    parts.iter_mut().for_each(order);
    let down = arrange(&parts, sizes, arrows, Direction::Down);
    if misfit(&down) <= PATIENCE {
        return down;
    }
    let right = arrange(&parts, sizes, arrows, Direction::Right);
    if misfit(&right) < misfit(&down) { right } else { down }
}

/// Returns the factor by which the picture exceeds the preferred size.
fn misfit(layout: &Layout) -> f64 {
    (layout.width / PAGE.0).max(layout.height / PAGE.1)
}

fn arrange(parts: &[Part], sizes: &[(f64, f64)], arrows: &[Arrow], direction: Direction) -> Layout {
    let (across, along): (Vec<f64>, Vec<f64>) =
        sizes.iter().map(|(width, height)| direction.parts(*width, *height)).unzip();
    let gap = if direction == Direction::Down { 26.0 } else { 14.0 };
    let room = Room { widths: &across, gap, bend_gap: 14.0 };
    let grids: Vec<Grid> = parts.iter().map(|part| Grid::of(part, &room, &along)).collect();
    let outer: Vec<(f64, f64)> = grids.iter().map(|grid| direction.parts(grid.width, grid.end())).collect();
    let (corners, (width, height)) = pack(&outer);
    let mut layout = Layout {
        direction,
        boxes: vec![Area::default(); sizes.len()],
        curves: vec![Vec::new(); arrows.len()],
        width: width + 2.0 * RIM,
        height: height + 2.0 * RIM,
    };
    for ((part, grid), (x, y)) in parts.iter().zip(&grids).zip(corners) {
        let (side, start) = direction.parts(x + RIM, y + RIM);
        let point = |across: f64, along: f64| direction.point(side + across, start + along);
        for (slot, node) in part.nodes.iter().enumerate() {
            let layer = part.layer_of[slot] as usize;
            let size = across[*node as usize];
            let (width, height) = direction.parts(size, grid.thick[layer]);
            let at = point(grid.middle[slot] - size / 2.0, grid.start[layer]);
            layout.boxes[*node as usize] = Area { at, width, height };
        }
        for route in &part.routes {
            let layer = |slot: u32| part.layer_of[slot as usize] as usize;
            let mut curve = Vec::with_capacity(2 + 2 * route.bends as usize);
            curve.push(point(grid.middle[route.from as usize], grid.after(layer(route.from))));
            for bend in route.first_bend..route.first_bend + route.bends {
                let across = grid.middle[bend as usize];
                curve.push(point(across, grid.start[layer(bend)]));
                curve.push(point(across, grid.after(layer(bend))));
            }
            curve.push(point(grid.middle[route.to as usize], grid.start[layer(route.to)] - HEAD));
            layout.curves[route.arrow as usize] = curve;
        }
    }
    layout
}

/// The positions of the layers and slots of one component.
struct Grid {
    width: f64,
    /// The centre of each slot.
    middle: Vec<f64>,
    /// The start and the thickness of each layer.
    start: Vec<f64>,
    thick: Vec<f64>,
}

impl Grid {
    fn of(part: &Part, room: &Room<'_>, along: &[f64]) -> Self {
        let middle = place(part, room);
        let (mut start, mut thick) = (Vec::new(), Vec::new());
        let mut at = 0.0;
        let mut width = 0.0_f64;
        for layer in &part.layers {
            let nodes = || layer.iter().filter_map(|slot| part.nodes.get(*slot as usize));
            let thickness = nodes().map(|node| along[*node as usize]).fold(0.0, f64::max);
            start.push(at);
            thick.push(thickness);
            at += thickness + below(part, layer, &middle);
            if let Some(last) = layer.last() {
                let size = part.nodes.get(*last as usize).map_or(0.0, |node| room.widths[*node as usize]);
                width = width.max(middle[*last as usize] + size / 2.0);
            }
        }
        Self { width, middle, start, thick }
    }

    /// Returns the end of a layer.
    fn after(&self, layer: usize) -> f64 {
        self.start[layer] + self.thick[layer]
    }

    /// Returns the end of the last layer.
    fn end(&self) -> f64 {
        self.start.len().checked_sub(1).map_or(0.0, |last| self.after(last))
    }
}

/// Returns the gap after a layer: larger where edges lead far sideways, so that they do not become too flat.
fn below(part: &Part, layer: &[u32], middle: &[f64]) -> f64 {
    let far = |slot: &u32| {
        let ends = part.after.of(*slot).iter();
        ends.map(|end| (middle[*end as usize] - middle[*slot as usize]).abs()).fold(0.0, f64::max)
    };
    let farthest = layer.iter().map(far).fold(0.0, f64::max);
    38.0 + (farthest * 0.08).min(90.0).round()
}
