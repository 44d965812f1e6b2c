//! `rule!`: expands a condition and a body to a rule.

mod check;
mod conditions;
mod meta;
mod model;
mod reader;
mod syntax;
#[cfg(test)]
mod tests;
mod tokens;
mod under;

use proc_macro2::{Span, TokenStream};

use crate::{print, report::Report};

/// Expands to the rule, or to all errors.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    if input.is_empty() {
        let message = "a rule consists of a condition and a body: write `rule! { when .., then |grow, ..| .. }`";
        return syn::Error::new(Span::call_site(), message).into_compile_error();
    }
    let mut report = Report::default();
    let written = syntax::read(input, &mut report);
    match check::rule(written, report) {
        Ok(rule) => print::expansion(&rule.name(), tokens::rule(&rule)),
        Err(refusal) => tokens::refusal(&refusal),
    }
}
