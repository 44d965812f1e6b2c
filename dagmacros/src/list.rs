//! Splits lists in the user's tokens at their commas, so that one invalid entry does not hide the next.

use proc_macro2::{TokenStream, TokenTree};

/// Returns the parts between the commas, without empty parts.
pub(crate) fn parts(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for tree in tokens {
        match (&tree, parts.last_mut()) {
            (TokenTree::Punct(comma), _) if comma.as_char() == ',' => parts.push(TokenStream::new()),
            (_, Some(part)) => part.extend([tree]),
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
