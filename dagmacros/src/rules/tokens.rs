//! Generates the code of a list of rules.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use super::model::{Refusal, Rules};
use crate::runtime::*;

/// Emits the rules, and a constant for each rule. The constant does not compile if the rule violates a law, so that the
/// error points at the rule's name.
pub(super) fn rules(rules: &Rules) -> TokenStream {
    let Rules { names } = rules;
    let laws = Ident::new("__DAG_LAWS", Span::mixed_site());
    let entries = names.iter().map(|name| {
        quote_spanned!(place_of(name)=> #LISTED::new(<#RULE_PROBE<(#name)>>::SHAPE, <#RULE_PROBE<(#name)>>::INNER))
    });
    let lawful = names.iter().enumerate().map(|(at, name)| {
        // The call starts and ends where the name does, so that the error covers the whole name.
        let ((start, end), at) = (ends_of(name), Literal::usize_unsuffixed(at));
        let (assert, arguments) = (ASSERT_LAWFUL.at(start), quote_spanned!(end=> (#laws, #at)));
        quote_spanned!(start=> const _: () = #assert #arguments;)
    });
    let made = made(names);
    quote! {{
        #[allow(deprecated, reason = "it is told of where the rule's value is made")]
        const #laws: &#LAWS<'static> = {
            use #NOT_RULE as _;
            &#LOOK_AT(&[#(#entries),*])
        };
        #(#lawful)*
        #made
    }}
}

/// Emits all errors, and the valid rules.
pub(super) fn refusal(refusal: &Refusal) -> TokenStream {
    let errors = refusal.error.to_compile_error();
    let made = made(&refusal.names);
    quote!({ #errors #made })
}

/// Emits the list. It constructs each rule by its name, so that rustc reports a rule that is never listed.
fn made(names: &[Path]) -> TokenStream {
    let with = names.iter().map(|name| {
        quote_spanned! {place_of(name)=>
            .with({
                type __DagRule = #name;
                __DagRule {}
            })
        }
    });
    quote!(#RULES::new()#(#with)*)
}
