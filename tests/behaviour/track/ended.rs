//! Runs that are dropped or stopped.

use super::{Folder, fetch, flaky, read, run, s};
use dagcore::prelude::*;
use dagcore::track::{Dump, Perfetto, Snapshots};
use dagcore::{Backoff, End, Event, GrowthLimits, RunSnapshot, Tracker};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

#[stage]
async fn forever() {
    std::future::pending::<()>().await;
}

/// Sends a message when a node has begun, and when the tracker has received the end of the run.
struct Herald<T>(T, Sender<&'static str>);

impl<T: Tracker> Tracker for Herald<T> {
    fn drain_timeout(&self) -> Duration {
        Duration::ZERO
    }

    fn start(&mut self, known: &RunSnapshot) {
        self.0.start(known);
    }

    fn event(&mut self, happened: &Event, known: &RunSnapshot) {
        self.0.event(happened, known);
        self.1.send("event").unwrap();
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        self.0.end(end, known);
        assert_eq!(self.0.error(), None);
        self.1.send("end").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_run_leaves_a_snapshot_and_neither_dump_nor_trace() {
    let folder = Folder::new();
    let [text, dump, trace] = ["text", "dump", "trace"].map(|name| folder.file(name));
    let (to, heard) = channel();
    let mut flow = Workflow::new("forever")
        .track(Herald(Snapshots::to(&text), to.clone()))
        .track(Herald(Dump::to(&dump), to.clone()))
        .track(Herald(Perfetto::to(&trace), to));
    flow.add(forever::new());
    let run = flow.start().unwrap();
    assert_eq!([(); 3].map(|()| heard.recv().unwrap()), ["event"; 3]);
    drop(run);
    assert_eq!([(); 3].map(|()| heard.recv().unwrap()), ["end"; 3]);
    assert!(read(&text).starts_with("forever: given up after "), "{}", read(&text));
    assert!(read(&text).contains("\nforever#0: running, started "), "{}", read(&text));
    assert_eq!(folder.files(), ["text"]);
}

rule! {
    endless: when each(fetch), adds [fetch] within 1_000,
    then |grow, _node, seconds| { grow.add(fetch::new(*seconds)); }
}

#[test]
fn a_stopped_run_is_reported_with_the_reason_and_the_unfinished_nodes() {
    let folder = Folder::new();
    let [text, dump, trace] = ["text", "dump", "trace"].map(|name| folder.file(name));
    let mut flow = Workflow::new("endless").rules(rules![endless]).growth_limits(GrowthLimits::default().nodes(10));
    flow.add(fetch::new(1_u64));
    flow.add(fetch::new(60_u64).named("long"));
    flow.add(flaky::new(9_u32).named("again").backoff(Backoff::fixed(s(60))));
    let flow = flow.track(Snapshots::to(&text)).track(Dump::to(&dump)).track(Perfetto::to(&trace));
    let report = run(flow, 0);
    let why = report.stopped().unwrap();

    let dumped = Dump::load(&dump).unwrap();
    assert_eq!((dumped.stopped.as_deref(), dumped.nodes.len()), (Some(why), report.len()));
    let long = dumped.nodes.iter().find(|node| node.name == "long").unwrap();
    assert_eq!((long.state, long.started_ns, long.ended_ns), (NodeState::Running, Some(0), None));
    let again = dumped.nodes.iter().find(|node| node.name == "again").unwrap();
    assert_eq!(again.state, NodeState::AwaitingRetry);
    assert!(read(&dump).contains(r#""state":"awaiting_retry""#) && read(&text).contains(", 1 awaiting retry"));

    let head = format!("endless: stopped after {:.1?}: {}", report.duration(), dagcore::dag::Plain(why));
    assert_eq!(read(&text).lines().next(), Some(head.as_str()));

    // Nodes that still ran have a bar that extends to the end.
    let micros = report.duration().as_micros();
    let bar = read(&trace).lines().find(|line| line.contains(r#""name":"long""#)).unwrap().to_owned();
    assert!(bar.contains(&format!(r#""dur":{micros}.0"#)) && bar.contains(r#""end":"running""#), "{bar}");
}
