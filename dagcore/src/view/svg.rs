//! Rendering of a graph as a self-contained SVG document, without external fonts or scripts.
//!
//! Colours are attributes, so the picture is also correct where style sheets are not allowed; the style sheet is only
//! for dark themes. Every node is a group with its number as `data-node`, and every edge a path with `data-from` and
//! `data-to`.

use super::arrow::{Arrow, Kind, arrows};
use super::drawable::Drawable;
use super::escape::xml;
use super::geometry::Area;
use super::label::{Label, NAME_SIZE, STAGE_SIZE, TOOLTIP, shorten, width};
use super::layout::{HEAD, Layout, lay_out};
use super::pen::{FONT, Px, trace};
use super::style::{LIGHT, LOOKS, Paint, mark, sheet};
use super::written::written;
use crate::dag::{NodeId, NodeState};
use std::fmt::{self, Write};

/// The horizontal padding on each side of a text.
const PADDING: f64 = 14.0;
/// The width of the mark of a state beside the text.
const MARK: f64 = 18.0;
/// The height of the legend with the counts by state.
const LEGEND: f64 = 34.0;
const NOTHING: &str = "no nodes";

/// Renders the whole document.
pub(super) fn draw(graph: &dyn Drawable, title: &str) -> String {
    let counts = LOOKS.map(|(look, _)| graph.nodes().filter(|node| looks(graph, *node, look)).count());
    let begun = LOOKS.iter().zip(counts).any(|((look, _), count)| count > 0 && *look != NodeState::Waiting);
    written(|out| Canvas { graph, begun, out }.draw(title, &counts))
}

fn looks(graph: &dyn Drawable, node: NodeId, look: NodeState) -> bool {
    look == match graph.state(node) {
        NodeState::Ready | NodeState::AwaitingRetry => NodeState::Waiting,
        NodeState::Cancelled => NodeState::Skipped,
        state => state,
    }
}

struct Canvas<'a> {
    graph: &'a dyn Drawable,
    /// Whether any node has started. Before that, marks and a legend would only show that all nodes are waiting.
    begun: bool,
    out: &'a mut String,
}

impl Canvas<'_> {
    fn draw(&mut self, title: &str, counts: &[usize; LOOKS.len()]) -> fmt::Result {
        let graph = self.graph;
        let labels: Vec<Label> = graph.nodes().map(|node| Label::of(graph, node)).collect();
        let beside = if self.begun { MARK } else { 0.0 };
        let size = |label: &Label| {
            let wide = (label.width + beside + 2.0 * PADDING).max(64.0).ceil();
            (wide, if label.stage.is_some() { 46.0 } else { 34.0 })
        };
        let arrows = arrows(graph);
        let mut layout = lay_out(&labels.iter().map(size).collect::<Vec<_>>(), &arrows);
        let legend = if self.begun { legend(counts) } else { Vec::new() };
        if graph.count() == 0 {
            (layout.width, layout.height) = (200.0, 80.0);
        }
        let foot = layout.height;
        if let Some(end) = legend.last() {
            layout.width = layout.width.max(end.end + PADDING);
            layout.height += LEGEND - 10.0;
        }
        self.head(title, &layout)?;
        self.edges(&layout, &arrows)?;
        for (look, class) in LOOKS {
            let nodes: Vec<NodeId> = graph.nodes().filter(|node| looks(graph, *node, look)).collect();
            if !nodes.is_empty() {
                self.nodes(&layout, &labels, (look, class), &nodes)?;
            }
        }
        if graph.count() == 0 {
            let (faint, (x, y)) = (LIGHT.faint, (layout.width / 2.0, layout.height / 2.0));
            writeln!(self.out, r#"<text class="faint" x="{x}" y="{y}" dy=".35em" fill="{faint}">{NOTHING}</text>"#)?;
        }
        self.legend(&legend, foot)?;
        self.out.write_str("</svg>\n")
    }

    fn head(&mut self, title: &str, layout: &Layout) -> fmt::Result {
        let (width, height) = (Px(layout.width), Px(layout.height));
        let (ground, edge, lineage) = (LIGHT.ground, LIGHT.edge, LIGHT.lineage);
        let title = shorten(title, TOOLTIP);
        writeln!(
            self.out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="{FONT}" font-size="{NAME_SIZE}" text-anchor="middle">
<title>{}</title>
<style>{}</style>
<defs>"#,
            xml(&title),
            sheet()
        )?;
        for (id, class, fill) in [("head", "head", edge), ("lineage-head", "lineage-head", lineage)] {
            writeln!(
                self.out,
                r#"<marker id="dagcore-{id}" markerWidth="{HEAD}" markerHeight="8" refX="0.5" refY="4" orient="auto" markerUnits="userSpaceOnUse"><path class="{class}" d="M0 0.5L{HEAD} 4L0 7.5z" fill="{fill}"/></marker>"#
            )?;
        }
        writeln!(self.out, "</defs>\n<rect class=\"ground\" width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/>")
    }

    fn edges(&mut self, layout: &Layout, arrows: &[Arrow]) -> fmt::Result {
        for (kind, class, stroke, head, more) in [
            (
                Kind::Adds,
                "lineage",
                LIGHT.lineage,
                "lineage-head",
                r#" stroke-dasharray="1.5 4" stroke-linecap="round""#,
            ),
            (Kind::Follows, "edge", LIGHT.edge, "head", r#" stroke-dasharray="6 4""#),
            (Kind::Needs, "edge", LIGHT.edge, "head", ""),
        ] {
            let mut own = arrows.iter().zip(&layout.curves).filter(|(arrow, _)| arrow.kind == kind).peekable();
            if own.peek().is_none() {
                continue;
            }
            writeln!(
                self.out,
                r#"<g class="{class}" fill="none" stroke="{stroke}" stroke-width="1.4"{more} marker-end="url(#dagcore-{head})">"#
            )?;
            for (Arrow { from, to, .. }, curve) in own {
                write!(self.out, r#"<path data-from="{from}" data-to="{to}" d=""#)?;
                trace(self.out, layout.direction, curve)?;
                self.out.write_str("\"/>\n")?;
            }
            self.out.write_str("</g>\n")?;
        }
        Ok(())
    }

    /// Draws the nodes with the same appearance.
    fn nodes(
        &mut self,
        layout: &Layout,
        labels: &[Label],
        (look, class): (NodeState, &str),
        nodes: &[NodeId],
    ) -> fmt::Result {
        let Paint { fill, stroke } = LIGHT.paint(look);
        let beside = if self.begun { MARK } else { 0.0 };
        let dashes = if look == NodeState::Skipped { r#" stroke-dasharray="5 3""# } else { "" };
        writeln!(self.out, r#"<g class="node {class}" fill="{}">"#, LIGHT.ink)?;
        let mut marks = String::new();
        for node in nodes {
            let (label, Area { at, width, height }) = (&labels[node.index()], layout.boxes[node.index()]);
            write!(self.out, r#"<g data-node="{node}"><title>{}</title>"#, xml(&self.about(*node)))?;
            let corner = (Px(at.x), Px(at.y));
            write!(
                self.out,
                r#"<rect x="{}" y="{}" width="{}" height="{}" rx="8" fill="{fill}" stroke="{stroke}"{dashes}/>"#,
                corner.0,
                corner.1,
                Px(width),
                Px(height)
            )?;
            let (middle, line) = (at.x + (width + beside) / 2.0, at.y + height / 2.0);
            let line = if label.stage.is_some() { line - 7.5 } else { line };
            write!(self.out, r#"<text x="{}" y="{}" dy=".35em">{}</text>"#, Px(middle), Px(line), xml(&label.name))?;
            if let Some(stage) = &label.stage {
                let (below, faint) = (Px(line + 16.0), LIGHT.faint);
                write!(
                    self.out,
                    r#"<text class="faint" x="{}" y="{below}" dy=".35em" font-size="{STAGE_SIZE}" fill="{faint}">{}</text>"#,
                    Px(middle),
                    xml(stage)
                )?;
            }
            self.out.write_str("</g>\n")?;
            let left = middle - label.width / 2.0 - MARK;
            write!(marks, "M{} {}{}", Px(left), Px(at.y + height / 2.0 - 4.0), mark(look))?;
        }
        if !mark(look).is_empty() {
            writeln!(
                self.out,
                r#"<path class="mark" fill="none" stroke="{stroke}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="{marks}"/>"#
            )?;
        }
        self.out.write_str("</g>\n")
    }

    /// Returns the tooltip of a node: its name, its stage if the name does not contain it, and its state.
    fn about(&self, node: NodeId) -> String {
        let mut about = shorten(&self.graph.name(node), TOOLTIP);
        if self.graph.given_name(node).is_some() {
            let stage = self.graph.stage_name(node);
            about = about + "\nstage " + &shorten(stage, TOOLTIP);
        }
        if self.begun {
            let state = self.graph.state(node);
            about = about + "\n" + &state.to_string();
        }
        about
    }

    fn legend(&mut self, entries: &[Entry], foot: f64) -> fmt::Result {
        for Entry { state, text, at, .. } in entries {
            let Paint { fill, stroke } = LIGHT.paint(*state);
            let class = LOOKS.iter().find(|(look, _)| look == state).map_or("", |(_, class)| class);
            let (x, y, faint) = (Px(*at), Px(foot), LIGHT.faint);
            writeln!(
                self.out,
                r#"<g class="{class}"><rect x="{x}" y="{}" width="10" height="10" rx="3" fill="{fill}" stroke="{stroke}"/><text class="faint" x="{}" y="{y}" dy=".35em" font-size="{STAGE_SIZE}" text-anchor="start" fill="{faint}">{text}</text></g>"#,
                Px(foot - 5.0),
                Px(at + 16.0)
            )?;
        }
        Ok(())
    }
}

/// A legend entry: the number of nodes in a state.
struct Entry {
    state: NodeState,
    text: String,
    at: f64,
    end: f64,
}

fn legend(counts: &[usize; LOOKS.len()]) -> Vec<Entry> {
    let mut at = 24.0;
    let shown = LOOKS.iter().zip(counts).filter(|(_, count)| **count > 0);
    shown
        .map(|((state, class), count)| {
            let text = format!("{count} {class}");
            let end = at + 16.0 + width(&text, STAGE_SIZE);
            let entry = Entry { state: *state, text, at, end };
            at = end + 18.0;
            entry
        })
        .collect()
}
