//! Escapes and shortens untrusted text for a terminal, a log or a file.
//!
//! Names, keys, error messages and paths come from users and from the data that a program processes. All text that the
//! library writes for people to read passes through one of these types: [`Name`] for identifiers, [`Message`] for
//! explanations. [`Plain`] escapes and does not shorten.

use std::fmt;

/// Maximum length of a name that is shown whole, in characters as shown.
const LONGEST_NAME: usize = 100;
/// Maximum length of a message that is shown whole, in characters as shown.
pub(crate) const LONGEST_MESSAGE: usize = 4_000;

/// Displays a text with every control character and every bidirectional formatting mark escaped.
///
/// Names and messages come from users and from processed data, and must not move a cursor, ring a bell or reverse a
/// line. A line break becomes `\n`.
///
/// ```
/// # use dagcore::dag::Plain;
/// assert_eq!(Plain("a\u{1b}[2Jb\nc").to_string(), r"a\u{1b}[2Jb\nc");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a>(pub &'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = 0;
        for (at, c) in self.0.char_indices().filter(|(_, c)| is_hostile(*c)) {
            f.write_str(&self.0[rest..at])?;
            write!(f, "{}", c.escape_default())?;
            rest = at + c.len_utf8();
        }
        f.write_str(&self.0[rest..])
    }
}

/// Displays a name like [`Plain`]; a name longer than 100 characters is cut, with the number of missing bytes.
///
/// ```
/// # use dagcore::dag::Name;
/// assert_eq!(Name(&"n".repeat(1_100)).to_string(), "n".repeat(100) + ".. (1000 more bytes)");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Name<'a>(pub &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shorten(self.0, LONGEST_NAME, f)
    }
}

/// Displays a message like [`Plain`]; a message longer than 4,000 characters is cut, with the number of missing bytes.
///
/// ```
/// # use dagcore::dag::Message;
/// assert_eq!(Message(&"m".repeat(5_000)).to_string(), "m".repeat(4_000) + ".. (1000 more bytes)");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Message<'a>(pub &'a str);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shorten(self.0, LONGEST_MESSAGE, f)
    }
}

/// Writes at most `most` characters of `text`. Counts them as they are shown, because an escaped character takes up to
/// eight columns. Reads no further than that: the text may be megabytes long, and a lock may be held.
fn shorten(text: &str, most: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut left = most;
    for (at, c) in text.char_indices() {
        let width = if is_hostile(c) { c.escape_default().len() } else { 1 };
        let Some(less) = left.checked_sub(width) else {
            let (shown, missing) = text.split_at(at);
            let bytes = if missing.len() == 1 { "byte" } else { "bytes" };
            return write!(f, "{}.. ({} more {bytes})", Plain(shown), missing.len());
        };
        left = less;
    }
    write!(f, "{}", Plain(text))
}

/// Returns `true` for a character that controls the display instead of being shown.
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{Message, Name, Plain};

    #[test]
    fn ordinary_text_is_left_alone() {
        assert_eq!(Plain("grüße, 世界 'x' \"y\"").to_string(), "grüße, 世界 'x' \"y\"");
    }

    #[test]
    fn control_characters_and_direction_marks_are_escaped() {
        assert_eq!(Plain("\u{1b}]0;t\u{7}\0\u{202e}x").to_string(), r"\u{1b}]0;t\u{7}\u{0}\u{202e}x");
        assert_eq!(Plain("\u{7f}\u{80}\u{9b}").to_string(), r"\u{7f}\u{80}\u{9b}");
    }

    #[test]
    fn what_is_escaped_is_shortened_by_what_it_takes_up() {
        assert_eq!(Name(&"\u{1b}".repeat(1 << 20)).to_string(), r"\u{1b}".repeat(16) + ".. (1048560 more bytes)");
        assert!(Message(&"\u{202e}".repeat(1 << 20)).to_string().len() < 4_100);
    }

    #[test]
    fn a_text_is_cut_between_characters_and_only_when_it_is_too_long() {
        assert_eq!(Name(&"ü".repeat(100)).to_string(), "ü".repeat(100));
        assert_eq!(Name(&format!("{}x", "ü".repeat(100))).to_string(), "ü".repeat(100) + ".. (1 more byte)");
    }
}
