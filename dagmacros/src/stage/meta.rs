//! The constants that describe a stage, for the check of the laws at compile time.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};

use super::model::Stage;
use crate::runtime::*;

/// Emits the stage's identity, which is its name and its location, and the stages that its nodes add while they run.
pub(super) fn meta(stage: &Stage) -> TokenStream {
    let name = match &stage.name {
        Some(name) => name.to_token_stream(),
        None => stage.shell.text().to_token_stream(),
    };
    let at = place_of(&stage.shell.name);
    let added = stage.adds.iter().map(|added| {
        let (stage, keys) = (&added.stage, added.keys());
        quote_spanned!(place_of(stage)=> #ADDED::new(<#STAGE_PROBE<(#stage)>>::KEY, #keys))
    });
    let adds = (!stage.adds.is_empty()).then(|| {
        quote_spanned! {at=>
            const ADDS: &'static [#ADDED<'static>] = {
                use #NOT_STAGE as _;
                const { &[#(#added),*] }
            };
        }
    });
    quote_spanned! {at=>
        const KEY: #STAGE_KEY<'static> =
            #STAGE_KEY::new(#name, ::core::module_path!(), ::core::line!(), ::core::column!());
        #adds
    }
}
