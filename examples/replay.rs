//! Replays a recorded execution of a workflow in virtual time, with a chosen number of workers and order.
//!
//!     cargo run --example replay
//!     cargo run --example replay -- blast-chameleon-small-001.json --workers 16 --order critical-path
//!
//! The recordings are those of the WfCommons project, <https://wfcommons.org/instances>, in its WfFormat. Each task is
//! a node that depends on its parents and sleeps for the recorded time. Tokio's paused clock stands still while a task
//! can run, and otherwise advances to the next timer, so hours pass in milliseconds.

use clap::{Parser, ValueEnum};
use dagcore::StartOrder;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

#[path = "replay/instance.rs"]
mod instance;
#[path = "replay/play.rs"]
mod play;

use play::Figures;

/// Replays a recorded execution of a workflow (WfFormat JSON) in virtual time.
#[derive(Parser)]
#[command(name = "replay")]
struct Args {
    /// The recording [default: a small bundled one].
    file: Option<PathBuf>,
    /// Maximum number of concurrent tasks.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    workers: u32,
    /// Order in which ready tasks start.
    #[arg(long, value_enum, default_value_t = Way::Depth)]
    order: Way,
    /// Print one JSON object: `tasks`, `work_s`, `critical_path_s`, `makespan_s`, `utilisation`.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    /// The task that became ready first.
    Breadth,
    /// A dependent of the task that ended last.
    Depth,
    /// The task with the longest remaining path.
    CriticalPath,
}

impl Way {
    fn start_order(self) -> StartOrder {
        match self {
            Self::Breadth => StartOrder::BreadthFirst,
            Self::Depth => StartOrder::DepthFirst,
            Self::CriticalPath => StartOrder::CriticalPath,
        }
    }
}

/// A small, synthetic experiment.
const OWN: &[u8] = include_bytes!("data/sequencing.json");
const OWN_NAME: &str = "examples/data/sequencing.json";

fn main() -> ExitCode {
    let args = Args::parse();
    let file = args.file.clone().unwrap_or_else(|| PathBuf::from(OWN_NAME));
    let output = match replay(&args, &file) {
        Ok(output) => output,
        Err(error) => {
            let _ = writeln!(io::stderr(), "replay: {}: {error}", file.display());
            return ExitCode::FAILURE;
        }
    };
    // A closed pipe, as with `| head`, is not an error.
    match io::stdout().write_all(output.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

fn replay(args: &Args, file: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let instance = match &args.file {
        None => instance::read(OWN)?,
        Some(path) => instance::read(&std::fs::read(path)?)?,
    };
    let start = Instant::now();
    let figures = play::play(&instance, args.workers as usize, args.order.start_order())?;
    let took = start.elapsed();
    let Figures { tasks, work, critical_path, makespan, utilisation, bound } = figures;
    let [work, critical_path, makespan, bound] = [work, critical_path, makespan, bound].map(|time| time.as_secs_f64());
    if args.json {
        let object = serde_json::json!({
            "tasks": tasks, "work_s": work, "critical_path_s": critical_path, "makespan_s": makespan,
            "utilisation": utilisation,
        });
        return Ok(format!("{object}\n"));
    }
    Ok(format!(
        "{}: {tasks} tasks\n\
         work           {work:12.3} s\n\
         critical path  {critical_path:12.3} s\n\
         makespan       {makespan:12.3} s with {} workers, which were busy for {:.1} % of it\n\
         bound          {bound:12.3} s for any order: work / workers + critical path\n\
         replayed in {took:.1?}\n",
        file.display(),
        args.workers,
        100.0 * utilisation,
    ))
}
