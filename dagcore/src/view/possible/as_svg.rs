//! Rendering of a possible graph as a self-contained SVG document.
//!
//! Every box is a group with its number as `data-box`, and every arrow a group with `data-from` and `data-to`. Boxes
//! are numbered in this order: stages, rules, and the placeholder for every stage.

use super::super::escape::xml;
use super::super::geometry::Area;
use super::super::label::{NAME_SIZE, STAGE_SIZE, TOOLTIP, fit, shorten, width};
use super::super::layout::{HEAD, Layout, lay_out};
use super::super::pen::{FONT, Px, trace};
use super::super::style::{LIGHT, LOOKS, Paint, RULE, sheet_with_rules};
use super::super::written::written;
use super::segments::{Line, Segments};
use super::tiles::{Look, Tile, place, tiles};
use crate::dag::{ArrowEnd, ArrowKind, Possible};
use std::fmt::{self, Write};

/// The horizontal padding on each side of a text, in a box and in a rounded box.
const PADDING: f64 = 14.0;
const ROUND: f64 = 22.0;
const HEIGHT: f64 = 46.0;
/// The maximum width of a line of text.
const WIDEST: f64 = 220.0;
/// The height of the text on an arrow, and its padding on each side.
const TEXT: f64 = 16.0;
const BESIDE: f64 = 4.0;

/// Renders the whole document.
pub(super) fn draw(possible: &Possible) -> String {
    written(|out| Drawing::of(possible).draw(out))
}

struct Drawing<'a> {
    possible: &'a Possible,
    boxes: Vec<Shown>,
    lines: Vec<Line>,
    /// The text of each line.
    texts: Vec<String>,
    segments: Segments,
    layout: Layout,
}

struct Shown {
    what: Tile,
    name: String,
    number: Option<String>,
}

impl<'a> Drawing<'a> {
    fn of(possible: &'a Possible) -> Self {
        let boxes: Vec<Shown> = tiles(possible).into_iter().map(Shown::of).collect();
        let mut sizes: Vec<(f64, f64)> = boxes.iter().map(|shown| (shown.width(), HEIGHT)).collect();
        let (mut lines, mut texts) = (Vec::new(), Vec::new());
        for arrow in possible.arrows() {
            let (from, to) = (place(possible, arrow.from()), place(possible, arrow.to()));
            let text = match possible.label(arrow) {
                none if none.is_empty() && from == to => "needs".to_owned(),
                text => fit(&text, STAGE_SIZE, WIDEST),
            };
            let at = (!text.is_empty()).then_some(sizes.len());
            sizes.extend(at.map(|_| text_size(&text)));
            lines.push(Line { from, to, text: at });
            texts.push(text);
        }
        let segments = Segments::of(boxes.len(), &lines);
        let mut layout = lay_out(&sizes, &segments.arrows);
        if boxes.is_empty() {
            (layout.width, layout.height) = (200.0, 80.0);
        }
        Self { possible, boxes, lines, texts, segments, layout }
    }

    fn draw(&self, out: &mut String) -> fmt::Result {
        self.head(out)?;
        for (index, line) in self.lines.iter().enumerate() {
            self.line(out, index, line)?;
        }
        for (index, shown) in self.boxes.iter().enumerate() {
            self.shape(out, index, shown)?;
        }
        if self.boxes.is_empty() {
            let (faint, (x, y)) = (LIGHT.faint, (self.layout.width / 2.0, self.layout.height / 2.0));
            writeln!(out, r#"<text class="faint" x="{x}" y="{y}" dy=".35em" fill="{faint}">no stages</text>"#)?;
        }
        out.write_str("</svg>\n")
    }

    fn head(&self, out: &mut String) -> fmt::Result {
        let (width, height, ground) = (Px(self.layout.width), Px(self.layout.height), LIGHT.ground);
        let title = shorten(self.possible.title().unwrap_or("possible"), TOOLTIP);
        writeln!(
            out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="{FONT}" font-size="{NAME_SIZE}" text-anchor="middle">
<title>{}</title>
<style>{}</style>
<defs>"#,
            xml(&title),
            sheet_with_rules()
        )?;
        for (class, fill) in [("head", LIGHT.edge), ("adds-head", RULE.stroke), ("lineage-head", LIGHT.lineage)] {
            writeln!(
                out,
                r#"<marker id="dagcore-{class}" markerWidth="{HEAD}" markerHeight="8" refX="0.5" refY="4" orient="auto" markerUnits="userSpaceOnUse"><path class="{class}" d="M0 0.5L{HEAD} 4L0 7.5z" fill="{fill}"/></marker>"#
            )?;
        }
        writeln!(out, "</defs>\n<rect class=\"ground\" width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/>")
    }

    fn line(&self, out: &mut String, index: usize, line: &Line) -> fmt::Result {
        let (class, stroke, more) = match self.possible.arrows()[index].kind() {
            ArrowKind::Adds { .. } => ("adds", RULE.stroke, ""),
            ArrowKind::Registers => ("lineage", LIGHT.lineage, r#" stroke-dasharray="1.5 4" stroke-linecap="round""#),
            ArrowKind::Follows => ("edge", LIGHT.edge, r#" stroke-dasharray="6 4""#),
            _ => ("edge", LIGHT.edge, ""),
        };
        let head = if class == "edge" { "head" } else { &format!("{class}-head") };
        let text = &self.texts[index];
        let (there, on) = self.segments.paths(&self.layout, line, index, text_size(text));
        let Line { from, to, .. } = line;
        write!(out, r#"<g data-from="{from}" data-to="{to}">"#)?;
        for (path, end) in there.iter().map(|path| (path, "")).chain([(&on, head)]) {
            write!(out, r#"<path class="{class}" fill="none" stroke="{stroke}" stroke-width="1.4"{more}"#)?;
            if !end.is_empty() {
                write!(out, r#" marker-end="url(#dagcore-{end})""#)?;
            }
            out.write_str(" d=\"")?;
            trace(out, self.layout.direction, path)?;
            out.write_str("\"/>")?;
        }
        if let Some(Area { at, width, height }) = line.text.map(|text| self.layout.boxes[text]) {
            let (x, y, faint) = (Px(at.x + width / 2.0), Px(at.y + height / 2.0), LIGHT.faint);
            write!(
                out,
                r#"<text class="faint" x="{x}" y="{y}" dy=".35em" font-size="{STAGE_SIZE}" fill="{faint}">{}</text>"#,
                xml(text)
            )?;
        }
        out.write_str("</g>\n")
    }

    fn shape(&self, out: &mut String, index: usize, shown: &Shown) -> fmt::Result {
        let Area { at, width, height } = self.layout.boxes[index];
        let Shown { what, name, number } = shown;
        let (class, Paint { fill, stroke }) = match what.look {
            Look::Rule => ("rule", &RULE),
            Look::State(state) => (
                LOOKS.iter().find(|(look, _)| *look == state).map_or("waiting", |(_, class)| class),
                LIGHT.paint(state),
            ),
        };
        let round = if matches!(what.end, ArrowEnd::Rule(_)) { HEIGHT / 2.0 } else { 3.0 };
        let dashes = if what.dashed { r#" stroke-dasharray="5 3""# } else { "" };
        let about = shorten(&self.possible.about(what.end), TOOLTIP);
        write!(
            out,
            r#"<g class="node {class}" data-box="{index}" fill="{}"><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="{round}" fill="{fill}" stroke="{stroke}"{dashes}/>"#,
            LIGHT.ink,
            xml(&about),
            Px(at.x),
            Px(at.y),
            Px(width),
            Px(height)
        )?;
        let (middle, line) = (Px(at.x + width / 2.0), at.y + height / 2.0);
        let line = if number.is_some() { line - 7.5 } else { line };
        write!(out, r#"<text x="{middle}" y="{}" dy=".35em">{}</text>"#, Px(line), xml(name))?;
        if let Some(number) = number {
            let (below, faint) = (Px(line + 16.0), LIGHT.faint);
            write!(
                out,
                r#"<text class="faint" x="{middle}" y="{below}" dy=".35em" font-size="{STAGE_SIZE}" fill="{faint}">{}</text>"#,
                xml(number)
            )?;
        }
        out.write_str("</g>\n")
    }
}

impl Shown {
    fn of(what: Tile) -> Self {
        let name = fit(&what.name, NAME_SIZE, WIDEST);
        let number = what.number.as_ref().map(|number| fit(number, STAGE_SIZE, WIDEST));
        Self { what, name, number }
    }

    fn width(&self) -> f64 {
        let number = self.number.as_ref().map_or(0.0, |number| width(number, STAGE_SIZE));
        let beside = if matches!(self.what.end, ArrowEnd::Rule(_)) { ROUND } else { PADDING };
        (width(&self.name, NAME_SIZE).max(number) + 2.0 * beside).max(64.0).ceil()
    }
}

fn text_size(text: &str) -> (f64, f64) {
    (width(text, STAGE_SIZE) + 2.0 * BESIDE, TEXT)
}
