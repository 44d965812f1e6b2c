//! Prints expansions that are selected with the environment variable `DAGMACROS_PRINT`.

use std::io::Write;
use std::process::{Command, Stdio};

use proc_macro2::TokenStream;

/// Prints the expansion if `DAGMACROS_PRINT` is `*` or this name, and returns it unchanged.
pub(crate) fn expansion(name: &str, code: TokenStream) -> TokenStream {
    if std::env::var("DAGMACROS_PRINT").is_ok_and(|wanted| wanted == "*" || wanted == name) {
        let text = code.to_string();
        eprintln!("// expansion of `{name}`\n{}", formatted(&text).unwrap_or(text));
    }
    code
}

/// Formats `text` with rustfmt, if it is installed.
///
/// A formatter as a dependency would increase the build time of every user, for a rarely used feature.
fn formatted(text: &str) -> Option<String> {
    // A rule without a name is an expression, which rustfmt accepts only inside an item.
    let text = match text.trim_start().starts_with('{') {
        true => format!("const _: () = {text};"),
        false => text.to_owned(),
    };
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    rustfmt.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = rustfmt.wait_with_output().ok()?;
    output.status.success().then_some(())?;
    String::from_utf8(output.stdout).ok()
}
