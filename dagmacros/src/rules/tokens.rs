//! From a list of rules to its code.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use super::model::{Refusal, Rules};
use crate::runtime::*;

/// The rules, and a constant for each that does not compile if the rule is at fault, so that the error is at its name.
pub(super) fn rules(rules: &Rules) -> TokenStream {
    let Rules { names } = rules;
    let laws = Ident::new("__DAG_LAWS", Span::mixed_site());
    let entries = names.iter().map(|name| {
        quote_spanned!(place_of(name)=> #LISTED::new(<#RULE_PROBE<(#name)>>::SHAPE, <#RULE_PROBE<(#name)>>::INNER))
    });
    let lawful = names.iter().enumerate().map(|(at, name)| {
        // It starts and ends where the name does, so that the error is at the whole of it.
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

/// Every error, and the rules that are right.
pub(super) fn refusal(refusal: &Refusal) -> TokenStream {
    let errors = refusal.error.to_compile_error();
    let made = made(&refusal.names);
    quote!({ #errors #made })
}

/// The value of a rule is made of its name, so that rustc tells of a rule that is never listed.
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
