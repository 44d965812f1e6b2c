//! The output of the commands.

use std::fmt;
use std::io::{ErrorKind, Write, stdout};
use std::process::exit;

/// Prints a line. Ends the program if the output is closed, as by `| head`.
///
/// # Panics
///
/// If the line cannot be written for another reason, as `println!` does.
pub fn line(text: fmt::Arguments<'_>) {
    match writeln!(stdout(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
        written => written.expect("stdout accepts the output"),
    }
}

/// Works like `println!`, but ends the program if the output is closed.
macro_rules! tell {
    ($($text:tt)*) => { $crate::out::line(format_args!($($text)*)) };
}
pub(crate) use tell;
