//! The finished graph of a run as a JSON file that can be loaded again.
//!
//! `records` defines the contents of the file; `write` fills it from a graph, `load` parses it, and `check` rejects
//! inconsistent data.

mod check;
mod draw;
mod load;
mod records;
mod words;
mod write;

use super::file::WholeFile;
use crate::dag::{Machine, Time};
use crate::port::{BriefEvent, End, NewNodes, RunSnapshot, Tracker};
use std::path::PathBuf;
use std::time::Duration;

pub use load::LoadError;
pub use records::{Dumped, DumpedAttempt, DumpedEdge, DumpedFiring, DumpedNode, DumpedRule};

/// Writes the finished graph of a run to a JSON file: nodes with their states, times, attempts and dependencies, and
/// rules with their firings. [`Dump::load`] reads it back.
///
/// The file contains one [`Dumped`], whose fields document the contents. The [JSON Schema](Self::SCHEMA) of the file is
/// in the crate's folder `docs`. The file has a [version](Self::VERSION). It contains no values and no arguments, but
/// names, keys and error messages.
///
/// It is written at the end of the run, to a temporary file that is then renamed; a run that is given up leaves no
/// file. The end of the run waits up to a minute for it, unless [`drain_timeout`](Self::drain_timeout) is set. A write
/// error is reported by [`TrackerReport::error`](crate::TrackerReport::error).
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::track::Dump;
/// use dagcore::view::Picture;
///
/// #[stage]
/// fn half(n: u32) -> u32 {
///     n / 2
/// }
///
/// rule! {
///     again: when each(half), adds [half] within 10,
///     then |grow, node, n| if *n > 0 { grow.add(half::new(node)); }
/// }
///
/// # let folder = std::env::temp_dir().join(format!("dagcore-dump-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let path = folder.join("halves.json");
/// let mut flow = Workflow::new("halves").rules(rules![again]).track(Dump::to(&path));
/// flow.add(half::new(5_u32));
/// flow.run_blocking()?;
///
/// let dumped = Dump::load(&path).unwrap();
/// assert_eq!((dumped.workflow.as_str(), dumped.nodes.len(), dumped.rules[0].fired), ("halves", 3, 3));
/// assert_eq!(dumped.nodes[2].parents[0].node, 1);
/// assert!(Picture::of(&dumped).mermaid().contains("n1 --> n2"));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), dagcore::Error>(())
/// ```
pub struct Dump {
    file: WholeFile,
    drain_timeout: Duration,
    /// The time at which each node was added.
    added: Vec<Time>,
    firings: Vec<Firing>,
    missed: u64,
}

/// One application of a rule.
struct Firing {
    rule: crate::dag::RuleId,
    bound: crate::dag::Binding,
    at: Time,
    done: Result<NewNodes, String>,
}

impl Dump {
    /// The version of the files that are written and read. It changes whenever the fields change.
    pub const VERSION: u32 = 1;

    /// The JSON Schema of the files.
    pub const SCHEMA: &'static str = include_str!("../../docs/dump.schema.json");

    /// Writes the dump to this file, which is replaced if it exists. Its folder must exist.
    pub fn to(path: impl Into<PathBuf>) -> Self {
        let (file, drain_timeout) = (WholeFile::at(path), Duration::from_secs(60));
        Self { file, drain_timeout, added: Vec::new(), firings: Vec::new(), missed: 0 }
    }

    /// Sets how long the end of the run waits for the file, in real time. The default is one minute.
    pub fn drain_timeout(mut self, drain_timeout: Duration) -> Self {
        self.drain_timeout = drain_timeout;
        self
    }

    fn add(&mut self, nodes: NewNodes, at: Time) {
        // Earlier nodes without a time were added by events that were dropped.
        for node in nodes.iter() {
            self.added.resize(node.index().max(self.added.len()), Time::NEVER);
            self.added.push(at);
        }
    }

    fn write(&mut self, machine: &Machine, workflow: &str) {
        let Self { file, added, firings, missed, .. } = self;
        file.write(|out| write::write(out, machine, workflow, write::Heard { added, firings, missed: *missed }));
    }
}

impl Tracker for Dump {
    fn name(&self) -> &str {
        "dump"
    }

    fn drain_timeout(&self) -> Duration {
        self.drain_timeout
    }

    fn start(&mut self, known: &RunSnapshot) {
        self.added = vec![Time::START; known.len()];
    }

    fn event(&mut self, happened: &BriefEvent, _known: &RunSnapshot) {
        match *happened {
            BriefEvent::Added { additions: nodes, at } | BriefEvent::Grown { additions: nodes, at, .. } => {
                self.add(nodes, at)
            }
            BriefEvent::Fired { rule, binding: bound, additions: nodes, at } => {
                self.add(nodes, at);
                self.firings.push(Firing { rule, bound, at, done: Ok(nodes) });
            }
            BriefEvent::RuleFailed { rule, binding: bound, ref error, at } => {
                self.firings.push(Firing { rule, bound, at, done: Err(error.cause().to_string()) });
            }
            _ => {}
        }
    }

    fn missed(&mut self, events: u64, _known: &RunSnapshot) {
        self.missed += events;
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        if let End::Over(machine) = end {
            self.write(machine, known.workflow());
        }
    }

    fn error(&self) -> Option<String> {
        self.file.error()
    }
}
