//! Names, keys and errors are untrusted text, whoever gives them.

use super::lines::Hearing;
use super::{Folder, HOSTILE, read, run};
use dagcore::prelude::*;
use dagcore::track::{Dump, Snapshots, Trace};
use tracing::level_filters::LevelFilter;

#[stage(name = "<a> \"stage\" \\")]
async fn refuses(text: String) -> Result<u32, String> {
    Err(text)
}

#[test]
fn whoever_names_something_cannot_move_a_cursor_or_break_a_file() {
    let folder = Folder::new();
    let [text, dump, trace] = ["text", "dump", "trace"].map(|name| folder.file(name));
    let heard = Hearing::new(LevelFilter::TRACE);
    let mut flow = Workflow::new(HOSTILE)
        .track(Snapshots::to(&text))
        .track(Dump::to(&dump))
        .track(Trace::to(&trace))
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
    for line in lines.iter().map(String::as_str).chain(read(&text).lines()) {
        assert!(line.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{line:?}");
    }
    assert!(lines.iter().all(|line| ["DEBUG", "INFO", "WARN", "ERROR"].iter().any(|level| line.starts_with(level))));
    // A head, the counts of the run and its stage, an empty line, and the two nodes.
    assert_eq!(read(&text).lines().count(), 6, "{}", read(&text));

    let dumped = Dump::load(&dump).unwrap();
    assert_eq!((dumped.workflow.as_str(), dumped.nodes[0].key.as_deref()), (HOSTILE, Some(HOSTILE)));
    assert_eq!(dumped.nodes[1].given_name, Some(HOSTILE.repeat(100)));
    let trace: serde_json::Value = serde_json::from_str(&read(&trace)).unwrap();
    assert_eq!(trace[0]["args"]["name"], HOSTILE);
}
