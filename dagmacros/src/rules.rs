//! `rules![..]`: from the names of rules to the rules, and to a check of them all together.

mod check;
mod model;
#[cfg(test)]
mod tests;
mod tokens;

use proc_macro2::TokenStream;

/// The rules, or every reason why they are none.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match check::rules(input) {
        Ok(rules) => tokens::rules(&rules),
        Err(refusal) => tokens::refusal(&refusal),
    }
}
