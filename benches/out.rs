//! What the commands print.

use std::fmt;
use std::io::{ErrorKind, Write, stdout};
use std::process::exit;

/// Prints a line. When nobody reads on, as after `| head`, the program ends.
///
/// # Panics
///
/// When it cannot be written for another reason, as `println!` does.
pub fn line(text: fmt::Arguments<'_>) {
    match writeln!(stdout(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
        written => written.expect("stdout takes what is printed"),
    }
}

/// `println!`, for those whose output is longer than some want to read.
macro_rules! tell {
    ($($text:tt)*) => { $crate::out::line(format_args!($($text)*)) };
}
pub(crate) use tell;
