//! JSON for files that may also be printed to a terminal.
//!
//! `serde_json` escapes what JSON requires: quotes, backslashes and the control characters below U+0020. DEL, the C1
//! control characters and direction marks are valid unescaped in JSON strings, but terminals interpret them. This
//! module escapes them too; a parser reads the same text.

use crate::dag::is_hostile;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Writes `value` on one line.
pub(super) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Escaping))?)
}

struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| is_hostile(*c)) {
            writer.write_all(&fragment.as_bytes()[rest..at])?;
            c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))?;
            rest = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[rest..])
    }
}
