//! A trace of a run: a timeline of all attempts, in the format of Perfetto and Chrome's `about:tracing`.

use super::file::WholeFile;
use super::json;
use crate::dag::{Attempt, Graph, Machine, Name, NodeId, NodeState, Time};
use crate::port::{BriefEvent, End, RunSnapshot, Tracker};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// Writes a trace file of a run. Open it at <https://ui.perfetto.dev> or in Chrome's `about:tracing`.
///
/// The process is the workflow. Each attempt of a node is a bar from its start to its end; its colour and category are
/// those of the stage. There are as many rows as attempts ran concurrently: an attempt is placed in the first row that
/// is free when it starts. Rows are slots, not worker threads; the events do not identify the worker. Firings of rules,
/// failures of rules, and closed stages are instant events in a row of their own. Times are in microseconds since the
/// run started, with three decimals. An attempt that was still running when the run was stopped ends there. Names and
/// error messages are escaped and shortened.
///
/// The file is an array of events of the *Trace Event Format*, with the phases `X`, `i` and `M`. It is written at the
/// end of the run, to a temporary file that is then renamed; a run that is given up leaves no file. When events were
/// dropped, some instant events are missing, but no bars. The end of the run waits up to a minute for the file, unless
/// [`drain_timeout`](Self::drain_timeout) is set. A write error is reported by
/// [`TrackerReport::error`](crate::TrackerReport::error).
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::track::Perfetto;
///
/// #[stage]
/// fn half(n: u32) -> u32 {
///     n / 2
/// }
///
/// # let folder = std::env::temp_dir().join(format!("dagcore-trace-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let path = folder.join("halves.trace.json");
/// let mut flow = Workflow::new("halves").track(Perfetto::to(&path));
/// flow.add(half::new(7_u32).named("first"));
/// flow.run_blocking()?;
///
/// let trace = std::fs::read_to_string(&path).unwrap();
/// assert!(trace.contains(r#""name":"first","cat":"half","ph":"X""#));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), dagcore::Error>(())
/// ```
pub struct Perfetto {
    file: WholeFile,
    drain_timeout: Duration,
    marks: Vec<Entry>,
}

/// The row of the instant events.
const MARKS: u64 = 0;

/// One event of the format.
#[derive(Serialize)]
struct Entry {
    name: String,
    cat: String,
    ph: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    pid: u64,
    tid: u64,
    /// The scope of an instant event: `p` is the whole process.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    args: Told,
}

/// The arguments of an event.
#[derive(Serialize, Default)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_rest: Option<bool>,
}

impl Perfetto {
    /// Writes the trace to this file, which is replaced if it exists. Its folder must exist.
    pub fn to(path: impl Into<PathBuf>) -> Self {
        Self { file: WholeFile::at(path), drain_timeout: Duration::from_secs(60), marks: Vec::new() }
    }

    /// Sets how long the end of the run waits for the file, in real time. The default is one minute.
    pub fn drain_timeout(mut self, drain_timeout: Duration) -> Self {
        self.drain_timeout = drain_timeout;
        self
    }

    fn mark(&mut self, name: String, cat: &str, at: Time, args: Told) {
        let (cat, ts) = (cat.to_owned(), Some(micros(at.since_start())));
        self.marks.push(Entry { name, cat, ph: "i", ts, dur: None, pid: 1, tid: MARKS, s: Some("p"), args });
    }
}

impl Tracker for Perfetto {
    fn name(&self) -> &str {
        "perfetto"
    }

    fn drain_timeout(&self) -> Duration {
        self.drain_timeout
    }

    fn event(&mut self, happened: &BriefEvent, known: &RunSnapshot) {
        match *happened {
            BriefEvent::Fired { rule, binding, additions: nodes, at } => {
                let node = binding.map(|node| shown(&known.name(node)));
                let told = Told { node, added: Some(nodes.len()), ..Told::default() };
                self.mark(format!("rule {} fired", Name(known.rule_name(rule))), "rule", at, told);
            }
            BriefEvent::RuleFailed { rule, binding, ref error, at } => {
                let node = binding.map(|node| shown(&known.name(node)));
                let told = Told { node, error: Some(error.cause().to_string()), ..Told::default() };
                self.mark(format!("rule {} failed", Name(known.rule_name(rule))), "rule", at, told);
            }
            BriefEvent::Closed { stage, under, at_rest, at } => {
                let node = under.map(|node| shown(&known.name(node)));
                let told = Told { node, at_rest: Some(at_rest), ..Told::default() };
                self.mark(format!("stage {} closed", Name(known.name_of_stage(stage))), "closed", at, told);
            }
            _ => {}
        }
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        let End::Over(machine) = end else { return };
        let marks = std::mem::take(&mut self.marks);
        self.file.write(|out| write(out, machine, known.workflow(), marks));
    }

    fn error(&self) -> Option<String> {
        self.file.error()
    }
}

/// One attempt of a node, with its times.
struct Bar {
    node: NodeId,
    attempt: usize,
    started: Time,
    ended: Time,
}

fn write(out: &mut dyn Write, machine: &Machine, workflow: &str, marks: Vec<Entry>) -> io::Result<()> {
    let graph = machine.graph();
    let bars = bars(graph, machine.ended().unwrap_or_default());
    let rows = rows(&bars);
    out.write_all(b"[")?;
    json::write(out, &of_row("process_name", MARKS, shown(workflow)))?;
    let last = rows.iter().max().copied().unwrap_or(MARKS);
    let names = (MARKS..=last).map(|row| {
        let name = if row == MARKS { "rules".to_owned() } else { format!("slot {row}") };
        of_row("thread_name", row, name)
    });
    let bars = bars.iter().zip(&rows).map(|(bar, row)| entry(graph, bar, *row));
    for entry in names.chain(bars).chain(marks) {
        out.write_all(b",\n")?;
        json::write(out, &entry)?;
    }
    out.write_all(b"]\n")
}

/// Returns all attempts, in the order of their starts. Attempts that have not ended end with the run.
fn bars(graph: &Graph, run_ended: Time) -> Vec<Bar> {
    let mut bars = Vec::with_capacity(graph.len());
    for node in graph.nodes() {
        let failed = graph.failed_attempts(node);
        for (attempt, failed) in failed.iter().enumerate() {
            bars.push(Bar { node, attempt: attempt + 1, started: failed.started, ended: failed.ended });
        }
        let last = graph.started(node).filter(|at| failed.last().is_none_or(|failed| began(graph, node, failed, *at)));
        if let Some(started) = last {
            let ended = graph.ended(node).unwrap_or(run_ended);
            bars.push(Bar { node, attempt: failed.len() + 1, started, ended });
        }
    }
    // An attempt of zero duration frees its row for an attempt that starts at the same time.
    bars.sort_by_key(|bar| (bar.started, bar.ended));
    bars
}

/// Returns `true` if the last start of a node came after its last failed attempt. If not, the node was cancelled,
/// stopped or timed out while it awaited its retry.
fn began(graph: &Graph, node: NodeId, failed: &Attempt, last: Time) -> bool {
    match graph.state(node) {
        Some(NodeState::Succeeded | NodeState::Running) => true,
        Some(NodeState::Failed) => failed.ended <= last,
        _ => failed.started < last,
    }
}

/// Returns the row of each bar: the first one that is free when it starts.
fn rows(bars: &[Bar]) -> Vec<u64> {
    let mut free: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    let mut taken: BinaryHeap<Reverse<(Time, u64)>> = BinaryHeap::new();
    let mut last = MARKS;
    let row = |bar: &Bar| {
        while let Some(Reverse((_, row))) = taken.peek().copied().filter(|Reverse((end, _))| *end <= bar.started) {
            taken.pop();
            free.push(Reverse(row));
        }
        let row = free.pop().map_or_else(
            || {
                last += 1;
                last
            },
            |Reverse(row)| row,
        );
        taken.push(Reverse((bar.ended.max(bar.started), row)));
        row
    };
    bars.iter().map(row).collect()
}

fn entry(graph: &Graph, bar: &Bar, row: u64) -> Entry {
    let is_last = bar.attempt > graph.failed_attempts(bar.node).len();
    let end = match graph.state(bar.node) {
        Some(state) if is_last => state.to_string(),
        _ => "failed, to be tried again".to_owned(),
    };
    let error = if is_last {
        graph.error(bar.node)
    } else {
        graph.failed_attempts(bar.node).get(bar.attempt - 1).map(|attempt| &attempt.error)
    };
    let error = error.map(|error| error.cause().to_string());
    Entry {
        name: shown(&graph.name(bar.node)),
        cat: shown(graph.stage_name(bar.node)),
        ph: "X",
        ts: Some(micros(bar.started.since_start())),
        dur: Some(micros(bar.ended.since(bar.started))),
        pid: 1,
        tid: row,
        s: None,
        args: Told { attempt: Some(bar.attempt), end: Some(end), error, ..Told::default() },
    }
}

/// Escapes and shortens a name: it is repeated for each attempt, and viewers display it verbatim.
fn shown(name: &str) -> String {
    Name(name).to_string()
}

/// A metadata event that names a row or the whole process.
fn of_row(what: &str, row: u64, name: String) -> Entry {
    let args = Told { name: Some(name), ..Told::default() };
    Entry { name: what.to_owned(), cat: String::new(), ph: "M", ts: None, dur: None, pid: 1, tid: row, s: None, args }
}

/// Exact to the nanosecond for a hundred days.
fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1_000.0
}
