//! The number of cores that one run can supply: the work under the lock, and the resulting throughput of 64 cores.

use super::args::Args;
use super::cores::{Batches, Cost, Job, limit};
use super::loads::{Kind, Load};
use super::runtimes::Runtimes;
use super::section::{self, Phases};
use crate::out::tell;
use crate::workload::Shape;
use std::time::Duration;

/// The batch size of the engine: `TOGETHER` and `MOST_AT_ONCE` of its `busy.rs`.
const NOW: Batches = Batches::Worth { work: 50_000.0, most: AT_ONCE };
const AT_ONCE: usize = 32;

const CORES: usize = 64;
const HANDOVERS: [f64; 5] = [0.0, 50.0, 100.0, 200.0, 400.0];

/// Prints the cost of a node under the lock, and the number of cores that it can supply, now and with each part
/// changed.
pub(super) fn show(args: &Args) -> Result<(), String> {
    let alone = Runtimes::start(&[1])?;
    tell!(
        "{:<16}{:>9}{:>9}{:>9}{:>11}{:>9}{:>9}{:>9}{:>14}{:>14}",
        "ns per node",
        "turn",
        "take",
        "of that",
        "hand in",
        "outside",
        "32 at",
        "1 at",
        "handover of",
        "handover of"
    );
    tell!(
        "{:<16}{:>9}{:>9}{:>9}{:>11}{:>9}{:>9}{:>9}{:>14}{:>14}",
        "",
        "",
        "",
        "binding",
        "",
        "",
        "once",
        "once",
        "1, ns",
        "32, ns"
    );
    let mut costs = Vec::new();
    for shape in &args.workloads {
        let [many, one] = end_to_end(args, &alone, *shape);
        let mut line = format!("{:<16}", shape.name());
        if section::SHAPES.contains(shape) {
            let phases = section::measure(*shape, args.n, if *shape == Shape::Chain { 1 } else { AT_ONCE });
            let Phases { take, bind, hand_in } = phases;
            let cost = cost(phases, many, one);
            line += &format!(
                "{:>9.0}{take:>9.0}{bind:>9.0}{hand_in:>11.0}{:>9.0}{many:>9.0}{one:>9.0}",
                cost.turn, cost.outside
            );
            if matches!(shape, Shape::Independent | Shape::FanOut) {
                let over = [1, AT_ONCE].map(|at_once| section::handover(*shape, args.n, at_once));
                line += &over.map(|over| format!("{over:>14.0}")).concat();
            }
            costs.push((*shape, cost, bind));
        } else {
            line += &format!("{:>56.0}{one:>9.0}", many);
        }
        tell!("{line}");
    }
    for (shape, cost, bind) in costs.into_iter().filter(|(shape, ..)| *shape != Shape::Chain) {
        shares(shape, cost);
        limits(shape, cost, bind);
    }
    Ok(())
}

/// The time per node in a run with one worker, in nanoseconds: with the engine's batch size, and one node at a time.
fn end_to_end(args: &Args, alone: &Runtimes, shape: Shape) -> [f64; 2] {
    let load = || Load::shape(Kind::Async, shape, args.n, Duration::ZERO);
    let took = [
        alone.take_turns(args.seconds * 2, load),
        // A limit that is never reached prevents workers from taking nodes in advance.
        alone.take_turns(args.seconds * 2, || load().limited(args.n)),
    ];
    took.map(|taken| taken[0].took.best * 1e9 / args.n as f64)
}

/// The cost under the lock and outside of it, computed from the durations of the phases alone and from the time per
/// node in a run, in batches and one at a time: the difference of those two is the cost of a turn. A chain runs only
/// one node at a time.
fn cost(phases: Phases, many: f64, one: f64) -> Cost {
    let rest = |turn: f64| (many - turn / AT_ONCE as f64 - phases.take - phases.hand_in).max(0.0);
    let turn = (one - many).max(0.0) * AT_ONCE as f64 / (AT_ONCE as f64 - 1.0);
    Cost { turn, take: phases.take, hand_in: phases.hand_in, outside: rest(turn), handover: 0.0 }
}

/// A row for each length of nodes: the share of the ideal that 64 cores reach.
fn shares(shape: Shape, cost: Cost) {
    tell!("\n{}: share of the ideal that {CORES} cores reach, by what it takes to hand the lock over", shape.name());
    tell!("{:<16}{}", "work, us", HANDOVERS.map(|handover| format!("{:>14}", format!("{handover} ns"))).concat());
    for length in [200.0, 500.0, 1_000.0, 1_500.0, 2_000.0, 3_000.0, 5_000.0, 10_000.0, 15_000.0, 20_000.0, 50_000.0] {
        let job = Job { cores: CORES, nodes: CORES * 1_000, length };
        let share = |handover| format!("{:>13.0}%", 100.0 * job.share(Cost { handover, ..cost }, NOW));
        tell!("{:<16}{}", length / 1e3, HANDOVERS.map(share).concat());
    }
}

/// A row for each part that could be changed: the length of nodes from which on 64 cores reach half of the ideal, and
/// nine tenths.
fn limits(shape: Shape, cost: Cost, bind: f64) {
    tell!(
        "\n{}: the least work of a node, in us, with which {CORES} cores reach 50 % / 90 % of the ideal",
        shape.name()
    );
    tell!("{:<44}{}", "", HANDOVERS.map(|handover| format!("{:>14}", format!("{handover} ns"))).concat());
    let unbound = Cost { take: (cost.take - bind).max(0.0), outside: cost.outside + bind, ..cost };
    let worth = |micros: f64, most| Batches::Worth { work: micros * 1e3, most };
    let short = |micros: f64, most| Batches::Short { most, below: micros * 1e3 };
    let rows = [
        ("as it is: as many as take 50 us, up to 32", cost, NOW),
        ("32 of less than 2 us", cost, short(2.0, AT_ONCE)),
        ("8 of less than 2 us", cost, short(2.0, 8)),
        ("128 of less than 2 us", cost, short(2.0, 128)),
        ("32 of less than 5 us", cost, short(5.0, AT_ONCE)),
        ("32 of less than 10 us", cost, short(10.0, AT_ONCE)),
        ("32 of less than 20 us", cost, short(20.0, AT_ONCE)),
        ("as many as take 20 us, up to 32", cost, worth(20.0, AT_ONCE)),
        ("as it is, inputs bound without the lock", unbound, NOW),
    ];
    for (what, cost, batches) in rows {
        let cell = |handover| {
            let [half, most] = [0.5, 0.9].map(|share| limit(CORES, share, Cost { handover, ..cost }, batches) / 1e3);
            format!("{:>14}", format!("{half:.1} / {most:.1}"))
        };
        tell!("{what:<44}{}", HANDOVERS.map(cell).concat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_what_nodes_cost_more_when_they_are_taken_one_by_one() {
        let phases = Phases { take: 20.0, bind: 5.0, hand_in: 30.0 };
        let cost = cost(phases, 110.0, 172.0);
        assert_eq!((cost.turn, cost.outside), (64.0, 58.0));
        let alone = |at_once: f64| cost.turn / at_once + cost.take + cost.hand_in + cost.outside;
        assert_eq!((alone(32.0), alone(1.0)), (110.0, 172.0));
    }
}
