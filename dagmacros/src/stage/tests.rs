//! Tests of `#[stage]`: its expansions and its error messages.

mod expansions;
mod functions;
mod options;

use super::check;
use crate::testing::{same, tokens};

/// Reads `#[stage(args)] item` and compares its errors, with their tokens, with the expected ones.
fn check(args: &str, item: &str, expect: &[&str]) {
    let told = check::stage(tokens(args), tokens(item)).err();
    same(&format!("#[stage({args})] {item}"), told.map(|refusal| refusal.error), expect);
}
