//! Rendering of a graph as DOT, the language of Graphviz.

use super::arrow::{Kind, arrows};
use super::drawable::Drawable;
use super::escape::dot;
use super::label::{TOOLTIP, shorten};
use super::style::{LIGHT, Paint};
use super::written::written;
use crate::dag::NodeId;
use std::fmt::{self, Write};

/// The maximum length of a label, in characters.
pub(super) const LABEL: usize = 40;

/// Renders the whole document.
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

/// Returns the label of a node: its name, followed by its stage if the program gave it another name.
fn label(graph: &dyn Drawable, node: NodeId) -> String {
    let name = dot(&shorten(&graph.name(node), LABEL)).into_owned();
    let stage = graph.stage_name(node);
    match graph.given_name(node) {
        Some(given) if given != stage => format!("\"{name}\\n{}\"", dot(&shorten(stage, LABEL))),
        _ => format!("\"{name}\""),
    }
}

/// Formats a quoted string of DOT, shortened.
pub(super) fn quoted(text: &str, most: usize) -> String {
    format!("\"{}\"", dot(&shorten(text, most)))
}
