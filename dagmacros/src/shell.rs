//! The struct that represents a stage or a rule in the type namespace.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, Visibility};

use crate::runtime::place_of;

/// An empty struct with the user's name, visibility and documentation.
pub(crate) struct Shell {
    /// The kind of item that it represents, as a word for the documentation: `stage` or `rule`.
    pub(crate) kind: &'static str,
    /// All attributes that the user wrote. The struct keeps those that apply to a struct.
    pub(crate) attrs: Vec<Attribute>,
    /// As the user wrote it.
    pub(crate) vis: Visibility,
    /// As the user wrote it.
    pub(crate) name: Ident,
}

impl Shell {
    /// Returns the name as text.
    pub(crate) fn text(&self) -> String {
        self.name.unraw().to_string()
    }

    /// Returns the attributes that the impls of this struct need too.
    pub(crate) fn of_impls(&self) -> impl Iterator<Item = &Attribute> {
        let fits = ["cfg", "allow", "warn", "deny", "forbid"];
        self.attrs.iter().filter(move |attr| is_of(attr, &fits))
    }
}

impl ToTokens for Shell {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Shell { kind, attrs, vis, name } = self;
        let at = place_of(name);
        let fits = ["doc", "cfg", "deprecated"];
        let attrs: Vec<_> = attrs.iter().filter(|attr| is_of(attr, &fits)).collect();
        // The `missing_docs` lint must report an undocumented function once, and not again for the generated struct.
        let doc = match attrs.iter().any(|attr| attr.path().is_ident("doc")) {
            true => None,
            false => {
                let text = format!("The {kind} `{}`.", self.text());
                Some(quote_spanned!(at=> #[doc = #text]))
            }
        };
        let reason = format!("it stands for a {kind} and has its name");
        // `rules![..]` constructs a value of each rule that it registers, so `dead_code` reports a rule that is never
        // registered.
        let unused = (*kind == "stage").then(|| quote_spanned!(at=> dead_code,));
        tokens.extend(quote_spanned! {at=>
            #doc
            #(#attrs)*
            #[allow(non_camel_case_types, #unused unreachable_pub, reason = #reason)]
            #vis struct #name {}
        });
    }
}

/// Returns `true` if this is one of these attributes, or a `cfg_attr` that contains only these attributes.
pub(crate) fn is_of(attr: &Attribute, names: &[&str]) -> bool {
    let one_of = |meta: &Meta| names.iter().any(|name| meta.path().is_ident(name));
    if !attr.path().is_ident("cfg_attr") {
        return one_of(&attr.meta);
    }
    attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
        .is_ok_and(|metas| metas.iter().skip(1).all(one_of))
}
