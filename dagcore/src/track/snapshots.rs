//! Text snapshots of a run: the states of the nodes, in a file that is replaced periodically.

use super::file::WholeFile;
use crate::dag::{Counts, Graph, Machine, Message, Name, Need, NodeId, NodeState, Time};
use crate::port::{BriefEvent, End, RunSnapshot, Tracker};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// Maintains a text file with the state of a run: overall counts, then each stage, then each node.
///
/// The file is written at the start of the run, then once per second unless [`every`](Self::every) or
/// [`every_events`](Self::every_events) is set, and at the end. It is written to a temporary file and then renamed, so
/// a reader always sees a complete snapshot. Only the last snapshot lists dependencies, because trackers do not receive
/// edges before the end. Times are relative to the start of the run. The interval is measured on the run's own clock
/// and checked when an event arrives.
///
/// The time to write a snapshot is proportional to the number of nodes. When the disk is slower than the run, events
/// are dropped and the report says so. When the file cannot be written, the run continues and the next snapshot is
/// attempted; the first error is reported by [`TrackerReport::error`](crate::TrackerReport::error). The end of a run
/// waits up to a minute for the last snapshot, unless [`drain_timeout`](Self::drain_timeout) is set. A run that is
/// given up leaves a snapshot of what was known at that moment.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::track::Snapshots;
///
/// #[stage]
/// fn half(n: u32) -> u32 {
///     n / 2
/// }
///
/// # let folder = std::env::temp_dir().join(format!("dagcore-snapshots-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let path = folder.join("halves.txt");
/// let mut flow = Workflow::new("halves").track(Snapshots::to(&path));
/// let first = flow.add(half::new(7_u32).named("first"));
/// flow.add(half::new(first));
/// flow.run_blocking()?;
///
/// let text = std::fs::read_to_string(&path).unwrap();
/// assert!(text.starts_with("halves: ended after "));
/// assert!(text.contains("first (half): succeeded") && text.contains("half#1: succeeded"));
/// assert!(text.contains("; needs first"));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), dagcore::Error>(())
/// ```
pub struct Snapshots {
    file: WholeFile,
    every: Option<Duration>,
    every_events: Option<u64>,
    drain_timeout: Duration,
    now: Time,
    /// The time of the last snapshot, and the number of events since.
    last: Time,
    since: u64,
}

impl Snapshots {
    /// Writes snapshots to this file, which is replaced if it exists. Its folder must exist.
    pub fn to(path: impl Into<PathBuf>) -> Self {
        let (every, every_events) = (Some(Duration::from_secs(1)), None);
        let drain_timeout = Duration::from_secs(60);
        let (now, last) = (Time::START, Time::START);
        Self { file: WholeFile::at(path), every, every_events, drain_timeout, now, last, since: 0 }
    }

    /// Sets the interval between snapshots, in time of the run. The default is one second. Zero writes a snapshot at
    /// every event.
    pub fn every(mut self, time: Duration) -> Self {
        self.every = Some(time);
        self
    }

    /// Sets the number of events between snapshots. The default is no limit.
    ///
    /// This replaces the time interval. A later call of `every` adds it again; a snapshot is then written when either
    /// limit is reached. Zero is treated as one.
    pub fn every_events(mut self, events: u64) -> Self {
        (self.every, self.every_events) = (None, Some(events.max(1)));
        self
    }

    /// Sets how long the end of the run waits for the last snapshot, in real time. The default is one minute.
    pub fn drain_timeout(mut self, drain_timeout: Duration) -> Self {
        self.drain_timeout = drain_timeout;
        self
    }

    fn is_time(&self) -> bool {
        self.every.is_some_and(|every| self.now.since(self.last) >= every)
            || self.every_events.is_some_and(|events| self.since >= events)
    }

    fn write(&mut self, known: &RunSnapshot, end: Option<End<'_>>) {
        (self.last, self.since) = (self.now, 0);
        let (now, machine) = (self.now, over(end));
        self.file.write(|out| {
            match (machine, end) {
                (Some(machine), _) => write_end(out, known, machine, now)?,
                (None, Some(_)) => writeln!(out, "{}: given up after {now}", Name(known.workflow()))?,
                (None, None) => writeln!(out, "{}: runs, {now} after it began", Name(known.workflow()))?,
            }
            write_counts(out, known)?;
            let graph = machine.map(Machine::graph);
            known.nodes().try_for_each(|node| write_node(out, known, graph, node))
        });
    }
}

impl Tracker for Snapshots {
    fn name(&self) -> &str {
        "snapshots"
    }

    fn drain_timeout(&self) -> Duration {
        self.drain_timeout
    }

    fn start(&mut self, known: &RunSnapshot) {
        self.write(known, None);
    }

    fn event(&mut self, happened: &BriefEvent, known: &RunSnapshot) {
        self.now = happened.at();
        self.since += 1;
        if self.is_time() {
            self.write(known, None);
        }
    }

    fn missed(&mut self, events: u64, known: &RunSnapshot) {
        self.since += events;
        if self.is_time() {
            self.write(known, None);
        }
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        self.write(known, Some(end));
    }

    fn error(&self) -> Option<String> {
        self.file.error()
    }
}

fn over(end: Option<End<'_>>) -> Option<&Machine> {
    match end {
        Some(End::Over(machine)) => Some(machine),
        _ => None,
    }
}

fn write_end(out: &mut dyn Write, known: &RunSnapshot, machine: &Machine, now: Time) -> io::Result<()> {
    let at = machine.ended().unwrap_or(now);
    match machine.stopped() {
        Some(why) => writeln!(out, "{}: stopped after {at}: {}", Name(known.workflow()), Message(why)),
        None => writeln!(out, "{}: ended after {at}", Name(known.workflow())),
    }
}

fn write_counts(out: &mut dyn Write, known: &RunSnapshot) -> io::Result<()> {
    let nodes = if known.len() == 1 { "node" } else { "nodes" };
    writeln!(out, "{} {nodes}{}", known.len(), Told(&known.counts()))?;
    for stage in known.stages() {
        let counts = known.counts_of(stage);
        writeln!(out, "  {}: {}{}", Name(known.name_of_stage(stage)), counts.known, Told(&counts))?;
    }
    writeln!(out)
}

/// Formats the counts that are not zero, as in `: 3 running, 2 succeeded`.
struct Told<'a>(&'a Counts);

impl std::fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = self.0;
        let all = [
            (counts.waiting + counts.ready, NodeState::Waiting),
            (counts.running, NodeState::Running),
            (counts.awaiting_retry, NodeState::AwaitingRetry),
            (counts.succeeded, NodeState::Succeeded),
            (counts.failed, NodeState::Failed),
            (counts.skipped, NodeState::Skipped),
            (counts.cancelled, NodeState::Cancelled),
        ];
        let some = all.into_iter().filter(|(count, _)| *count > 0).enumerate();
        for (place, (count, state)) in some {
            write!(f, "{} {count} {state}", if place == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

fn write_node(out: &mut dyn Write, known: &RunSnapshot, graph: Option<&Graph>, node: NodeId) -> io::Result<()> {
    write!(out, "{}", Name(&known.name(node)))?;
    if known.given_name(node).is_some() {
        write!(out, " ({})", Name(known.stage_name(node)))?;
    }
    // There is no event for a node that becomes ready, so such a node is shown as waiting.
    let state = known.state(node).filter(|state| *state != NodeState::Ready).unwrap_or(NodeState::Waiting);
    write!(out, ": {state}")?;
    if let Some(started) = known.started(node) {
        write!(out, ", started {started}")?;
    }
    if let Some(ended) = known.ended(node) {
        write!(out, ", ended {ended}")?;
    }
    let mut before = "; needs ";
    for edge in graph.into_iter().flat_map(|graph| graph.parents(node)) {
        let only = if edge.need == Need::End { " (its end)" } else { "" };
        write!(out, "{before}{}{only}", Name(&known.name(edge.from)))?;
        before = ", ";
    }
    writeln!(out)
}
