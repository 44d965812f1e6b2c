//! Rendering of a graph as Mermaid, which GitHub and many wikis display inline.

use super::arrow::{Kind, arrows};
use super::drawable::Drawable;
use super::escape::mermaid;
use super::label::shorten;
use super::style::{LIGHT, LOOKS, Paint};
use super::written::written;
use crate::dag::NodeState;
use std::fmt::{self, Write};

/// The maximum length of a line of a label, in characters.
const LABEL: usize = 40;

/// Renders the whole document.
pub(super) fn draw(graph: &dyn Drawable) -> String {
    written(|out| write_all(graph, out))
}

fn write_all(graph: &dyn Drawable, out: &mut String) -> fmt::Result {
    writeln!(out, "flowchart TD")?;
    for node in graph.nodes() {
        let stage = graph.stage_name(node);
        write!(out, "  n{node}(\"{}", mermaid(&shorten(&graph.name(node), LABEL)))?;
        if graph.given_name(node).is_some_and(|given| given != stage) {
            write!(out, "<br>{}", mermaid(&shorten(stage, LABEL)))?;
        }
        writeln!(out, "\")")?;
    }
    for arrow in arrows(graph) {
        let line = match arrow.kind {
            Kind::Needs => "-->",
            Kind::Adds => "-. adds .->",
            Kind::Follows => "-.->",
        };
        writeln!(out, "  n{} {line} n{}", arrow.from, arrow.to)?;
    }
    for (look, class) in LOOKS.into_iter().filter(|(look, _)| *look != NodeState::Waiting) {
        let mut nodes = graph.nodes().filter(|node| graph.state(*node) == look).peekable();
        if nodes.peek().is_some() {
            let Paint { fill, stroke } = LIGHT.paint(look);
            writeln!(out, "  classDef {class} fill:{fill},stroke:{stroke},color:{}", LIGHT.ink)?;
            let nodes: Vec<String> = nodes.map(|node| format!("n{node}")).collect();
            writeln!(out, "  class {} {class}", nodes.join(","))?;
        }
    }
    Ok(())
}
