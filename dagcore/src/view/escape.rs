//! Escaping of untrusted text in pictures.
//!
//! First, [`plain`] makes every control character and direction mark visible; then one of the other functions escapes
//! the text for its context. The result can neither end nor begin a string, an element or a line.

use crate::dag::Plain;
use std::borrow::Cow;
use std::fmt::Write;

/// Returns the text with characters made visible that would be interpreted instead of displayed.
///
/// These are the characters that [`Plain`] escapes, and the few that XML cannot represent.
pub(super) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unwritable(*c)) {
        let _ = write!(shown, "{}{}", Plain(&rest[..at]), c.escape_default());
        rest = &rest[at + c.len_utf8()..];
    }
    let _ = write!(shown, "{}", Plain(rest));
    shown
}

/// Not characters in XML 1.0.
fn is_unwritable(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Escapes text for the content of an element or the value of an attribute in XML.
pub(super) fn xml(plain: &str) -> Cow<'_, str> {
    replace(plain, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    })
}

/// Escapes text for a quoted string in DOT, where `\N` and `&lt;` have a special meaning too.
pub(super) fn dot(plain: &str) -> Cow<'_, str> {
    replace(plain, |c| match c {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        '&' => Some("&amp;"),
        _ => None,
    })
}

/// Escapes text for a quoted label in Mermaid.
///
/// Mermaid recognizes directives and comments everywhere, including labels, so every character that is not known to be
/// harmless is written as its code.
pub(super) fn mermaid(plain: &str) -> String {
    let mut safe = String::with_capacity(plain.len());
    for c in plain.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && !" _-.,()[]/=+".contains(c) {
            let _ = write!(safe, "#{};", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

fn replace(text: &str, with: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if !text.chars().any(|c| with(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match with(c) {
            Some(instead) => safe.push_str(instead),
            None => safe.push(c),
        }
    }
    Cow::Owned(safe)
}
