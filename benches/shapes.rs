//! W1–W6 at two sizes, `dagcore` compared with two hand-written graphs: `cargo bench -p benches --bench shapes`.
//!
//! The comparison and its options are those of `cargo run --release -p benches -- side-by-side`; only the defaults are
//! smaller, so that it takes less than a minute.

#![expect(clippy::print_stderr, reason = "the program prints to the terminal")]

use benches::peers;
use benches::side_by_side::{self, Args, Caller, Defaults};
use benches::workload::Shape;
use clap::Parser;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Parser)]
#[command(name = "shapes", about = "The peers take turns at the workloads.")]
struct Line {
    /// Set by `cargo bench`; without it, the bench is a smoke test.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(flatten)]
    args: Args,
}

fn main() -> ExitCode {
    let Line { bench: in_earnest, args } = Line::parse();
    let peers = ["dagcore", "raw-spawn", "raw-boxbatch"].map(|name| peers::named(name).expect("the peers exist"));
    let usual = if in_earnest {
        let program = args.wants_memory().then(|| env!("CARGO_BIN_EXE_benches").into());
        let sizes = &[1_000, 100_000];
        Defaults {
            peers: &peers,
            shapes: &Shape::ALL[..6],
            sizes,
            time: Duration::from_secs(1),
            least: 5,
            memory: program,
        }
    } else {
        Defaults {
            peers: &peers::ALL,
            shapes: &Shape::ALL,
            sizes: &[100],
            time: Duration::ZERO,
            least: 1,
            memory: None,
        }
    };
    match side_by_side::run(&args, Caller { command: "cargo bench -p benches --bench shapes --", usual }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
