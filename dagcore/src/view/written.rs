//! Writing of documents to strings.

use std::fmt;

/// Returns the string that `write` writes.
pub(super) fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    let told = write(&mut out);
    debug_assert!(told.is_ok(), "writing to a string cannot fail");
    out
}
