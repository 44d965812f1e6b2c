//! The constants that describe a rule, for the check of the laws at compile time.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Path;

use super::model::{Adds, Below, Condition, Rule};
use crate::adds::Added;
use crate::runtime::*;
use crate::shell::Shell;

/// Emits the constants of a rule's item.
pub(super) fn meta(shell: &Shell, rule: &Rule, adds: &Adds) -> TokenStream {
    let name = shell.text();
    let waits = rule.when.iter().flat_map(waits);
    let entries = adds.stages.iter().map(|added| {
        let (shape, keys) = (shape(&added.stage), added.keys());
        quote_spanned!(place_of(&added.stage)=> #ENTRY::new(#shape, #keys))
    });
    let within = adds.within.as_ref().map(|_| quote!(.within()));
    let inner = inner(adds);
    quote! {
        const SHAPE: #KNOWN_RULE = {
            use #NOT_STAGE as _;
            ::core::option::Option::Some(const {
                &#RULE_SHAPE::new(#name, ::core::module_path!(), ::core::line!(), ::core::column!())
                    .waits(const { &[#(#waits),*] })
                    .adds(const { &[#(#entries),*] })
                    #within
            })
        };
        #inner
    }
}

/// Emits the entries without a key as possible rules that the body registers. A name alone does not tell a rule from a
/// stage.
fn inner(adds: &Adds) -> Option<TokenStream> {
    let names = adds.stages.iter().filter(|added| !added.has_key());
    let inner: Vec<_> =
        names.map(|Added { stage, .. }| quote_spanned!(place_of(stage)=> <#RULE_PROBE<(#stage)>>::SHAPE)).collect();
    (!inner.is_empty()).then(|| {
        quote! {
            const INNER: &'static [#KNOWN_RULE] = {
                use #NOT_RULE as _;
                const { &[#(#inner),*] }
            };
        }
    })
}

/// Returns the stages that a condition depends on.
fn waits(condition: &Condition) -> Vec<TokenStream> {
    let wait = |how: TokenStream, stage: &Path| {
        let shape = shape(stage);
        quote_spanned!(place_of(stage)=> #WAIT::new(#HOW::#how, #shape))
    };
    match condition {
        Condition::Each(stage) => vec![wait(quote!(Each), stage)],
        Condition::EachFailed(stage) => vec![wait(quote!(EachFailed), stage)],
        Condition::Count(stage, _) | Condition::CountDone(stage, _) => vec![wait(quote!(Count), stage)],
        Condition::Closed(stages) => stages.iter().map(|stage| wait(quote!(Closed), stage)).collect(),
        Condition::Below(below, stages, group) => {
            let below = match below {
                Below::Closed => quote!(Closed),
                Below::Settled => quote!(Settled),
                Below::Done => quote!(Done),
            };
            let waits = stages.iter().map(|stage| wait(quote!(Below(#BELOW::#below)), stage));
            std::iter::once(wait(quote!(Group), group)).chain(waits).collect()
        }
        Condition::Done(_) | Condition::Settled(_) | Condition::Failed(_) => Vec::new(),
        Condition::Named(_) | Condition::Predicate(_) => Vec::new(),
    }
}

/// Emits the shape of a stage. The parentheses exclude a constant.
fn shape(stage: &Path) -> TokenStream {
    quote_spanned!(place_of(stage)=> <#STAGE_PROBE<(#stage)>>::SHAPE)
}
