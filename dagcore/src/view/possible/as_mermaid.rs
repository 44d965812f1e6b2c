//! Rendering of a possible graph as Mermaid.

use super::super::escape::mermaid;
use super::super::label::shorten;
use super::super::style::{LIGHT, LOOKS, Paint, RULE};
use super::super::written::written;
use super::tiles::{Look, Tile, place, tiles};
use crate::dag::{ArrowEnd, ArrowKind, NodeState, Possible};
use std::fmt::{self, Write};

/// The maximum length of a line of a label, in characters.
const LABEL: usize = 40;

/// Renders the whole document.
pub(super) fn draw(possible: &Possible) -> String {
    written(|out| write_all(possible, out))
}

fn write_all(possible: &Possible, out: &mut String) -> fmt::Result {
    writeln!(out, "flowchart TD")?;
    let tiles = tiles(possible);
    for (index, Tile { end, name, number, .. }) in tiles.iter().enumerate() {
        let (open, close) = match end {
            ArrowEnd::Stage(_) => ("[\"", "\"]"),
            ArrowEnd::Rule(_) => ("([\"", "\"])"),
            ArrowEnd::Anything => ("{{\"", "\"}}"),
        };
        write!(out, "  p{index}{open}{}", mermaid(&shorten(name, LABEL)))?;
        if let Some(number) = number {
            write!(out, "<br>{}", mermaid(&shorten(number, LABEL)))?;
        }
        writeln!(out, "{close}")?;
    }
    for arrow in possible.arrows() {
        let (from, to) = (place(possible, arrow.from()), place(possible, arrow.to()));
        let line = match arrow.kind() {
            ArrowKind::Follows | ArrowKind::Registers => "-.->",
            ArrowKind::Adds { .. } => "==>",
            _ => "-->",
        };
        match possible.label(arrow).as_str() {
            "" => writeln!(out, "  p{from} {line} p{to}")?,
            label => writeln!(out, "  p{from} {line}|\"{}\"| p{to}", mermaid(&shorten(label, LABEL)))?,
        }
    }
    let class = |out: &mut String, class: &str, style: &str, shown: &dyn Fn(&Tile) -> bool| -> fmt::Result {
        let shown = tiles.iter().enumerate().filter(|(_, tile)| shown(tile));
        let shown: Vec<String> = shown.map(|(index, _)| format!("p{index}")).collect();
        if shown.is_empty() {
            return Ok(());
        }
        writeln!(out, "  classDef {class} {style}\n  class {} {class}", shown.join(","))
    };
    let states = LOOKS.into_iter().filter(|(state, _)| *state != NodeState::Waiting);
    let looks = states.map(|(state, class)| (Look::State(state), class, LIGHT.paint(state)));
    for (look, name, Paint { fill, stroke }) in looks.chain([(Look::Rule, "rule", &RULE)]) {
        let style = format!("fill:{fill},stroke:{stroke},color:{}", LIGHT.ink);
        class(out, name, &style, &|tile| tile.look == look)?;
    }
    class(out, "dashed", "stroke-dasharray:5 3", &|tile| tile.dashed)
}
