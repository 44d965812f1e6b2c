//! Tests of `rule!`: its expansions and its error messages.

mod clauses;
mod conditions;
mod expansions;
mod under;

use super::{check, syntax};
use crate::report::Report;
use crate::testing::{same, tokens};

/// Reads `rule! { input }` and compares its errors, with their tokens, with the expected ones.
fn check(input: &str, expect: &[&str]) {
    let mut report = Report::default();
    let written = syntax::read(tokens(input), &mut report);
    let told = check::rule(written, report).err();
    same(input, told.map(|refusal| refusal.error), expect);
}
