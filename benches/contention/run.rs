//! Runs all parts.

use super::args::{Args, Part};
use super::runtimes::Runtimes;
use super::{grid, limit, uneven};
use crate::out::tell;

/// Runs the measurements, and prints the results.
///
/// # Errors
///
/// If the system cannot start that many threads. A wrong result is a panic.
pub fn run(args: &Args) -> Result<(), String> {
    let runtimes = Runtimes::start(&args.workers)?;
    for (number, part) in args.parts.iter().enumerate() {
        if number > 0 {
            tell!("");
        }
        match part {
            Part::Grid => grid::show(args, &runtimes),
            Part::Uneven => uneven::show(args, &runtimes),
            Part::Limit => limit::show(args)?,
        }
    }
    Ok(())
}
