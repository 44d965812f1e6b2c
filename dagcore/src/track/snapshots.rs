//! Text snapshots of a run: what each node is doing, in a file that is replaced every so often.

use super::file::WholeFile;
use crate::dag::{Counts, Graph, Machine, Message, Name, Need, NodeId, NodeState, Time};
use crate::port::{End, Happened, Known, Tracker};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// Keeps a text file that says what the nodes of a run are doing: counts, then each stage, then each node.
///
/// The file is written in the beginning, every second of the run unless [`every`](Self::every) or
/// [`every_events`](Self::every_events) say otherwise, and in the end. It is written beside its place and then takes
/// it, so whoever reads it sees one snapshot as a whole. Only the last snapshot says what the nodes need: until then
/// trackers are not told of edges. Times are those since the run's beginning; a second is one of the run's own clock,
/// and is looked at when something happens.
///
/// A snapshot takes as long as there are nodes. When the disk is slower than the run, events are dropped, and the
/// report says so. When the file cannot be written the run goes on and the next snapshot is tried; the report says what
/// went wrong the first time: see [`TrackerReport::error`](crate::TrackerReport::error). The end of a run waits a
/// minute for the last snapshot, unless [`drain_timeout`](Self::drain_timeout) says otherwise. A run that is given up
/// leaves the snapshot of what was known then.
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
    /// When the last snapshot was made, and how many events there have been since.
    last: Time,
    since: u64,
}

impl Snapshots {
    /// Snapshots in this file, which is replaced if it exists. Its folder must exist.
    pub fn to(path: impl Into<PathBuf>) -> Self {
        let (every, every_events) = (Some(Duration::from_secs(1)), None);
        let drain_timeout = Duration::from_secs(60);
        let (now, last) = (Time::START, Time::START);
        Self { file: WholeFile::at(path), every, every_events, drain_timeout, now, last, since: 0 }
    }

    /// How much time of the run passes between snapshots: a second, unless this says otherwise. Zero means a snapshot
    /// at every event.
    pub fn every(mut self, time: Duration) -> Self {
        self.every = Some(time);
        self
    }

    /// How many events there are between snapshots; no matter how many, unless this says otherwise. It replaces what
    /// was said by time, and `every` after it adds that again: then a snapshot is made when either of the two is
    /// reached. Zero is taken for one.
    pub fn every_events(mut self, events: u64) -> Self {
        (self.every, self.every_events) = (None, Some(events.max(1)));
        self
    }

    /// How long the end of the run waits for the last snapshot, on the real clock: a minute, unless this says
    /// otherwise.
    pub fn drain_timeout(mut self, drain_timeout: Duration) -> Self {
        self.drain_timeout = drain_timeout;
        self
    }

    fn is_time(&self) -> bool {
        self.every.is_some_and(|every| self.now.since(self.last) >= every)
            || self.every_events.is_some_and(|events| self.since >= events)
    }

    fn write(&mut self, known: &Known, end: Option<End<'_>>) {
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

    fn start(&mut self, known: &Known) {
        self.write(known, None);
    }

    fn event(&mut self, happened: &Happened, known: &Known) {
        self.now = happened.at();
        self.since += 1;
        if self.is_time() {
            self.write(known, None);
        }
    }

    fn missed(&mut self, events: u64, known: &Known) {
        self.since += events;
        if self.is_time() {
            self.write(known, None);
        }
    }

    fn end(&mut self, end: End<'_>, known: &Known) {
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

fn write_end(out: &mut dyn Write, known: &Known, machine: &Machine, now: Time) -> io::Result<()> {
    let at = machine.ended().unwrap_or(now);
    match machine.stopped() {
        Some(why) => writeln!(out, "{}: stopped after {at}: {}", Name(known.workflow()), Message(why)),
        None => writeln!(out, "{}: ended after {at}", Name(known.workflow())),
    }
}

fn write_counts(out: &mut dyn Write, known: &Known) -> io::Result<()> {
    let nodes = if known.len() == 1 { "node" } else { "nodes" };
    writeln!(out, "{} {nodes}{}", known.len(), Told(&known.counts()))?;
    for stage in known.stages() {
        let counts = known.counts_of(stage);
        writeln!(out, "  {}: {}{}", Name(known.name_of_stage(stage)), counts.known, Told(&counts))?;
    }
    writeln!(out)
}

/// `: 3 running, 2 succeeded`, of what there is.
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

fn write_node(out: &mut dyn Write, known: &Known, graph: Option<&Graph>, node: NodeId) -> io::Result<()> {
    write!(out, "{}", Name(&known.name(node)))?;
    if known.given_name(node).is_some() {
        write!(out, " ({})", Name(known.stage_name(node)))?;
    }
    // It is not told when a node becomes ready, so what it says is that it waits.
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
