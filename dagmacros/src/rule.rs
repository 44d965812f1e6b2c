//! `rule!`: from a condition and a body to a rule.

mod check;
mod conditions;
mod model;
mod syntax;
#[cfg(test)]
mod tests;
mod tokens;

use proc_macro2::TokenStream;

use crate::{print, report::Report};

/// The rule, or every reason why it is none.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let written = syntax::read(input, &mut report);
    match check::rule(written, report) {
        Ok(rule) => print::expansion(&rule.name(), tokens::rule(&rule)),
        Err(refusal) => tokens::refusal(&refusal),
    }
}
