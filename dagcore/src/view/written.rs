//! How a document becomes a string.

use std::fmt;

/// What `write` writes.
pub(super) fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    let told = write(&mut out);
    debug_assert!(told.is_ok(), "writing to a string cannot fail");
    out
}
