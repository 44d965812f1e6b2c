//! `#[stage]`: expands a function to the function and its stage.

mod args;
mod check;
mod meta;
mod model;
mod needs;
mod policy;
#[cfg(test)]
mod tests;
mod tokens;
mod types;

use proc_macro2::TokenStream;
use quote::quote;

use crate::print;

/// Expands to the user's item, followed by the stage or by all errors.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let code = match check::stage(args, item.clone()) {
        Ok(stage) => print::expansion(&stage.shell.text(), tokens::stage(&stage)),
        Err(refusal) => tokens::refusal(&refusal),
    };
    quote!(#item #code)
}
