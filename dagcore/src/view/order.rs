//! Crossing reduction: orders the slots within the layers with the barycentre heuristic, by layer sweeps.
//!
//! A sweep down moves every slot to the mean position of its neighbours above; a sweep up, of those below. A fixed
//! number of sweeps is made from each of two initial orders, and the order with the fewest crossings is kept.

use super::layers::Part;

const SWEEPS: usize = 12;

/// Orders the slots in the layers of `part`.
pub(super) fn order(part: &mut Part) {
    if part.layers.iter().all(|layer| layer.len() <= 1) {
        return;
    }
    let mut best = std::mem::take(&mut part.layers);
    let mut fewest = u64::MAX;
    for start in [best.clone(), by_descent(part, &best)] {
        let mut sweep = Sweep::new(part, start);
        for round in 0..SWEEPS {
            let crossings = sweep.crossings();
            if crossings < fewest {
                fewest = crossings;
                best.clone_from(&sweep.layers);
            }
            if fewest == 0 {
                break;
            }
            sweep.make(round % 2 == 0);
        }
    }
    part.layers = best;
}

/// Returns the order in which a depth-first search from the first layer visits the slots: it keeps the branches of a
/// tree apart.
fn by_descent(part: &Part, layers: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut met = vec![false; part.layer_of.len()];
    let mut ordered: Vec<Vec<u32>> = layers.iter().map(|layer| Vec::with_capacity(layer.len())).collect();
    let mut todo = Vec::new();
    for start in layers.iter().flatten() {
        todo.push(*start);
        while let Some(slot) = todo.pop() {
            if !std::mem::replace(&mut met[slot as usize], true) {
                ordered[part.layer_of[slot as usize] as usize].push(slot);
                todo.extend(part.after.of(slot).iter().rev());
            }
        }
    }
    ordered
}

struct Sweep<'a> {
    part: &'a Part,
    layers: Vec<Vec<u32>>,
    /// The position of each slot in its layer.
    at: Vec<u32>,
    keys: Vec<(f64, u32)>,
    tree: Vec<u32>,
}

impl<'a> Sweep<'a> {
    fn new(part: &'a Part, layers: Vec<Vec<u32>>) -> Self {
        let mut sweep = Self { part, layers, at: vec![0; part.layer_of.len()], keys: Vec::new(), tree: Vec::new() };
        (0..sweep.layers.len()).for_each(|layer| sweep.number(layer));
        sweep
    }

    fn number(&mut self, layer: usize) {
        for (at, slot) in self.layers[layer].iter().enumerate() {
            self.at[*slot as usize] = at as u32;
        }
    }

    fn make(&mut self, down: bool) {
        let layers = self.layers.len();
        for step in 1..layers {
            let layer = if down { step } else { layers - 1 - step };
            let neighbours = if down { &self.part.before } else { &self.part.after };
            let beside = self.layers[if down { layer - 1 } else { layer + 1 }].len() as f64;
            let own = self.layers[layer].len() as f64;
            self.keys.clear();
            for (at, slot) in self.layers[layer].iter().enumerate() {
                let list = neighbours.of(*slot);
                let sum: u64 = list.iter().map(|other| u64::from(self.at[*other as usize])).sum();
                // Keys are relative to the length of the layer, so that slots without a neighbour there roughly keep
                // their position.
                let key = match list.len() {
                    0 => (at as f64 + 0.5) / own,
                    count => (sum as f64 / count as f64 + 0.5) / beside,
                };
                self.keys.push((key, *slot));
            }
            self.keys.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (place, (_, slot)) in self.layers[layer].iter_mut().zip(&self.keys) {
                *place = *slot;
            }
            self.number(layer);
        }
    }

    fn crossings(&mut self) -> u64 {
        (1..self.layers.len()).map(|layer| self.crossings_above(layer)).sum()
    }

    /// Counts the crossings between a layer and the previous one: for every edge, in the order of upper ends, the
    /// earlier edges whose lower end is further right.
    fn crossings_above(&mut self, layer: usize) -> u64 {
        self.tree.clear();
        self.tree.resize(self.layers[layer].len() + 1, 0);
        let (mut crossings, mut seen) = (0, 0);
        let mut ends: Vec<u32> = Vec::new();
        for slot in &self.layers[layer - 1] {
            ends.clear();
            ends.extend(self.part.after.of(*slot).iter().map(|end| self.at[*end as usize]));
            crossings += ends.iter().map(|end| seen - count_to(&self.tree, *end)).sum::<u64>();
            ends.iter().for_each(|end| add(&mut self.tree, *end));
            seen += ends.len() as u64;
        }
        crossings
    }
}

/// Returns the number of ends in the tree up to and including this one.
fn count_to(tree: &[u32], end: u32) -> u64 {
    let (mut at, mut count) = (end as usize + 1, 0);
    while at > 0 {
        count += u64::from(tree[at]);
        at &= at - 1;
    }
    count
}

fn add(tree: &mut [u32], end: u32) {
    let mut at = end as usize + 1;
    while at < tree.len() {
        tree[at] += 1;
        at += at & at.wrapping_neg();
    }
}
