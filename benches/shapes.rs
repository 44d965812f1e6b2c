//! W1–W4, run by `dagcore` and by `raw-spawn`: `cargo bench -p benches`.
//!
//! The two take turns, sample by sample, so that a machine that slows down slows both; only the run is timed, and
//! every result is checked. Prints nanoseconds per node, best and median, and the ratio of the medians.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use benches::workload::Shape;
use benches::{ours, raw_spawn};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

fn main() {
    // `cargo bench` says so; anyone else only wants to see that it works.
    if std::env::args().any(|arg| arg == "--bench") {
        table(&[1_000, 100_000], Duration::from_secs(2));
    } else {
        table(&[100, 1_000], Duration::from_millis(20));
    }
}

fn table(sizes: &[usize], time: Duration) {
    let runtime = Runtime::new().expect("a runtime starts");
    println!("{:<16}{:>9}  {:>22}  {:>22}  {:>7}", "", "nodes", "dagcore ns/node", "raw-spawn ns/node", "ratio");
    for shape in Shape::ALL {
        for n in sizes {
            let (mut ours, mut raw) = (Vec::new(), Vec::new());
            let until = Instant::now() + time;
            while Instant::now() < until || ours.len() < 5 {
                let built = ours::build(shape, *n);
                ours.push(sample(&runtime, shape, *n, built.run()));
                let built = raw_spawn::build(shape, *n);
                raw.push(sample(&runtime, shape, *n, built.run()));
            }
            ours.sort_by(f64::total_cmp);
            raw.sort_by(f64::total_cmp);
            let (one, other) = (ours[ours.len() / 2], raw[raw.len() / 2]);
            let show = |samples: &[f64], median: f64| format!("{:.0} best {median:.0} median", samples[0]);
            println!(
                "{:<16}{n:>9}  {:>22}  {:>22}  {:>6.2}x",
                shape.name(),
                show(&ours, one),
                show(&raw, other),
                one / other
            );
        }
    }
}

/// Nanoseconds per node of one run.
fn sample(runtime: &Runtime, shape: Shape, n: usize, run: impl Future<Output = i64>) -> f64 {
    let start = Instant::now();
    let result = runtime.block_on(run);
    let took = start.elapsed();
    assert_eq!(result, shape.expected(n), "{} of {n}", shape.name());
    took.as_nanos() as f64 / n as f64
}
