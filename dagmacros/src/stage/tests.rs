//! What `#[stage]` makes of functions, and what it says of mistakes.

mod expansions;
mod functions;
mod options;

use super::check;
use crate::testing::{same, tokens};

/// Reads `#[stage(args)] item` and holds what is told, and where, against what is expected.
fn check(args: &str, item: &str, expect: &[&str]) {
    let told = check::stage(tokens(args), tokens(item)).err();
    same(&format!("#[stage({args})] {item}"), told.map(|refusal| refusal.error), expect);
}
