//! `rules![..]`: expands the names of rules to the rules, and to a check of all of them together.

mod check;
mod model;
#[cfg(test)]
mod tests;
mod tokens;

use proc_macro2::TokenStream;

/// Expands to the rules, or to all errors.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match check::rules(input) {
        Ok(rules) => tokens::rules(&rules),
        Err(refusal) => tokens::refusal(&refusal),
    }
}
