//! A simulation of many cores that share one lock: the time to run nodes that are all ready from the start.
//!
//! A core hands in the nodes it has run, takes the next ones, and runs them. Only the first two steps need the lock,
//! which is granted in request order. All times are in nanoseconds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The overhead of a node.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Cost {
    /// Under the lock, per turn, independent of the number of nodes.
    pub(super) turn: f64,
    /// Under the lock, to take a node.
    pub(super) take: f64,
    /// Under the lock, to hand in a node.
    pub(super) hand_in: f64,
    /// Without the lock, per node.
    pub(super) outside: f64,
    /// The time to move the lock, and the data that it protects, from one core to another.
    pub(super) handover: f64,
}

/// The number of nodes that a core takes at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Batches {
    /// A fixed number, of nodes that occupy a core for less than `below`.
    Short { most: usize, below: f64 },
    /// As many nodes as amount to `work`, and at most `most`.
    Worth { work: f64, most: usize },
}

impl Batches {
    fn at_once(self, busy: f64, ready: usize, cores: usize) -> usize {
        let most = match self {
            Self::Short { most, below } if busy < below => most,
            Self::Short { .. } => 1,
            Self::Worth { work, most } => ((work / busy) as usize).clamp(1, most),
        };
        (ready / (2 * cores)).clamp(1, most)
    }
}

/// The work of the cores.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) cores: usize,
    pub(super) nodes: usize,
    /// The work of a node.
    pub(super) length: f64,
}

impl Job {
    /// The time until all nodes are handed in.
    pub(super) fn takes(self, cost: Cost, batches: Batches) -> f64 {
        let Self { cores, nodes, length } = self;
        let mut ready = nodes;
        let mut held = vec![0; cores];
        let mut asking: BinaryHeap<_> = (0..cores).map(|core| Reverse((At(0.0), core))).collect();
        let (mut free, mut last) = (0.0, None);
        while let Some(Reverse((At(asked), core))) = asking.pop() {
            let took_over = last.replace(core).is_some_and(|last| last != core);
            let begun = f64::max(asked, free) + if took_over { cost.handover } else { 0.0 };
            let next = batches.at_once(cost.outside + length, ready, cores).min(ready);
            free = begun + cost.turn + cost.hand_in * f64::from(held[core]) + cost.take * next as f64;
            ready -= next;
            held[core] = next as u32;
            if next > 0 {
                asking.push(Reverse((At(free + (cost.outside + length) * next as f64), core)));
            }
        }
        free
    }

    /// The share of the throughput that the cores would reach if there were no overhead.
    pub(super) fn share(self, cost: Cost, batches: Batches) -> f64 {
        self.length * self.nodes as f64 / self.cores as f64 / self.takes(cost, batches)
    }
}

/// The length from which on the cores always reach `share`; in steps of 2 %.
pub(super) fn limit(cores: usize, share: f64, cost: Cost, batches: Batches) -> f64 {
    // Far more than the time under the lock for all cores, and the overhead outside of it.
    let mut length = 3.0 * cores as f64 * (cost.turn + cost.take + cost.hand_in + cost.handover) + 20.0 * cost.outside;
    while length > 10.0 && (Job { cores, nodes: cores * 400, length }).share(cost, batches) >= share {
        length /= 1.02;
    }
    length * 1.02
}

/// A time with a total order.
#[derive(Clone, Copy)]
struct At(f64);

impl Ord for At {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for At {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for At {}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: Cost = Cost { turn: 10.0, take: 20.0, hand_in: 30.0, outside: 5.0, handover: 7.0 };
    const ONE: Batches = Batches::Short { most: 1, below: 0.0 };

    fn takes(cores: usize, nodes: usize, length: f64, batches: Batches) -> f64 {
        Job { cores, nodes, length }.takes(COST, batches)
    }

    /// | core | requests | begins | under the lock | holds it until |
    /// |---|---|---|---|---|
    /// | 0 | 0 | 0 | 10 + 20 | 30 |
    /// | 1 | 0 | 30 + 7 | 10 + 20 | 67 |
    /// | 0 | 30 + 100 | 130 + 7 | 10 + 30 + 20 | 197 |
    /// | 1 | 67 + 100 | 197 + 7 | 10 + 30 + 20 | 264 |
    /// | 0 | 197 + 100 | 297 + 7 | 10 + 30 | 344 |
    /// | 1 | 264 + 100 | 364 + 7 | 10 + 30 | 411 |
    #[test]
    fn two_cores_and_four_nodes_take_what_was_computed_by_hand() {
        assert_eq!(takes(2, 4, 95.0, ONE), 411.0);
    }

    /// A single core takes 2 of 4, then 1 and 1: 10 + 40 + 200, 10 + 60 + 20 + 100, 10 + 30 + 20 + 100, 10 + 30.
    #[test]
    fn a_core_takes_no_more_than_half_of_what_is_ready() {
        assert_eq!(takes(1, 4, 95.0, Batches::Short { most: 32, below: 101.0 }), 640.0);
        assert_eq!(takes(1, 4, 95.0, Batches::Short { most: 32, below: 100.0 }), takes(1, 4, 95.0, ONE));
    }

    #[test]
    fn as_many_are_taken_as_come_to_so_much_work() {
        let worth = Batches::Worth { work: 1_000.0, most: 32 };
        assert_eq!([10.0, 100.0, 900.0, 5_000.0].map(|busy| worth.at_once(busy, 10_000, 64)), [32, 10, 1, 1]);
        assert_eq!(worth.at_once(10.0, 640, 64), 5);
    }

    #[test]
    fn cores_beyond_what_the_lock_can_feed_do_nothing() {
        let section = COST.turn + COST.take + COST.hand_in + COST.handover;
        let each = takes(64, 10_000, 1_000.0, ONE) / 10_000.0;
        assert!((each / section - 1.0).abs() < 0.02, "{each}");
        let limit = limit(64, 0.5, COST, ONE);
        assert!((limit / (32.0 * section) - 1.0).abs() < 0.05, "{limit}");
    }
}
