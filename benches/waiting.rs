//! Latency and fairness on the real clock: `cargo bench -p benches --bench waiting`.
//!
//! Ten thousand stages that wait 100 ms, concurrently; the timers of an async stage while plain stages keep every core
//! busy; two chains that must not wait for each other. Prints the times.

#![expect(clippy::print_stdout, reason = "the program prints the figures")]

use dagcore::prelude::*;
use std::time::{Duration, Instant};

#[stage]
async fn wait(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// Computes for a duration, without yielding.
#[stage]
fn compute(ms: u64) -> u64 {
    let until = Instant::now() + Duration::from_millis(ms);
    let mut steps = 0;
    while Instant::now() < until {
        steps += 1;
    }
    steps
}

/// Returns the longest measured duration of a number of 10 ms timers.
#[stage]
async fn tick(times: u32) -> Duration {
    let mut longest = Duration::ZERO;
    for _ in 0..times {
        let start = Instant::now();
        tokio::time::sleep(Duration::from_millis(10)).await;
        longest = longest.max(start.elapsed());
    }
    longest
}

fn main() -> Result<(), dagcore::Error> {
    // Set by `cargo bench`; without it, the bench is a smoke test.
    let in_earnest = std::env::args().any(|arg| arg == "--bench");
    let (sleeping, computing, ticking) = if in_earnest { (10_000, 1_000_u64, 90_u32) } else { (100, 100, 9) };

    let mut sleepers = Workflow::new("sleepers");
    for _ in 0..sleeping {
        sleepers.add(wait::new(100_u64));
    }
    println!("{sleeping} stages that wait 100 ms ended together after {:.0?}", sleepers.run_blocking()?.duration());

    let mut busy = Workflow::new("busy");
    let cores = std::thread::available_parallelism()?.get();
    for _ in 0..cores {
        busy.add(compute::new(computing));
    }
    let ticks = busy.add(tick::new(ticking));
    let report = busy.run_blocking()?;
    let took = report.ended(ticks).zip(report.started(ticks)).map(|(end, start)| end - start).unwrap_or_default();
    println!(
        "while {cores} plain stages computed for {computing} ms, {ticking} timers of 10 ms fired within {took:.0?}, the \
         slowest after {:.1?}",
        report.output(ticks)?
    );

    let mut chains = Workflow::new("chains");
    for [first, second] in [[50_u64, 400], [400, 50]] {
        let first = chains.add(wait::new(first));
        chains.add(wait::new(second).after(first));
    }
    println!("chains of 50 + 400 ms and 400 + 50 ms took {:.0?}", chains.run_blocking()?.duration());
    Ok(())
}
