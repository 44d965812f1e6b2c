//! Helpers for the tests of all macros.

use proc_macro2::TokenStream;

/// Compares the reported errors, each formatted as ``tokens: message``, with the expected ones.
pub(crate) fn same(input: &str, told: Option<syn::Error>, expect: &[&str]) {
    let told: Vec<_> = (told.into_iter().flatten())
        .map(|error| format!("{}: {error}", error.span().source_text().unwrap_or_default()))
        .collect();
    assert_eq!(told, expect, "\nof {input}");
}

/// Formats an expansion as source code.
pub(crate) fn formatted(code: TokenStream) -> String {
    let text = code.to_string();
    match syn::parse2(code) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("the expansion is not valid Rust: {error}\n{text}"),
    }
}

/// Parses the user's tokens, with their spans.
pub(crate) fn tokens(input: &str) -> TokenStream {
    match input.parse() {
        Ok(tokens) => tokens,
        Err(error) => panic!("the test case is not a list of tokens: {error}\n{input}"),
    }
}
