//! Measures the library and its peers: `cargo run --release -p benches -- side-by-side`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the program prints to the terminal")]

use benches::contention;
use benches::peers;
use benches::side_by_side::{self, Caller, Defaults};
use benches::workload::Shape;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use std::time::Duration;

#[derive(Parser)]
#[command(name = "benches", about = "Measures the library, and others beside it.")]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Alternates the peers on the workloads.
    SideBySide(side_by_side::Args),
    /// Many workers on few cores, nodes of uneven duration, and the number of cores that one run can supply.
    Contention(contention::Args),
    /// Runs one workload once, and prints the peak memory of the process.
    #[command(hide = true)]
    One(side_by_side::One),
}

fn main() -> ExitCode {
    let done = match Line::parse().command {
        Command::SideBySide(args) => side_by_side(&args),
        Command::Contention(args) => contention::run(&args),
        Command::One(one) => {
            println!("{}", one.run());
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn side_by_side(args: &side_by_side::Args) -> Result<(), String> {
    let usual = Defaults {
        peers: peers::USUAL,
        shapes: &Shape::ALL,
        sizes: &[100, 1_000, 10_000, 100_000, 1_000_000],
        time: Duration::from_secs(1),
        least: 3,
        memory: Some(std::env::current_exe().map_err(|e| e.to_string())?),
    };
    side_by_side::run(args, Caller { command: "cargo run --release -p benches --", usual })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_options_of_all_subcommands_fit_together() {
        Line::command().debug_assert();
    }
}
