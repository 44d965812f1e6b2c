//! Combines the given options with the defaults, and decides which peer runs which workload.

use super::args::Args;
use crate::peers::Contestant;
use crate::workload::Shape;
use std::path::PathBuf;
use std::time::Duration;

/// The defaults.
pub struct Defaults<'a> {
    /// The peers.
    pub peers: &'a [Contestant],
    /// The workloads.
    pub shapes: &'a [Shape],
    /// The numbers of nodes.
    pub sizes: &'a [usize],
    /// The time for which each peer runs each workload at each size.
    pub time: Duration,
    /// The minimum number of samples.
    pub least: usize,
    /// The program that measures peak memory, even if no option requests it.
    pub memory: Option<PathBuf>,
}

/// The measurements to perform.
pub(super) struct Plan {
    pub(super) peers: Vec<Contestant>,
    pub(super) shapes: Vec<Shape>,
    pub(super) sizes: Vec<usize>,
    pub(super) time: Duration,
    pub(super) least: usize,
    pub(super) memory: Option<PathBuf>,
    /// Whether slow runs are included.
    insist: bool,
}

/// A larger number of nodes of a millisecond each takes too long for every peer.
const MOST_COMPUTED: usize = 10_000;

/// The decision whether a peer runs a workload of a size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// It runs.
    Runs,
    /// The peer does not support the workload.
    Cannot,
    /// It would take too long.
    TooLong,
}

impl Plan {
    pub(super) fn new(args: &Args, usual: Defaults<'_>) -> Self {
        Self {
            insist: !args.peers.is_empty() && !args.n.is_empty(),
            peers: or(&args.peers, usual.peers, |peer| peer.name),
            shapes: or(&args.workloads, usual.shapes, |shape| shape.name()),
            sizes: or(&args.n, usual.sizes, |n| *n),
            time: args.seconds.map_or(usual.time, Duration::from_secs_f64),
            least: usual.least,
            memory: usual.memory,
        }
    }

    pub(super) fn part(&self, peer: &Contestant, shape: Shape, n: usize) -> Part {
        let reach = (peer.reach)(shape);
        if !reach.can() {
            Part::Cannot
        } else if self.insist || reach.to(n) && (shape != Shape::Compute || n <= MOST_COMPUTED) {
            Part::Runs
        } else {
            Part::TooLong
        }
    }
}

/// Returns the requested values without duplicates, or the defaults.
fn or<T: Clone, K: PartialEq>(asked: &[T], usual: &[T], key: impl Fn(&T) -> K) -> Vec<T> {
    let mut list: Vec<T> = Vec::new();
    for one in if asked.is_empty() { usual } else { asked } {
        if list.iter().all(|known| key(known) != key(one)) {
            list.push(one.clone());
        }
    }
    list
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::peers::{Reach, Sample};

    /// Returns at once; does not support layers, and is slow for a million groups.
    pub(in super::super) const FAKE: Contestant = Contestant {
        name: "fake",
        reach: |shape| match shape {
            Shape::Layers => Reach::None,
            Shape::Groups => Reach::To(1_000),
            _ => Reach::All,
        },
        sample: |_, _, _| Sample { build: 1.0, run: 2.0 },
    };

    fn nothing_asked() -> Args {
        Args { peers: vec![], workloads: vec![], n: vec![], seconds: None, json: false, readme: false }
    }

    fn plan(args: &Args) -> Plan {
        let (time, least) = (Duration::from_secs(1), 3);
        Plan::new(args, Defaults { peers: &[FAKE], shapes: &Shape::ALL, sizes: &[100], time, least, memory: None })
    }

    #[test]
    fn what_is_not_asked_for_is_as_usual() {
        let usual = plan(&nothing_asked());
        assert_eq!((usual.peers.len(), usual.shapes.len(), usual.sizes), (1, 10, vec![100]));
        let asked = plan(&Args { n: vec![200, 300, 200], seconds: Some(0.5), ..nothing_asked() });
        assert_eq!((asked.sizes, asked.time), (vec![200, 300], Duration::from_millis(500)));
    }

    #[test]
    fn what_takes_long_is_left_out_unless_peers_and_sizes_are_named() {
        let part = |args: Args, shape, n| plan(&args).part(&FAKE, shape, n);
        assert_eq!(part(nothing_asked(), Shape::Groups, 1_000), Part::Runs);
        assert_eq!(part(nothing_asked(), Shape::Groups, 1_100), Part::TooLong);
        assert_eq!(part(nothing_asked(), Shape::Compute, 10_000), Part::Runs);
        assert_eq!(part(nothing_asked(), Shape::Compute, 100_000), Part::TooLong);
        assert_eq!(part(nothing_asked(), Shape::Chain, 1_000_000), Part::Runs);
        let only_size = Args { n: vec![1_100], ..nothing_asked() };
        assert_eq!(part(only_size.clone(), Shape::Groups, 1_100), Part::TooLong);
        let named = Args { peers: vec![FAKE], ..only_size };
        assert_eq!(part(named.clone(), Shape::Groups, 1_100), Part::Runs);
        assert_eq!(part(named, Shape::Layers, 1_100), Part::Cannot);
    }
}
