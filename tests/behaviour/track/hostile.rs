//! Names, keys and errors are untrusted text, whatever their source.

use super::tracing::Hearing;
use super::{Folder, HOSTILE, read, run};
use dagcore::dag::Name;
use dagcore::prelude::*;
use dagcore::track::{Dump, Perfetto, Snapshots};
use tracing::level_filters::LevelFilter;

#[stage(name = "<a> \"stage\" \\\u{202e}")]
async fn refuses(text: String) -> Result<u32, String> {
    Err(text)
}

#[test]
fn names_cannot_move_a_cursor_or_break_a_file() {
    let folder = Folder::new();
    let [text, dump, trace] = ["text", "dump", "trace"].map(|name| folder.file(name));
    let heard = Hearing::new(LevelFilter::TRACE);
    let mut flow = Workflow::new(HOSTILE)
        .track(Snapshots::to(&text))
        .track(Dump::to(&dump))
        .track(Perfetto::to(&trace))
        .track(heard.tracker());
    flow.add(refuses::new(HOSTILE).key(HOSTILE));
    flow.add(refuses::new(HOSTILE).named(HOSTILE.repeat(100)));
    flow.rule(rule! {
        when each_failed(refuses), adds [],
        then |_grow, _node, _error| -> Result<(), String> { Err(HOSTILE.to_owned()) }
    });
    run(flow, 0);

    let lines = heard.lines();
    assert!(lines.iter().any(|line| line.contains("rule failed")), "{lines:#?}");
    let (text, dump_text, trace_text) = (read(&text), read(&dump), read(&trace));
    for line in
        lines.iter().map(String::as_str).chain([&text, &dump_text, &trace_text].into_iter().flat_map(|t| t.lines()))
    {
        assert!(line.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{line:?}");
    }
    assert!(lines.iter().all(|line| ["DEBUG", "INFO", "WARN", "ERROR"].iter().any(|level| line.starts_with(level))));
    // A header, the counts of the run and its stage, an empty line, and the two nodes.
    assert_eq!(text.lines().count(), 6, "{text}");

    let dumped = Dump::load(&dump).unwrap();
    assert_eq!((dumped.workflow.as_str(), dumped.nodes[0].key.as_deref()), (HOSTILE, Some(HOSTILE)));
    assert_eq!(dumped.nodes[1].given_name, Some(HOSTILE.repeat(100)));
    let trace: serde_json::Value = serde_json::from_str(&trace_text).unwrap();
    assert_eq!(trace[0]["args"]["name"], Name(HOSTILE).to_string());
}

#[test]
fn a_name_and_an_error_of_a_megabyte_are_shortened_in_lines_and_files_and_a_dump_holds_the_name() {
    let folder = Folder::new();
    let [text, dump, trace] = ["text", "dump", "trace"].map(|name| folder.file(name));
    let heard = Hearing::new(LevelFilter::TRACE);
    let long = "\u{1b}".repeat(1 << 20);
    let mut flow = Workflow::new(&*long)
        .track(Snapshots::to(&text))
        .track(Dump::to(&dump))
        .track(Perfetto::to(&trace))
        .track(heard.tracker());
    flow.add(refuses::new(&long).named(&*long));
    run(flow, 0);
    assert!(heard.lines().iter().map(String::len).max().is_some_and(|longest| longest < 10_000));
    assert!(read(&text).len() < 10_000 && read(&trace).len() < 20_000);
    let dumped = Dump::load(&dump).unwrap();
    assert_eq!((&dumped.workflow, dumped.nodes[0].given_name.as_ref()), (&long, Some(&long)));
    assert!(dumped.nodes[0].error.as_ref().is_some_and(|error| error.len() < 5_000));
}
