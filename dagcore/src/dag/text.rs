//! Untrusted text on its way to a terminal or a log.

use std::fmt;

/// Shows a text with every control character, and every mark that changes the direction of writing, escaped.
///
/// Names and messages come from users and from what they process: nothing in them may move a cursor, ring a
/// bell or turn a line around. A line break becomes `\n`.
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

/// Shows a name like [`Plain`], and of a very long one the beginning only.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a>(pub &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 200;
        match self.0.char_indices().nth(LONGEST) {
            Some((end, _)) => write!(f, "{}..", Plain(&self.0[..end])),
            None => write!(f, "{}", Plain(self.0)),
        }
    }
}

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::Plain;

    #[test]
    fn ordinary_text_is_left_alone() {
        assert_eq!(Plain("grüße, 世界 'x' \"y\"").to_string(), "grüße, 世界 'x' \"y\"");
    }

    #[test]
    fn control_characters_and_direction_marks_are_escaped() {
        assert_eq!(Plain("\u{1b}]0;t\u{7}\0\u{202e}x").to_string(), r"\u{1b}]0;t\u{7}\u{0}\u{202e}x");
    }
}
