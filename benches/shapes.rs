//! W1–W6, run by `dagcore`, by `raw-spawn` and by `raw-boxbatch`: `cargo bench -p benches --bench shapes`.
//!
//! The three take turns, sample by sample, so that a machine that slows down slows all. The run is timed, and the
//! dropping of what it leaves; the building and the check of every result are not. Prints nanoseconds per node, and
//! how many times as long `dagcore` took as each of the others: of the best samples, and of the medians.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use benches::took::Took;
use benches::workload::Shape;
use benches::{ours, raw, raw_boxbatch, raw_spawn};
use std::fmt::Display;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

fn main() {
    // `cargo bench` says so; anyone else only wants to see that it works.
    if std::env::args().any(|arg| arg == "--bench") {
        table(&[1_000, 100_000], Duration::from_secs(3));
    } else {
        table(&[100, 1_000], Duration::ZERO);
    }
}

fn table(sizes: &[usize], time: Duration) {
    let runtime = Runtime::new().expect("a runtime starts");
    row("best/median", "nodes", ["dagcore", "raw-spawn", "raw-boxbatch"], ["to spawn", "to boxbatch"]);
    for shape in Shape::ALL {
        for n in sizes {
            let mut samples = [const { Vec::new() }; 3];
            let until = Instant::now() + time;
            while Instant::now() < until || samples[0].len() < 5 {
                let built = ours::build(shape, *n);
                samples[0].push(sample(&runtime, shape, *n, built.run(), ours::Ran::result));
                let built = raw::build(shape, *n);
                samples[1].push(sample(&runtime, shape, *n, raw_spawn::run(built), |graph| graph.result()));
                let built = raw::build(shape, *n);
                samples[2].push(sample(&runtime, shape, *n, raw_boxbatch::run(built), |graph| graph.result()));
            }
            let [ours, spawn, boxbatch] = samples.map(Took::of);
            let nanos = [ours, spawn, boxbatch].map(|took| took.show(0));
            let ratios = [ours.over(spawn), ours.over(boxbatch)].map(|took| took.show(2));
            row(shape.name(), n, nanos.each_ref().map(String::as_str), ratios.each_ref().map(String::as_str));
        }
    }
}

fn row(shape: &str, n: impl Display, nanos: [&str; 3], ratios: [&str; 2]) {
    let ([ours, spawn, boxbatch], [to_spawn, to_boxbatch]) = (nanos, ratios);
    println!("{shape:<16}{n:>7}{ours:>15}{spawn:>15}{boxbatch:>15}{to_spawn:>15}{to_boxbatch:>15}");
}

/// Nanoseconds per node of one run.
fn sample<R>(
    runtime: &Runtime,
    shape: Shape,
    n: usize,
    run: impl Future<Output = R>,
    result: impl Fn(&R) -> i64,
) -> f64 {
    let start = Instant::now();
    let ran = runtime.block_on(run);
    let mut took = start.elapsed();
    assert_eq!(result(&ran), shape.expected(n), "{} of {n}", shape.name());
    let start = Instant::now();
    drop(ran);
    took += start.elapsed();
    took.as_nanos() as f64 / n as f64
}
