//! What the compiler is to know of a stage, so that it can hold rules to the laws.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};

use super::model::Stage;
use crate::runtime::*;

/// What tells the stage from every other: its name and its place.
pub(super) fn key(stage: &Stage) -> TokenStream {
    let name = match &stage.name {
        Some(name) => name.to_token_stream(),
        None => stage.shell.text().to_token_stream(),
    };
    quote_spanned! {place_of(&stage.shell.name)=>
        const KEY: #STAGE_KEY<'static> =
            #STAGE_KEY::new(#name, ::core::module_path!(), ::core::line!(), ::core::column!());
    }
}
