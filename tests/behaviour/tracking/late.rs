//! Slow trackers, and runs that end without a report.

use super::{LONG, failed, idle};
use dagcore::prelude::*;
use dagcore::{End, Event, GrowthLimits, RunSnapshot, Tracker};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// The numbers of events seen and missed, and the number of nodes known to have succeeded.
type Heard = ([u64; 2], usize);

/// Blocks until it is released, and reports the events that it has received at the end.
struct Slow {
    go: Receiver<()>,
    at_start: bool,
    heard: [u64; 2],
    done: Sender<Heard>,
}

impl Slow {
    fn new(at_start: bool) -> (Self, Sender<()>, Receiver<Heard>) {
        let ((let_go, go), (done, end)) = (channel(), channel());
        (Self { go, at_start, heard: [0, 0], done }, let_go, end)
    }
}

impl Tracker for Slow {
    fn drain_timeout(&self) -> Duration {
        Duration::ZERO
    }

    fn start(&mut self, _known: &RunSnapshot) {
        if self.at_start {
            self.go.recv().unwrap();
        }
    }

    fn event(&mut self, _happened: &Event, _known: &RunSnapshot) {
        if !self.at_start && self.heard == [0, 0] {
            self.go.recv().unwrap();
        }
        self.heard[0] += 1;
    }

    fn missed(&mut self, events: u64, known: &RunSnapshot) {
        self.heard[1] += events;
        assert!(known.counts().succeeded > 0);
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        assert!(matches!(end, End::Over(_)));
        self.done.send((self.heard, known.counts().succeeded)).unwrap();
    }
}

#[test]
fn a_slow_tracker_delays_nothing_and_receives_the_number_of_missed_events() {
    const NODES: usize = 160_000;
    let (slow, let_go, end) = Slow::new(true);
    let mut flow = Workflow::new("many").track(slow);
    for _ in 0..NODES {
        flow.add(idle::new());
    }
    let report = flow.run_blocking().unwrap();
    let slow = &report.trackers()[0];
    assert!(slow.is_late() && !slow.is_complete());
    assert_eq!(slow.seen(), 0);
    // Its queue is bounded, and further events are dropped.
    assert!(slow.left() >= 262_144 && slow.left() <= 262_144 + 1_024, "{slow}");
    assert!(slow.missed() > 2 * NODES as u64 - 262_144 - 1_025, "{slow}");
    assert!(report.to_string().contains(&format!("took in 0 events, missed {}, and was not done", slow.missed())));
    let_go.send(()).unwrap();
    let ([seen, missed], succeeded) = end.recv().unwrap();
    assert_eq!((seen + missed, succeeded), (2 * NODES as u64, NODES));
    assert!(seen > 0 && missed >= slow.missed());
}

#[test]
fn a_late_tracker_continues_after_the_run() {
    let (slow, let_go, end) = Slow::new(false);
    let mut flow = Workflow::new("few").track(slow);
    for _ in 0..100 {
        flow.add(idle::new());
    }
    let report = flow.run_blocking().unwrap();
    let slow = &report.trackers()[0];
    assert_eq!((slow.is_late(), slow.seen(), slow.missed(), slow.left()), (true, 0, 0, 200));
    let_go.send(()).unwrap();
    assert_eq!(end.recv().unwrap(), ([200, 0], 100));
}

/// Sends a message for each start, and for the end.
struct Herald(Sender<&'static str>);

impl Tracker for Herald {
    fn drain_timeout(&self) -> Duration {
        LONG
    }

    fn event(&mut self, happened: &Event, _known: &RunSnapshot) {
        if let Event::Started { .. } = happened {
            self.0.send("started").unwrap();
        }
    }

    fn end(&mut self, end: End<'_>, _known: &RunSnapshot) {
        let how = match end {
            End::Over(machine) if machine.stopped().is_some() => "stopped",
            End::Over(_) => "over",
            _ => "given up",
        };
        self.0.send(how).unwrap();
    }
}

#[stage]
async fn forever() {
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tracker_of_a_dropped_run_is_notified() {
    let (herald, heard) = channel();
    let mut flow = Workflow::new("forever").track(Herald(herald));
    flow.add(forever::new());
    let run = flow.start().unwrap();
    assert_eq!(heard.recv(), Ok("started"));
    drop(run);
    assert_eq!(heard.recv(), Ok("given up"));
    assert!(heard.recv().is_err()); // the tracker is dropped
}

#[tokio::test]
async fn the_tracker_of_a_run_is_notified_of_the_end_without_a_reader_of_the_report() {
    let (herald, heard) = channel();
    let mut flow = Workflow::new("short").track(Herald(herald));
    flow.add(idle::new());
    let run = flow.start().unwrap();
    run.ended().await;
    drop(run);
    assert_eq!(heard.iter().collect::<Vec<_>>(), ["started", "over"]);
}

#[test]
fn a_run_that_was_stopped_is_over_for_its_trackers() {
    let (herald, heard) = channel();
    rule! { endless: when each(idle), adds [idle] within 1_000, then |grow, _node, _unit| { grow.add(idle::new()); } }
    let mut flow = Workflow::new("endless")
        .rules(rules![endless])
        .growth_limits(GrowthLimits::default().nodes(10))
        .track(Herald(herald));
    flow.add(idle::new());
    let report = failed(flow.run_blocking());
    assert!(report.trackers()[0].is_complete());
    let heard: Vec<_> = heard.iter().collect();
    assert_eq!((heard.len(), heard.last()), (11, Some(&"stopped")));
}
