//! Correct and missing data when events were dropped.

use super::metrics::{counters, expected, recorded};
use super::tracing::Hearing;
use super::{Folder, everything, read, run};
use dagcore::track::{Dump, Metrics, Perfetto};
use dagcore::{End, Event, RunSnapshot, Tracker};
use metrics_util::debugging::DebuggingRecorder;
use tracing::level_filters::LevelFilter;

/// Does not forward some events in the middle, as if they had been dropped.
struct Deaf<T> {
    tracker: T,
    heard: u64,
}

const FROM: u64 = 6;
const TO: u64 = 40;

impl<T: Tracker> Tracker for Deaf<T> {
    fn start(&mut self, known: &RunSnapshot) {
        self.tracker.start(known);
    }

    fn event(&mut self, happened: &Event, known: &RunSnapshot) {
        self.heard += 1;
        match self.heard {
            FROM..TO => {}
            TO => self.tracker.missed(TO - FROM + 1, known),
            _ => self.tracker.event(happened, known),
        }
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        assert!(self.heard > TO);
        self.tracker.end(end, known);
    }
}

fn deaf<T>(tracker: T) -> Deaf<T> {
    Deaf { tracker, heard: 0 }
}

#[test]
fn counters_are_right_in_the_end() {
    for seed in 0..10 {
        let [whole, torn] = [false, true].map(|is_deaf| {
            let recorder = DebuggingRecorder::new();
            let snapshotter = recorder.snapshotter();
            let metrics = Metrics::to(recorder);
            let flow = if is_deaf { everything().track(deaf(metrics)) } else { everything().track(metrics) };
            let report = run(flow, seed);
            let counters = counters(&recorded(&snapshotter));
            assert!(expected(&report).iter().all(|(name, count)| counters.get(name) == Some(count)), "{counters:?}");
            counters
        });
        assert_eq!(whole, torn);
    }
}

#[test]
fn a_dump_has_the_number_of_dropped_events_and_the_whole_graph() {
    let folder = Folder::new();
    let [whole, torn] = ["whole.json", "torn.json"].map(|name| folder.file(name));
    run(everything().track(Dump::to(&whole)).track(deaf(Dump::to(&torn))), 0);
    let (whole, mut torn) = (Dump::load(&whole).unwrap(), Dump::load(&torn).unwrap());
    assert_eq!((whole.missed, torn.missed), (0, TO - FROM + 1));
    let mut untold = 0;
    for (torn, whole) in torn.nodes.iter_mut().zip(&whole.nodes) {
        untold += usize::from(torn.added_ns.is_none() && whole.added_ns.is_some());
        assert!(torn.added_ns.is_none_or(|at| Some(at) == whole.added_ns), "{torn:?}");
        torn.added_ns = whole.added_ns;
    }
    assert!(untold > 0);
    assert_eq!(torn.nodes, whole.nodes);
    let fired = |dump: &dagcore::track::Dumped| dump.rules.iter().map(|rule| rule.fired).collect::<Vec<_>>();
    assert_eq!(fired(&torn), fired(&whole));
}

#[test]
fn a_trace_has_all_bars() {
    let folder = Folder::new();
    let [whole, torn] = ["whole.json", "torn.json"].map(|name| folder.file(name));
    run(everything().track(Perfetto::to(&whole)).track(deaf(Perfetto::to(&torn))), 0);
    let bars =
        |path| read(path).lines().filter(|line| line.contains(r#""ph":"X""#)).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(bars(&whole), bars(&torn));
    assert!(read(&torn).len() < read(&whole).len(), "marks are missing");
}

#[test]
fn spans_of_nodes_whose_end_was_dropped_are_closed() {
    let heard = Hearing::new(LevelFilter::TRACE);
    run(everything().track(deaf(heard.tracker())), 0);
    assert!(heard.lines().iter().any(|line| line.contains("events dropped events=35")), "{:?}", heard.lines());
    assert_eq!(heard.open(), 0);
}
