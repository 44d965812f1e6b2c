//! Alternates the peers, sample by sample, so that a slow phase of the machine affects all of them.

use super::plan::Plan;
use crate::peers::{Contestant, Sample};
use crate::took::Took;
use crate::workload::Shape;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The figures of a peer for a workload, per node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figures {
    /// The peer's name.
    pub(super) peer: &'static str,
    /// The workload.
    pub(super) shape: Shape,
    /// The number of nodes.
    pub(super) n: usize,
    /// Nanoseconds to build it.
    pub(super) build: Took,
    /// Nanoseconds to run it, and to drop its result.
    pub(super) run: Took,
    /// Peak bytes of a process that runs it once, minus those of a process that does almost nothing.
    pub(super) peak: Option<f64>,
}

/// Alternates the peers until each has used its time and has enough samples.
pub(super) fn compare(runtime: &Runtime, plan: &Plan, peers: &[Contestant], shape: Shape, n: usize) -> Vec<Figures> {
    struct Turn {
        peer: Contestant,
        samples: Vec<Sample>,
        left: Duration,
    }
    let mut turns: Vec<Turn> =
        peers.iter().map(|peer| Turn { peer: *peer, samples: Vec::new(), left: plan.time }).collect();
    loop {
        let mut all_done = true;
        for turn in &mut turns {
            if turn.left.is_zero() && turn.samples.len() >= plan.least {
                continue;
            }
            all_done = false;
            let start = Instant::now();
            turn.samples.push((turn.peer.sample)(runtime, shape, n));
            turn.left = turn.left.saturating_sub(start.elapsed());
        }
        if all_done {
            break;
        }
    }
    let took = |turn: &Turn, of: fn(&Sample) -> f64| Took::of(turn.samples.iter().map(of).collect());
    let figures = |turn: &Turn| Figures {
        peer: turn.peer.name,
        shape,
        n,
        build: took(turn, |sample| sample.build),
        run: took(turn, |sample| sample.run),
        peak: None,
    };
    turns.iter().map(figures).collect()
}
