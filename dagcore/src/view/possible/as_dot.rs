//! Rendering of a possible graph as DOT.

use super::super::dot::{LABEL, quoted};
use super::super::escape::dot;
use super::super::label::{TOOLTIP, shorten};
use super::super::style::{LIGHT, Paint, RULE};
use super::super::written::written;
use super::tiles::{Look, Tile, place, tiles};
use crate::dag::{ArrowEnd, ArrowKind, Possible};
use std::fmt::{self, Write};

/// Renders the whole document.
pub(super) fn draw(possible: &Possible) -> String {
    written(|out| write_all(possible, out))
}

fn write_all(possible: &Possible, out: &mut String) -> fmt::Result {
    writeln!(out, "digraph {} {{", quoted(possible.title().unwrap_or("possible"), TOOLTIP))?;
    writeln!(out, "  node [shape=box, style=filled, fontname=\"Helvetica\", fontsize=11];")?;
    writeln!(out, "  edge [color=\"{}\", fontname=\"Helvetica\", fontsize=9, arrowsize=0.7];", LIGHT.edge)?;
    for (index, shown) in tiles(possible).into_iter().enumerate() {
        let Tile { end, name, number, look, dashed } = shown;
        let Paint { fill, stroke } = match look {
            Look::State(state) => LIGHT.paint(state),
            Look::Rule => &RULE,
        };
        let mut label = dot(&shorten(&name, LABEL)).into_owned();
        if let Some(number) = number {
            write!(label, "\\n{}", dot(&shorten(&number, LABEL)))?;
        }
        let style = match (end, dashed) {
            (ArrowEnd::Rule(_), false) => ", style=\"rounded,filled\"",
            (ArrowEnd::Rule(_), true) => ", style=\"rounded,filled,dashed\"",
            (_, true) => ", style=\"filled,dashed\"",
            (_, false) => "",
        };
        let tooltip = quoted(&possible.about(end), TOOLTIP);
        writeln!(
            out,
            "  p{index} [label=\"{label}\", tooltip={tooltip}, fillcolor=\"{fill}\", color=\"{stroke}\"{style}];"
        )?;
    }
    for arrow in possible.arrows() {
        let (from, to) = (place(possible, arrow.from()), place(possible, arrow.to()));
        let label = quoted(&possible.label(arrow), LABEL);
        let style = match arrow.kind() {
            ArrowKind::Follows => ", style=dashed".to_owned(),
            ArrowKind::Registers => ", style=dotted".to_owned(),
            ArrowKind::Adds { .. } => format!(", color=\"{}\"", RULE.stroke),
            _ => String::new(),
        };
        writeln!(out, "  p{from} -> p{to} [label={label}{style}];")?;
    }
    out.write_str("}\n")
}
