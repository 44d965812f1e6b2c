//! Peak memory, measured in a separate process: the program starts itself with `one PEER WORKLOAD N`.

use super::args::{peer, workload};
use crate::peers::Contestant;
use crate::workload::Shape;
use std::fs;
use std::path::Path;
use std::process::Command;
use tokio::runtime::Runtime;

/// Runs one workload once, and prints the peak memory of the process.
#[derive(clap::Args, Clone)]
pub struct One {
    #[arg(value_parser = peer)]
    peer: Contestant,
    #[arg(value_parser = workload)]
    workload: Shape,
    n: usize,
}

impl One {
    /// Runs it, and returns the line to print.
    pub fn run(&self) -> String {
        let runtime = Runtime::new().expect("a runtime starts");
        (self.peer.sample)(&runtime, self.workload, self.n);
        peak_of_this_process().map_or_else(String::new, |bytes| bytes.to_string())
    }
}

/// Returns the peak memory of this process in bytes, if the system reports it.
fn peak_of_this_process() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Returns the peak bytes per node, minus those of one node; the minimum of several runs. `None` on systems that do not
/// report it.
///
/// # Errors
///
/// If the process fails.
pub(super) fn peak(program: &Path, peer: &str, shape: Shape, n: usize) -> Result<Option<f64>, String> {
    let quick = n < 100_000 && shape != Shape::Compute;
    let runs = if quick { 3 } else { 1 };
    let least = |n| -> Result<Option<u64>, String> {
        let all: Option<Vec<u64>> = (0..runs).map(|_| child(program, peer, shape, n)).collect::<Result<_, _>>()?;
        Ok(all.and_then(|all| all.into_iter().min()))
    };
    let beyond = |(whole, nothing): (u64, u64)| whole.saturating_sub(nothing) as f64 / n as f64;
    Ok(least(n)?.zip(least(1)?).map(beyond))
}

fn child(program: &Path, peer: &str, shape: Shape, n: usize) -> Result<Option<u64>, String> {
    let args = ["one", peer, shape.name(), &n.to_string()];
    let told = Command::new(program).args(args).output().map_err(|e| format!("{}: {e}", program.display()))?;
    let said = String::from_utf8_lossy(&told.stdout);
    if !told.status.success() {
        return Err(format!("{}: {}: {}", args.join(" "), told.status, String::from_utf8_lossy(&told.stderr).trim()));
    }
    match said.trim() {
        "" => Ok(None),
        bytes => bytes.parse().map(Some).map_err(|_| format!("{} said `{bytes}`", args.join(" "))),
    }
}
