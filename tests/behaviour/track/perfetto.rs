//! Traces: bars at the times of the run, in rows without overlaps.

use super::{Folder, HOSTILE, SECRET, cannot_write, everything, fetch, flaky, read, run, s};
use dagcore::dag::Name;
use dagcore::prelude::*;
use dagcore::track::Perfetto;
use dagcore::{Backoff, Error};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The events of a file, which contains an array of objects.
fn events(path: &Path) -> Vec<Value> {
    let Value::Array(events) = serde_json::from_str(&read(path)).unwrap() else {
        panic!("the file must contain an array")
    };
    events
}

fn of<'a>(events: &'a [Value], phase: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["ph"] == phase)
}

/// Converts microseconds to nanoseconds; the values are exact to the nanosecond.
fn ns(micros: &Value) -> u64 {
    let micros = micros.as_f64().unwrap();
    assert!(micros >= 0.0);
    (micros * 1_000.0).round() as u64
}

/// The name, start, end and row of each bar.
fn bars(events: &[Value]) -> Vec<(String, u64, u64, u64)> {
    let bar = |event: &Value| {
        let (ts, dur) = (ns(&event["ts"]), ns(&event["dur"]));
        (event["name"].as_str().unwrap().to_owned(), ts, ts + dur, event["tid"].as_u64().unwrap())
    };
    of(events, "X").map(bar).collect()
}

fn rows_never_overlap(events: &[Value]) {
    let mut rows: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
    for (_, from, to, row) in bars(events) {
        rows.entry(row).or_default().push((from, to));
    }
    for (row, bars) in &mut rows {
        assert_ne!(*row, 0, "row 0 is reserved for the marks");
        bars.sort_unstable();
        assert!(bars.windows(2).all(|two| two[0].1 <= two[1].0), "row {row}: {bars:?}");
    }
    // The number of rows does not exceed the number of concurrent nodes.
    let all: Vec<_> = rows.values().flatten().filter(|(from, to)| from < to).collect();
    let at_once = all.iter().map(|(at, _)| all.iter().filter(|(from, to)| from <= at && at < to).count()).max();
    assert!(rows.len() <= at_once.unwrap_or(0).max(1), "{rows:?}");
}

#[test]
fn each_attempt_is_a_bar_with_its_times_and_no_bars_overlap() {
    let folder = Folder::new();
    let path = folder.file("trace.json");
    for seed in 0..20 {
        let report = run(everything().track(Perfetto::to(&path)), seed);
        let events = events(&path);
        rows_never_overlap(&events);
        let mut expected = Vec::new();
        let graph = report.graph();
        for node in graph.nodes() {
            let failed = graph.failed_attempts(node).iter().map(|attempt| (attempt.started, attempt.ended));
            let last = graph.started(node).map(|started| (started, graph.ended(node).unwrap()));
            let ran = |(from, to): (dagcore::dag::Time, dagcore::dag::Time)| {
                (
                    Name(&graph.name(node)).to_string(),
                    from.since_start().as_nanos() as u64,
                    to.since_start().as_nanos() as u64,
                )
            };
            expected.extend(failed.chain(last).map(ran));
        }
        let mut bars: Vec<_> = bars(&events).into_iter().map(|(name, from, to, _)| (name, from, to)).collect();
        bars.sort();
        expected.sort();
        assert_eq!(bars, expected);
        assert!(bars.iter().any(|(name, ..)| *name == Name(HOSTILE).to_string()));
    }
    assert!(!read(&path).contains(SECRET));
}

#[test]
fn bars_have_the_stage_the_attempt_and_the_outcome() {
    let folder = Folder::new();
    let path = folder.file("trace.json");
    run(everything().track(Perfetto::to(&path)), 0);
    let events = events(&path);
    let told: Vec<String> = of(&events, "X")
        .filter(|event| event["name"] == "again" || event["cat"] == "broken")
        .map(|event| format!("{} {} {} {}", event["cat"], event["ts"], event["dur"], event["args"]))
        .collect();
    let expected = [
        r#""broken" 0.0 0.0 {"attempt":1,"end":"failed","error":"no\\u{7}"}"#,
        r#""flaky" 0.0 1000000.0 {"attempt":1,"end":"failed, to be tried again","error":"too soon: 1"}"#,
        r#""flaky" 2000000.0 1000000.0 {"attempt":2,"end":"succeeded"}"#,
    ];
    assert_eq!(told, expected);
    let names: Vec<_> = of(&events, "M").map(|event| format!("{} {}", event["name"], event["args"]["name"])).collect();
    assert_eq!(names[..3], [r#""process_name" "everything""#, r#""thread_name" "rules""#, r#""thread_name" "slot 1""#]);
    let fields = |phase: &str, required: &[&str]| {
        assert!(of(&events, phase).all(|event| required.iter().all(|field| !event[field].is_null())), "{phase}");
    };
    fields("X", &["name", "cat", "ts", "dur", "pid", "tid"]);
    fields("i", &["name", "cat", "ts", "pid", "tid", "s"]);
    fields("M", &["name", "pid", "tid", "args"]);
}

#[test]
fn firings_and_closings_are_marks_at_their_times() {
    let folder = Folder::new();
    let path = folder.file("trace.json");
    run(everything().track(Perfetto::to(&path)), 0);
    let events = events(&path);
    let marks: Vec<(&str, u64)> = of(&events, "i").map(|e| (e["name"].as_str().unwrap(), ns(&e["ts"]))).collect();
    let second = 1_000_000_000;
    let one =
        |name: &str| marks.iter().filter(|(mark, _)| *mark == name).map(|(_, at)| at / second).collect::<Vec<_>>();
    assert_eq!(one("rule follow fired").len(), 5);
    assert_eq!((one("stage word closed").len(), one("rule finish fired").len()), (1, 1));
    assert_eq!(one("stage word closed"), one("rule finish fired"));
    let failed = of(&events, "i").find(|event| event["cat"] == "rule" && !event["args"]["error"].is_null()).unwrap();
    assert_eq!((failed["args"]["error"].as_str(), failed["s"].as_str()), (Some("not a"), Some("p")));
}

#[test]
fn a_thousand_nodes_on_four_workers_have_four_rows() {
    let folder = Folder::new();
    let path = folder.file("trace.json");
    let mut flow = Workflow::new("wide").concurrency(4).track(Perfetto::to(&path));
    for n in 0..1_000_u64 {
        flow.add(fetch::new(n % 7));
    }
    run(flow, 3);
    let events = events(&path);
    rows_never_overlap(&events);
    let rows: Vec<u64> = bars(&events).into_iter().map(|(.., row)| row).collect();
    assert_eq!((rows.len(), rows.iter().max()), (1_000, Some(&4)));
}

#[tokio::test(start_paused = true)]
async fn a_node_cancelled_in_backoff_has_no_bar_for_the_next_attempt() {
    let folder = Folder::new();
    let path = folder.file("trace.json");
    let mut flow = Workflow::new("cancelled").track(Perfetto::to(&path)).grace(s(0));
    flow.add(fetch::new(60_u64).named("long"));
    flow.add(flaky::new(9_u32).named("paused").retries(5).backoff(Backoff::fixed(s(60))));
    let run = flow.start().unwrap();
    tokio::time::sleep(s(5)).await;
    run.cancel();
    run.wait().await.or_else(Error::into_report).unwrap();
    let bars: Vec<_> =
        bars(&events(&path)).into_iter().map(|(name, from, to, _)| (name, from, to / 1_000_000_000)).collect();
    assert_eq!(bars, [("paused".to_owned(), 0, 1), ("long".to_owned(), 0, 5)]);
}

#[test]
fn a_trace_that_cannot_be_written_is_reported() {
    cannot_write(Perfetto::to, "perfetto");
}
