//! Snapshots: a text file that is complete at every read.

use super::{Folder, HOSTILE, Looking, SECRET, cannot_write, everything, fetch, read, run, s};
use dagcore::Event;
use dagcore::prelude::*;
use dagcore::track::Snapshots;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The distinct contents of the file, read after each event.
fn texts(path: &Path, snapshots: Snapshots, flow: impl FnOnce() -> Workflow) -> (Vec<String>, Report) {
    let texts = Arc::new(Mutex::new(Vec::new()));
    let (own, file) = (Arc::clone(&texts), path.to_owned());
    let look = move |_: &Event, _: &dagcore::RunSnapshot| {
        let (text, mut texts) = (read(&file), own.lock().unwrap());
        if texts.last() != Some(&text) {
            texts.push(text);
        }
    };
    let report = run(flow().track(Looking(snapshots, look)), 0);
    let mut texts = std::mem::take(&mut *texts.lock().unwrap());
    texts.push(read(path));
    (texts, report)
}

fn chain() -> Workflow {
    let mut flow = Workflow::new("chain");
    let first = flow.add(fetch::new(2_u64).named("first"));
    flow.add(fetch::new(first).key("k"));
    flow
}

#[test]
fn it_lists_the_state_of_every_node_and_finally_its_dependencies() {
    let folder = Folder::new();
    let path = folder.file("run.txt");
    let (texts, _) = texts(&path, Snapshots::to(&path).every_events(1), chain);
    let expected = [
        "chain: runs, 0.0ns after it began\n2 nodes: 1 waiting, 1 running\n  fetch: 2: 1 waiting, 1 running\n\n\
         first (fetch): running, started 0.0ns\nfetch[k]: waiting\n",
        "chain: runs, 2.0s after it began\n2 nodes: 1 waiting, 1 succeeded\n  fetch: 2: 1 waiting, 1 succeeded\n\n\
         first (fetch): succeeded, started 0.0ns, ended 2.0s\nfetch[k]: waiting\n",
        "chain: runs, 2.0s after it began\n2 nodes: 1 running, 1 succeeded\n  fetch: 2: 1 running, 1 succeeded\n\n\
         first (fetch): succeeded, started 0.0ns, ended 2.0s\nfetch[k]: running, started 2.0s\n",
        "chain: runs, 4.0s after it began\n2 nodes: 2 succeeded\n  fetch: 2: 2 succeeded\n\n\
         first (fetch): succeeded, started 0.0ns, ended 2.0s\nfetch[k]: succeeded, started 2.0s, ended 4.0s\n",
        "chain: ended after 4.0s\n2 nodes: 2 succeeded\n  fetch: 2: 2 succeeded\n\n\
         first (fetch): succeeded, started 0.0ns, ended 2.0s\n\
         fetch[k]: succeeded, started 2.0s, ended 4.0s; needs first\n",
    ];
    assert_eq!(texts, expected);
    assert_eq!(folder.files(), ["run.txt"], "no other files must be left");
}

#[test]
fn snapshots_respect_the_time_and_event_interval() {
    let folder = Folder::new();
    let path = folder.file("run.txt");
    let heads = |snapshots: Snapshots| {
        let flow = || {
            let mut flow = Workflow::new("f");
            // They end after 1, 2, .. 12 seconds.
            for seconds in 1..=12_u64 {
                flow.add(fetch::new(seconds));
            }
            flow
        };
        let (texts, _) = texts(&path, snapshots, flow);
        texts.iter().map(|text| text.lines().next().unwrap()["f: ".len()..].to_owned()).collect::<Vec<_>>()
    };
    let every_5 =
        ["runs, 0.0ns after it began", "runs, 5.0s after it began", "runs, 10.0s after it began", "ended after 12.0s"];
    assert_eq!(heads(Snapshots::to(&path).every(s(5))), every_5);
    let by_default = heads(Snapshots::to(&path));
    assert_eq!(by_default.len(), 14, "{by_default:?}");
    // Twelve start, then twelve end.
    let by_events = heads(Snapshots::to(&path).every_events(8));
    assert_eq!(
        by_events[1..],
        ["runs, 0.0ns after it began", "runs, 4.0s after it began", "runs, 12.0s after it began", "ended after 12.0s"]
    );
    let by_both = heads(Snapshots::to(&path).every_events(1_000).every(s(7)));
    assert_eq!(by_both[1..], ["runs, 7.0s after it began", "ended after 12.0s"]);
}

#[test]
fn every_line_belongs_to_one_node_whatever_the_names_contain() {
    let folder = Folder::new();
    let path = folder.file("run.txt");
    let (texts, report) = texts(&path, Snapshots::to(&path).every(Duration::ZERO), everything);
    assert!(texts.len() > 20);
    for text in &texts {
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
    let last = texts.last().unwrap();
    let (_, nodes) = last.split_once("\n\n").unwrap();
    assert_eq!(nodes.lines().count(), report.len());
    assert!(nodes.contains(&format!("{} (fetch): succeeded", dagcore::dag::Name(HOSTILE))), "{nodes}");
    assert!(nodes.contains("; needs broken#4, a"), "{nodes}");
    assert!(last.contains(": 18 succeeded") || last.contains(" succeeded, 2 failed, 1 skipped"), "{last}");
}

#[test]
fn a_snapshot_that_cannot_be_written_is_reported() {
    cannot_write(Snapshots::to, "snapshots");
}

#[test]
fn a_temporary_disk_failure_is_reported_and_later_snapshots_are_written() {
    let folder = Folder::new();
    let path = folder.file("later").join("run.txt");
    let (own, mut events) = (path.clone(), 0);
    let look = move |_: &Event, _: &dagcore::RunSnapshot| {
        events += 1;
        if events == 2 {
            std::fs::create_dir(own.parent().unwrap()).unwrap();
        }
    };
    let flow = chain().track(Looking(Snapshots::to(&path).every_events(1), look));
    let report = dagcore::testing::seeded(flow, 0).unwrap();
    let error = report.trackers()[0].error().unwrap();
    // The write fails at the start and at the first two of four events; the last write is at the end.
    assert!(error.contains("`, 3 of 6 times: No such file"), "{error}");
    assert!(read(&path).starts_with("chain: ended after 4.0s\n"));
}
