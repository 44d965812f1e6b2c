//! Coordinate assignment: places every slot as close to its neighbours as the order and the gaps allow.
//!
//! For one layer this is a least-squares problem with the order as a constraint, which pooling adjacent slots that
//! overlap solves exactly in one pass. Sweeps down and up propagate positions through the layers; the last sweeps
//! consider both directions. Edges between bends have a high weight, so that long edges are straight.

use super::layers::Part;

const SWEEPS: usize = 16;

/// The widths of all nodes and the gaps between slots.
pub(super) struct Room<'a> {
    /// The width of each node.
    pub(super) widths: &'a [f64],
    /// The gap between two nodes.
    pub(super) gap: f64,
    /// The gap beside a bend.
    pub(super) bend_gap: f64,
}

/// Returns the centre of each slot. The leftmost edge of all is at zero.
pub(super) fn place(part: &Part, room: &Room<'_>) -> Vec<f64> {
    let offsets = offsets(part, room);
    let mut middle = offsets.clone();
    for layer in &part.layers {
        // Initially, every layer is centred.
        let width = layer.last().map_or(0.0, |last| middle[*last as usize]);
        layer.iter().for_each(|slot| middle[*slot as usize] -= width / 2.0);
    }
    let mut pool = Pool::default();
    let layers = part.layers.len();
    for sweep in 0..SWEEPS {
        let last = sweep + 8 >= SWEEPS;
        for step in 0..layers {
            let down = sweep % 2 == 0;
            let layer = &part.layers[if down { step } else { layers - 1 - step }];
            pool.settle(part, layer, &mut middle, &offsets, (down || last, !down || last));
        }
    }
    let left = |slot: &u32| middle[*slot as usize] - half(part, room, *slot);
    let leftmost = part.layers.iter().filter_map(|layer| layer.first()).map(left).fold(f64::INFINITY, f64::min);
    middle.iter_mut().for_each(|middle| *middle = (*middle - leftmost).round());
    middle
}

fn half(part: &Part, room: &Room<'_>, slot: u32) -> f64 {
    if part.is_bend(slot) { 0.0 } else { room.widths[part.nodes[slot as usize] as usize] / 2.0 }
}

/// Returns the distance of each slot's centre from that of the first slot in its layer, with minimum gaps.
fn offsets(part: &Part, room: &Room<'_>) -> Vec<f64> {
    let mut offsets = vec![0.0; part.layer_of.len()];
    for layer in &part.layers {
        for pair in layer.windows(2) {
            let gap = if pair.iter().any(|slot| part.is_bend(*slot)) { room.bend_gap } else { room.gap };
            let apart = half(part, room, pair[0]) + gap + half(part, room, pair[1]);
            offsets[pair[1] as usize] = offsets[pair[0] as usize] + apart;
        }
    }
    offsets
}

/// Blocks of adjacent slots with minimum gaps: the number of slots, their preferred position, and its weight.
#[derive(Default)]
struct Pool(Vec<(usize, f64, f64)>);

impl Pool {
    /// Moves the slots of a layer to their preferred positions, with respect to the previous and the next layer as
    /// selected.
    fn settle(
        &mut self,
        part: &Part,
        layer: &[u32],
        middle: &mut [f64],
        offsets: &[f64],
        (before, after): (bool, bool),
    ) {
        self.0.clear();
        for slot in layer {
            let (mut sum, mut weight) = (0.0, 0.0);
            let above = part.before.of(*slot).iter().filter(|_| before);
            for other in above.chain(part.after.of(*slot).iter().filter(|_| after)) {
                let pull = match (part.is_bend(*slot), part.is_bend(*other)) {
                    (true, true) => 8.0,
                    (false, false) => 1.0,
                    _ => 2.0,
                };
                sum += pull * middle[*other as usize];
                weight += pull;
            }
            if weight == 0.0 {
                (sum, weight) = (0.01 * middle[*slot as usize], 0.01);
            }
            let mut new = (1, sum / weight - offsets[*slot as usize], weight);
            while let Some((count, wish, weight)) = self.0.last().copied().filter(|(_, wish, _)| *wish >= new.1) {
                self.0.pop();
                let both = weight + new.2;
                new = (count + new.0, (wish * weight + new.1 * new.2) / both, both);
            }
            self.0.push(new);
        }
        let mut slots = layer.iter();
        for (count, wish, _) in &self.0 {
            for slot in slots.by_ref().take(*count) {
                middle[*slot as usize] = wish + offsets[*slot as usize];
            }
        }
    }
}
