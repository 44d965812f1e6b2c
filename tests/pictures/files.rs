//! Pictures of workflows and reports, in files.

use crate::seen::chain;
use dagcore::dag::{Event, Graph, Place};
use dagcore::prelude::*;
use dagcore::view::{self, PictureError};
use roxmltree::Document;
use std::path::PathBuf;

#[stage]
fn list(n: u32) -> Vec<u32> {
    (0..n).collect()
}

#[stage]
fn square(n: u32) -> Result<u32, String> {
    if n == 2 { Err("two".to_owned()) } else { Ok(n * n) }
}

#[stage]
fn sum(all: &[u32]) -> u32 {
    all.iter().sum()
}

fn squares() -> Workflow {
    let mut flow = Workflow::new("squares <of> numbers");
    let numbers = flow.add(list::new(3_u32).named("numbers"));
    let squares = flow.map(numbers, square::new);
    flow.add(sum::new(squares));
    flow
}

/// A file in its own temporary folder, removed on drop.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("dagcore-pictures-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The box of each node, with its class and its title.
fn classes(svg: &str) -> Vec<(String, String)> {
    let document = Document::parse(svg).unwrap();
    let groups = document.descendants().filter(|node| node.has_attribute("data-node"));
    let class = |group: &roxmltree::Node<'_, '_>| group.parent().unwrap().attribute("class").unwrap().to_owned();
    groups.map(|group| (class(&group), group.first_element_child().unwrap().text().unwrap().to_owned())).collect()
}

#[test]
fn a_workflow_is_drawn_as_far_as_it_was_added_and_without_states() -> Result<(), dagcore::Error> {
    let scratch = Scratch::new("plan");
    let flow = squares();
    flow.visualize(scratch.0.join("plan.svg"))?;
    let svg = std::fs::read_to_string(scratch.0.join("plan.svg")).unwrap();
    assert!(svg.contains("<title>squares &lt;of&gt; numbers</title>"), "{svg}");
    let seen = classes(&svg);
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|(class, _)| class == "node waiting"), "{seen:?}");
    assert!(!svg.contains("class=\"mark\""));
    Ok(())
}

#[test]
fn the_picture_of_a_report_shows_every_state_in_its_colour_and_counts_them() {
    let scratch = Scratch::new("report");
    let report = squares().run_blocking().or_else(dagcore::Error::into_report).unwrap();
    report.visualize(scratch.0.join("done.svg")).unwrap();
    let svg = std::fs::read_to_string(scratch.0.join("done.svg")).unwrap();
    let seen = classes(&svg);
    let of =
        |class: &str| seen.iter().filter(|(own, _)| own == class).map(|(_, title)| title.as_str()).collect::<Vec<_>>();
    assert_eq!(of("node succeeded").len(), 3);
    assert_eq!(of("node failed").len(), 1);
    assert_eq!(of("node skipped"), ["map of square\nstage gather\nskipped", "sum#2\nskipped"]);
    assert!(["3 succeeded", "1 failed", "2 skipped"].iter().all(|count| svg.contains(&format!(">{count}</text>"))));
    // The elements are attached to their list, though they do not depend on it.
    let dot = view::dot(report.graph());
    assert!(dot.contains("n0 -> n3 [style=dotted];"), "{dot}");
    let mermaid = view::mermaid(report.graph());
    assert!(mermaid.contains("classDef failed ") && mermaid.contains("  class n1,n2 skipped"), "{mermaid}");
}

#[test]
fn the_extension_of_the_file_says_the_format() -> Result<(), dagcore::Error> {
    let scratch = Scratch::new("formats");
    for (file, start) in [
        ("a.svg", "<svg "),
        ("a.SVG", "<svg "),
        ("a.dot", "digraph "),
        ("a.gv", "digraph "),
        ("a.mmd", "flowchart "),
        ("a.mermaid", "flowchart "),
    ] {
        squares().visualize(scratch.0.join(file))?;
        assert!(std::fs::read_to_string(scratch.0.join(file)).unwrap().starts_with(start), "{file}");
    }
    Ok(())
}

#[test]
fn an_unknown_extension_is_an_error_that_names_the_file_and_the_formats() {
    for file in ["six.png", "six", ".svg"] {
        let error = squares().visualize(file).unwrap_err();
        assert!(matches!(error, dagcore::Error::Picture(PictureError::Format { .. })));
        let (error, here) = (error.to_string(), std::env::current_dir().unwrap().join(file));
        assert!(error.contains(&format!("`{}`", here.display())), "{error}");
        assert!([".svg", ".dot", ".mmd"].iter().all(|known| error.contains(&format!("`{known}`"))), "{error}");
    }
}

#[test]
fn a_folder_that_does_not_exist_is_an_error_that_names_the_whole_path() {
    let scratch = Scratch::new("missing");
    let file = scratch.0.join("no\nwhere").join("six.svg");
    let error = squares().visualize(&file).unwrap_err().to_string();
    let shown = |path: &std::path::Path| path.display().to_string().replace('\n', "\\n");
    let expected =
        format!("cannot write the picture `{}`: there is no folder `{}`", shown(&file), shown(file.parent().unwrap()));
    assert_eq!(error, expected);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_with_what_the_system_said() {
    let scratch = Scratch::new("folder");
    let folder = scratch.0.join("a.svg");
    std::fs::create_dir(&folder).unwrap();
    let error = squares().visualize(&folder).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot write the picture `{}`: ", folder.display())), "{error}");
}

#[test]
fn a_workflow_that_was_put_together_wrongly_is_not_drawn() {
    let mut other = Workflow::new("other");
    let foreign = other.add(list::new(1_u32));
    let mut flow = Workflow::new("own");
    flow.add(sum::new(foreign));
    let error = flow.visualize("never.svg").unwrap_err().to_string();
    assert!(error.contains("uses a handle of workflow `other`"), "{error}");
}

/// The graph that a picture is drawn from is public: a program can draw a graph that it tracks.
#[test]
fn a_graph_in_the_middle_of_a_run_shows_what_runs() {
    let mut machine = chain(&["first".to_owned(), "second".to_owned()]);
    let at = dagcore::dag::Time::START;
    machine.apply(&Event::RunStarted { at }).unwrap();
    let first = machine.take_ready(Place::Inline).unwrap();
    machine.apply(&Event::Started { node: first, at }).unwrap();
    let graph: &Graph = machine.graph();
    assert_eq!(classes(&view::svg(graph))[0], ("node running".to_owned(), "first\nstage fetch\nrunning".to_owned()));
    assert_eq!(classes(&view::svg(graph))[1].0, "node waiting");
}
