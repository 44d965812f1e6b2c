//! The throughput for combinations of workloads, node durations and numbers of workers.

use super::args::Args;
use super::loads::{Kind, Load};
use super::runtimes::{Runtimes, Taken, at_once};
use crate::out::tell;
use crate::took::Took;

/// The share of the best throughput below which a cell is listed separately: half of it, scaled by the cores that the
/// workers can use.
fn too_little(workers: usize, kind: Kind) -> f64 {
    let cores = if kind == Kind::Async { at_once(workers) } else { at_once(usize::MAX) };
    0.5 * cores as f64 / at_once(usize::MAX) as f64
}

/// Runs the grid, and prints a row for each workload and length. A cell has thousands of nodes per second, by the best
/// sample; the share of the row's best, by the best samples and by the medians; and the share of the cores' time that
/// was idle.
pub(super) fn show(args: &Args, runtimes: &Runtimes) {
    let title = format!("{:<20}{:<7}{:>8}", "1000/s; share; idle", "stages", "work, us");
    let heads: String = runtimes.workers().map(|workers| format!("{:>22}", format!("{workers} workers"))).collect();
    tell!("{title}{heads}");
    let mut low = Vec::new();
    for kind in &args.stages {
        for shape in &args.workloads {
            for work in &args.work {
                let taken = runtimes.take_turns(args.seconds, || Load::shape(*kind, *shape, args.n, *work));
                let micros = work.as_secs_f64() * 1e6;
                let title = format!("{:<20}{:<7}{micros:>8}", shape.name(), kind.name());
                let shares = shares(&taken);
                let cells = taken.iter().zip(&shares).map(|(taken, share)| cell(args.n, *taken, *share));
                tell!("{title}{}", cells.collect::<String>());
                let few = |(workers, share): &(usize, Took)| share.best.min(share.median) < too_little(*workers, *kind);
                let few = runtimes.workers().zip(shares).filter(few);
                low.extend(few.map(|(workers, share)| format!("{title}{workers:>4} workers {}", percent(share))));
            }
        }
    }
    match low.len() {
        0 => tell!("no cell is below half of what its workers could do, by the best of its row: sample or median"),
        cells => tell!(
            "{cells} cells are below half of what their workers could do, by the best of their row:\n{}",
            low.join("\n")
        ),
    }
}

/// The share of the best throughput that each reaches.
fn shares(taken: &[Taken]) -> Vec<Took> {
    let least = |of: fn(&Took) -> f64| taken.iter().map(|taken| of(&taken.took)).fold(f64::INFINITY, f64::min);
    let shortest = Took { best: least(|took| took.best), median: least(|took| took.median) };
    taken.iter().map(|taken| shortest.over(taken.took)).collect()
}

fn cell(n: usize, Taken { took, idle }: Taken, share: Took) -> String {
    format!("{:>22}", format!("{:.0}  {}  {:.0}%", n as f64 / took.best / 1e3, percent(share), idle * 100.0))
}

fn percent(share: Took) -> String {
    format!("{}%", Took { best: share.best * 100.0, median: share.median * 100.0 }.show(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_that_of_the_fastest_by_the_best_and_by_the_median() {
        let took = [Took { best: 1.0, median: 4.0 }, Took { best: 2.0, median: 3.0 }];
        let taken = took.map(|took| Taken { took, idle: 0.126 });
        let shares = shares(&taken);
        assert_eq!(shares, [Took { best: 1.0, median: 0.75 }, Took { best: 0.5, median: 1.0 }]);
        assert_eq!(cell(1_000, taken[1], shares[1]).trim(), "0  50/100%  13%");
        assert_eq!(cell(2_000_000, taken[1], shares[1]).trim(), "1000  50/100%  13%");
    }
}
