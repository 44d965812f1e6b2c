//! The text in a node's box, and its width.

use super::drawable::Drawable;
use super::escape::plain;
use crate::dag::NodeId;
use std::borrow::Cow;

/// The font size of a name, in pixels.
pub(super) const NAME_SIZE: f64 = 13.0;
/// The font size of the stage below the name, in pixels.
pub(super) const STAGE_SIZE: f64 = 11.0;
/// The maximum length of tooltips and titles, in characters. Graphviz warns about strings above 16 KiB.
pub(super) const TOOLTIP: usize = 2_000;
/// The maximum width of a line, in pixels.
const WIDEST: f64 = 200.0;

/// The lines of a node's box. They contain only visible characters.
#[derive(Debug)]
pub(super) struct Label {
    /// The node's name, shortened.
    pub(super) name: String,
    /// The stage, shortened; `None` if the name already shows it.
    pub(super) stage: Option<String>,
    /// The width of the wider line, in pixels.
    pub(super) width: f64,
}

impl Label {
    /// Creates the label of `node`.
    pub(super) fn of(graph: &dyn Drawable, node: NodeId) -> Self {
        let stage_name = graph.stage_name(node);
        let given = graph.given_name(node);
        let name = match given {
            Some(name) => Cow::Borrowed(name),
            // The number distinguishes the nodes of one stage; a single node does not need it.
            None if graph.is_told_by_stage(node) => Cow::Borrowed(stage_name),
            None => Cow::Owned(graph.name(node)),
        };
        let stage = given.filter(|given| *given != stage_name).map(|_| fit(stage_name, STAGE_SIZE, WIDEST));
        let name = fit(&name, NAME_SIZE, WIDEST);
        let width = width(&name, NAME_SIZE).max(stage.as_ref().map_or(0.0, |stage| width(stage, STAGE_SIZE)));
        Self { name, stage, width }
    }
}

/// Returns the text with invisible characters escaped, shortened to about `most` characters by an ellipsis in the
/// middle.
pub(super) fn shorten(text: &str, most: usize) -> String {
    fit_by(text, most as f64, |_| 1.0)
}

/// Returns the width of the text in a common sans-serif font of this size, in pixels. The estimate is rather too wide
/// than too narrow.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// Returns the text with invisible characters escaped, shortened to at most this width. The result is rather too narrow
/// than too wide.
pub(super) fn fit(text: &str, size: f64, widest: f64) -> String {
    fit_by(text, widest / size, em)
}

/// Reads only the ends of the text, because a name may be a megabyte long.
fn fit_by(text: &str, most: f64, width: impl Fn(char) -> f64) -> String {
    // Escaping makes no character narrower, so a text that is too long now is too long afterwards.
    let enough = (most * 5.0) as usize + 2;
    let head: String = text.chars().take(enough).collect();
    let whole = head.len() == text.len();
    let head = plain(&head);
    if whole && head.chars().map(&width).sum::<f64>() <= most {
        return head;
    }
    let tail = if whole {
        head.clone()
    } else {
        let mut tail: Vec<char> = text.chars().rev().take(enough).collect();
        tail.reverse();
        plain(&tail.into_iter().collect::<String>())
    };
    let room = (most - width('…')).max(0.0);
    let front: String = take(head.chars(), room * 0.6, &width);
    let left = room - front.chars().map(&width).sum::<f64>();
    let mut back: Vec<char> = take::<Vec<char>>(tail.chars().rev(), left, &width);
    back.reverse();
    front + "…" + &back.into_iter().collect::<String>()
}

fn take<C: FromIterator<char>>(chars: impl Iterator<Item = char>, room: f64, width: impl Fn(char) -> f64) -> C {
    let mut used = 0.0;
    let fits = |c: &char| {
        used += width(*c);
        used <= room
    };
    chars.take_while(fits).collect()
}

/// Returns the width of a character, relative to the font size. Zero-width marks have a small width, because otherwise
/// a name could contain any number of them.
fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.29,
        'f' | 't' | 'r' | 'I' | ' ' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '\\' | '-' | '"' | '`' => 0.4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.95,
        'A'..='Z' | '&' | '#' | '+' | '=' | '<' | '>' | '~' | '^' => 0.73,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' => 0.25,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' => 1.05,
        '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f000}'..='\u{3ffff}' => 1.3,
        '\0'..='\u{2fff}' => 0.59,
        _ => 0.9,
    }
}
