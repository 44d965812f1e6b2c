//! The doors that the tests of both macros go through.

use proc_macro2::TokenStream;

/// Holds what was told, each line as ``at what: message``, against what is expected.
pub(crate) fn same(input: &str, told: Option<syn::Error>, expect: &[&str]) {
    let told: Vec<_> = (told.into_iter().flatten())
        .map(|error| format!("{}: {error}", error.span().source_text().unwrap_or_default()))
        .collect();
    assert_eq!(told, expect, "\nof {input}");
}

/// An expansion as a person would have written it.
pub(crate) fn formatted(code: TokenStream) -> String {
    let text = code.to_string();
    match syn::parse2(code) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("the expansion is no Rust: {error}\n{text}"),
    }
}

/// The user's tokens, with their places.
pub(crate) fn tokens(input: &str) -> TokenStream {
    match input.parse() {
        Ok(tokens) => tokens,
        Err(error) => panic!("the case is no list of tokens: {error}\n{input}"),
    }
}
