//! A graph as DOT, for those who have Graphviz.

use super::arrow::{Kind, arrows};
use super::drawable::Drawable;
use super::escape::dot;
use super::label::{TOOLTIP, shorten};
use super::style::{LIGHT, Paint};
use super::written::written;
use crate::dag::NodeId;
use std::fmt::{self, Write};

/// The longest label, in characters.
pub(super) const LABEL: usize = 40;

/// The whole document.
pub(super) fn draw(graph: &dyn Drawable, title: &str) -> String {
    written(|out| write_all(graph, title, out))
}

fn write_all(graph: &dyn Drawable, title: &str, out: &mut String) -> fmt::Result {
    writeln!(out, "digraph {} {{", quoted(title, TOOLTIP))?;
    writeln!(out, "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=11];")?;
    writeln!(out, "  edge [color=\"{}\", arrowsize=0.7];", LIGHT.edge)?;
    for node in graph.nodes() {
        let state = graph.state(node);
        let Paint { fill, stroke } = LIGHT.paint(state);
        writeln!(
            out,
            "  n{node} [label={}, tooltip={}, fillcolor=\"{fill}\", color=\"{stroke}\"];",
            label(graph, node),
            quoted(&format!("{}, {state}", graph.name(node)), TOOLTIP)
        )?;
    }
    for arrow in arrows(graph) {
        let style = match arrow.kind {
            Kind::Needs => "",
            Kind::Follows => " [style=dashed]",
            Kind::Adds => " [style=dotted]",
        };
        writeln!(out, "  n{} -> n{}{style};", arrow.from, arrow.to)?;
    }
    out.write_str("}\n")
}

/// The name, and under it the stage where the name is one that the program gave.
fn label(graph: &dyn Drawable, node: NodeId) -> String {
    let name = dot(&shorten(&graph.name(node), LABEL)).into_owned();
    let stage = graph.stage_name(node);
    match graph.given_name(node) {
        Some(given) if given != stage => format!("\"{name}\\n{}\"", dot(&shorten(stage, LABEL))),
        _ => format!("\"{name}\""),
    }
}

/// A string of DOT, shortened.
pub(super) fn quoted(text: &str, most: usize) -> String {
    format!("\"{}\"", dot(&shorten(text, most)))
}
