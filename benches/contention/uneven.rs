//! Long nodes among short ones: no core may wait for a long node while other nodes are ready.

use super::args::Args;
use super::loads::{Load, Root};
use super::runtimes::{Runtimes, Taken, at_once};
use super::spin::{rounds, spin};
use crate::out::tell;
use crate::took::Took;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

const SHORT: Duration = Duration::from_nanos(200);
const LONG: Duration = Duration::from_millis(20);
/// The number of nodes before and after the long one that a worker may take in one batch with it.
const MATES: usize = 32;
/// One in this number of nodes is long.
const MANY: usize = 1_000;
/// The number of nodes that become ready together, after enough nodes of the stage to estimate its usual duration.
const LAYER: usize = 64;
const BEFORE: usize = 1_000;

/// The place of the long nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Case {
    /// One in a thousand.
    Mixed,
    /// One, the first. Only its neighbours have children, which together take as long as it does.
    First,
    /// The same, in the middle of the nodes with children.
    Middle,
    /// The first of a few nodes that become ready together, all of which have children.
    Layer,
}

impl Case {
    const ALL: [(Self, &str); 4] = [
        (Self::Mixed, "1 in 1,000 long"),
        (Self::First, "the first, mates have children"),
        (Self::Middle, "in the middle, likewise"),
        (Self::Layer, "the first of a layer of 64"),
    ];

    /// The nodes, for this number of cores.
    fn roots(self, n: usize, cores: usize) -> Vec<Root> {
        let n = if self == Self::Layer { LAYER } else { n };
        let short = Root { length: SHORT, child: None };
        let long = Root { length: LONG, child: None };
        let mut roots = vec![short; n];
        let place = match self {
            Self::Mixed => {
                roots.iter_mut().skip(MANY / 2).step_by(MANY).for_each(|root| *root = long);
                return roots;
            }
            Self::First | Self::Layer => 0,
            Self::Middle => n / 2,
        };
        let mates = match self {
            Self::Layer => 0..n,
            _ => place.saturating_sub(MATES)..(place + MATES + 1).min(n),
        };
        let others = (cores - 1).max(1) as u32;
        let child = LONG * others / (mates.len() - 1).max(1) as u32;
        roots[mates].fill(Root { child: Some(child), ..short });
        roots[place] = long;
        roots
    }
}

/// The minimum time on this number of cores: for all of the work, and for its longest path.
fn ideal(roots: &[Root], cores: usize) -> Duration {
    let lengths = || roots.iter().map(|root| root.length + root.child.unwrap_or_default());
    let all: Duration = lengths().sum();
    (all / cores as u32).max(lengths().max().unwrap_or_default())
}

/// The same work by dedicated threads, the longest first: the current capacity of the machine.
fn by_hand(roots: &[Root], cores: usize) {
    let mut pieces: Vec<u32> = roots.iter().map(|root| rounds(root.length + root.child.unwrap_or_default())).collect();
    pieces.sort_unstable_by(|a, b| b.cmp(a));
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            spin(*piece);
        }
    };
    thread::scope(|scope| {
        (1..cores).for_each(|_| {
            scope.spawn(work);
        });
        work();
    });
}

/// Runs all cases, and prints a row for each. A cell has the best time and the median in milliseconds, its ratio to the
/// time by hand, and the share of the cores' time that was idle.
pub(super) fn show(args: &Args, runtimes: &Runtimes) {
    let title = format!("{:<32}{:<7}{:>7}{:>14}", "ms; to by hand; idle", "stages", "ideal", "by hand");
    let heads: String = runtimes.workers().map(|workers| format!("{:>28}", format!("{workers} workers"))).collect();
    tell!("{title}{heads}");
    let cores = at_once(usize::MAX);
    for (case, name) in Case::ALL {
        for kind in &args.stages {
            let roots = case.roots(args.n, cores);
            let before = if case == Case::Layer { BEFORE } else { 0 };
            let load = || Load::uneven(*kind, before, &roots);
            let (taken, hand) = runtimes.take_turns_with(args.seconds * 4, load, || by_hand(&roots, cores));
            let ideal = ideal(&roots, cores).as_secs_f64() * 1e3;
            let cells: String = taken.into_iter().map(|taken| cell(taken, hand)).collect();
            tell!("{name:<32}{:<7}{ideal:>7.1}{:>14}{cells}", kind.name(), ms(hand));
        }
    }
}

fn cell(Taken { took, idle }: Taken, hand: Took) -> String {
    format!("{:>28}", format!("{}  {}  {:.0}%", ms(took), took.over(hand).show(2), idle * 100.0))
}

fn ms(took: Took) -> String {
    Took { best: took.best * 1e3, median: took.median * 1e3 }.show(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_thousand_is_long() {
        let roots = Case::Mixed.roots(10_000, 2);
        assert_eq!(roots.iter().filter(|root| root.length == LONG).count(), 10);
        assert_eq!(ideal(&roots, 2), (LONG * 10 + SHORT * 9_990) / 2);
    }

    #[test]
    fn the_children_take_as_long_as_the_long_node_for_each_other_core() {
        for (case, place, children) in [(Case::First, 0, 32), (Case::Middle, 500, 64), (Case::Layer, 0, 63)] {
            let roots = case.roots(1_000, 3);
            assert_eq!(roots[place], Root { length: LONG, child: None });
            let lengths: Vec<_> = roots.iter().filter_map(|root| root.child).collect();
            assert_eq!(lengths.len(), children);
            // Two cores run the children meanwhile, and all cores the short nodes.
            let missing = LONG * 2 - lengths.iter().sum::<Duration>();
            assert!(missing < Duration::from_micros(1), "{missing:?}");
            assert_eq!(ideal(&roots, 3), (LONG * 3 - missing + SHORT * (roots.len() as u32 - 1)) / 3);
        }
    }

    #[test]
    fn nothing_ends_before_its_longest_line() {
        let roots = [Root { length: SHORT, child: Some(LONG) }, Root { length: SHORT, child: None }];
        assert_eq!(ideal(&roots, 2), SHORT + LONG);
    }
}
