//! For each workload and size: alternates the peers, measures memory, and prints the result.

#![expect(clippy::print_stderr, reason = "notes on omitted measurements are not part of the figures")]

use super::args::Args;
use super::compare::compare;
use super::plan::{Defaults, Part, Plan};
use super::{json, machine, memory, readme, table};
use crate::out::tell;
use crate::peers::Contestant;
use tokio::runtime::Runtime;

/// The command that runs the comparison.
pub struct Caller<'a> {
    /// The command line, without the options.
    pub command: &'a str,
    /// The defaults.
    pub usual: Defaults<'a>,
}

/// Runs the comparison, and prints the results.
///
/// # Errors
///
/// If a process that measures memory fails, or the README cannot be written. A wrong result is a panic.
pub fn run(args: &Args, caller: Caller<'_>) -> Result<(), String> {
    let plan = Plan::new(args, caller.usual);
    let runtime = Runtime::new().map_err(|e| e.to_string())?;
    let mut all = Vec::new();
    if !args.json {
        tell!("{}", table::head(&plan));
    }
    for shape in &plan.shapes {
        for n in &plan.sizes {
            let runs = |peer: &&Contestant| plan.part(peer, *shape, *n) == Part::Runs;
            let peers: Vec<_> = plan.peers.iter().filter(runs).copied().collect();
            let mut found = compare(&runtime, &plan, &peers, *shape, *n);
            if !args.json {
                tell!("{}", table::row(&plan, *shape, *n, &found));
            }
            if let Some(program) = &plan.memory {
                for figures in &mut found {
                    figures.peak = memory::peak(program, figures.peer, *shape, *n)?;
                }
            }
            if args.json {
                found.iter().for_each(|figures| tell!("{}", json::line(figures)));
            }
            all.extend(found);
        }
    }
    if !args.json {
        tell!("\n{}", table::build_and_memory(&plan, &all));
    }
    if let Some(line) = table::left_out(&plan) {
        eprintln!("{line}");
    }
    if args.readme {
        let options = std::env::args().skip(1).filter(|arg| arg != "--bench");
        let command = [caller.command.to_owned()].into_iter().chain(options).collect::<Vec<_>>().join(" ");
        readme::write(&readme::section(&all, &command, &machine::describe()))?;
    }
    Ok(())
}
