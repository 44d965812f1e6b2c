//! From a rule to its code.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprBlock};

use super::model::{Adds, Body, Condition, Conditions, Kind, Refusal, Rule};
use crate::runtime::*;

/// An item with its struct, or a block that gives a rule.
pub(super) fn rule(rule: &Rule) -> TokenStream {
    match &rule.kind {
        Kind::Item(shell, adds) => {
            let name = &shell.name;
            let of_impls = shell.of_impls();
            let (allows, call) = (
                allows(name, adds),
                call(rule, &name.to_token_stream(), Some(adds)),
            );
            quote! {
                #shell

                #(#of_impls)*
                #[allow(deprecated, reason = "a deprecated rule is still itself")]
                const _: () = {
                    #allows

                    impl #RULE_ITEM for #name {
                        fn rule() -> #RULE {
                            #call
                        }
                    }
                };
            }
        }
        Kind::Inline(Some(adds)) => {
            let marker = format_ident!("this_rule");
            let (allows, call) = (
                allows(&marker, adds),
                call(rule, &marker.to_token_stream(), Some(adds)),
            );
            quote! {{
                #[allow(non_camel_case_types, reason = "it is read in messages only")]
                struct #marker {}
                #allows
                #call
            }}
        }
        Kind::Inline(None) => {
            let call = call(rule, &ANYTHING.to_token_stream(), None);
            quote!({ #call })
        }
    }
}

/// Every error, and something that lets the uses of this rule stand.
pub(super) fn refusal(refusal: &Refusal) -> TokenStream {
    let errors = refusal.error.to_compile_error();
    let Some(shell) = &refusal.shell else {
        return quote!({ #errors (|| -> #RULE { ::core::unreachable!() })() });
    };
    let name = &shell.name;
    quote! {
        #errors
        #shell
        impl #RULE_ITEM for #name {
            fn rule() -> #RULE {
                ::core::unreachable!()
            }
        }
    }
}

/// Which stages the growth of this rule takes.
///
/// There are always two at least: with a single one, rustc would take every addition for one of that stage and
/// report mismatched types instead of a stage that was not declared.
fn allows(marker: &Ident, adds: &Adds) -> TokenStream {
    let allows = |stage: TokenStream, keyed: bool| {
        quote! {
            impl #ALLOWS<#stage> for #marker {
                const KEYED: ::core::option::Option<bool> = ::core::option::Option::Some(#keyed);
            }
        }
    };
    let declared = adds
        .stages
        .iter()
        .map(|added| allows(added.stage.to_token_stream(), added.keyed));
    let dummy = allows(NO_STAGE.to_token_stream(), false);
    let second = adds
        .stages
        .is_empty()
        .then(|| allows(NO_STAGE_EITHER.to_token_stream(), false));
    quote!(#(#declared)* #dummy #second)
}

/// The one call that makes the rule.
fn call(rule: &Rule, marker: &TokenStream, adds: Option<&Adds>) -> TokenStream {
    let make = if rule.when.is_each() {
        EACH_RULE
    } else {
        ONCE_RULE
    };
    let make = make.at(place_of(&rule.body.code));
    let head = match &rule.kind {
        Kind::Item(shell, _) => {
            let name = shell.text();
            quote!(#RULE_HEAD::named(#name, ::core::file!(), ::core::line!()))
        }
        Kind::Inline(_) => quote!(#RULE_HEAD::unnamed(::core::file!(), ::core::line!())),
    };
    let adds = match adds {
        Some(Adds { stages, within }) => {
            let stages = stages.iter().map(|added| {
                let (stage, keyed) = (&added.stage, added.keyed);
                quote_spanned!(place_of(stage)=> .stage::<#stage>(#keyed))
            });
            let within = within.map(|within| quote!(.within(#within)));
            quote!(#ADDING::declared()#(#stages)*#within)
        }
        None => quote!(#ADDING::anything()),
    };
    let condition = joined(&rule.when);
    let body = body(&rule.body, &rule.when, marker);
    quote!(#make::<#marker, _, _, _>(#head.adds(#adds), #condition, #body))
}

fn joined(when: &Conditions) -> TokenStream {
    when.rest.iter().map(condition).fold(
        condition(&when.first),
        |left, right| quote!(#AND(#left, #right)),
    )
}

fn condition(condition: &Condition) -> TokenStream {
    match condition {
        Condition::Done(nodes) => handles(DONE, nodes),
        Condition::Settled(nodes) => handles(SETTLED, nodes),
        Condition::Failed(node) => of(FAILED, node, quote!((#node))),
        Condition::Each(stage) => of(EACH, stage, quote!(::<#stage>())),
        Condition::EachFailed(stage) => of(EACH_FAILED, stage, quote!(::<#stage>())),
        Condition::Count(stage, least) => of(COUNT, stage, quote!(::<#stage>(#least))),
        Condition::CountDone(stage, least) => of(COUNT_DONE, stage, quote!(::<#stage>(#least))),
        Condition::Closed(stages) => of(CLOSED, &stages.first(), quote!(::<(#(#stages,)*)>())),
        Condition::Named(name) => of(NAMED, name, quote!((#name))),
        Condition::Predicate(predicate) => {
            let (view, output) = (&predicate.view, &predicate.output);
            let code = statements(&predicate.code);
            quote! {
                #PREDICATE(move |__dag_view: &#VIEW<'_>| #output {
                    let #view = __dag_view;
                    #code
                })
            }
        }
    }
}

/// A condition's function with what follows it, said at what the user gave it.
fn of(function: Item, at: &impl Spanned, arguments: TokenStream) -> TokenStream {
    let function = function.at(place_of(at));
    quote!(#function #arguments)
}

fn handles(function: Item, nodes: &[Expr]) -> TokenStream {
    of(function, &nodes.first(), quote!(((#(#nodes,)*))))
}

/// The user's closure, with its parameters taken out of what the conditions found.
fn body(body: &Body, when: &Conditions, marker: &TokenStream) -> TokenStream {
    let mut names = (0..).map(|index| format_ident!("__dag_{index}"));
    let (found, handed): (Vec<_>, Vec<_>) = when
        .iter()
        .map(|condition| taken(condition, &mut names))
        .unzip();
    let found = found
        .into_iter()
        .reduce(|left, right| quote!((#left, #right)));
    let (given, handed) = (body.given.iter(), handed.into_iter().flatten());
    let Body { grow, output, .. } = body;
    let code = statements(&body.code);
    quote! {
        move |__dag_grow: &mut #GROWTH<'_, #marker>, __dag_bound| #output {
            let #found = __dag_bound;
            let #grow = __dag_grow;
            #(let #given = #handed;)*
            #code
        }
    }
}

/// The pattern of what a condition found, and what the body is given of it.
fn taken(
    condition: &Condition,
    names: &mut impl Iterator<Item = Ident>,
) -> (TokenStream, Vec<TokenStream>) {
    let whole = |name: &Ident| quote!(#name);
    let borrowed = |name: &Ident| quote!(&#name);
    let inside = |name: &Ident| quote!(&*#name);
    let mut many = |count: usize, given: fn(&Ident) -> TokenStream| {
        let names: Vec<_> = names.take(count).collect();
        (quote!((#(#names,)*)), names.iter().map(given).collect())
    };
    match condition {
        Condition::Done(nodes) => many(nodes.len(), inside),
        Condition::Settled(nodes) => many(nodes.len(), borrowed),
        Condition::Closed(stages) => many(stages.len(), whole),
        Condition::Each(_) | Condition::EachFailed(_) => {
            let (pattern, given): (_, Vec<_>) = many(2, whole);
            let [node, found] = given.as_slice() else {
                return (pattern, given);
            };
            let given = vec![node.clone(), quote!(&*#found)];
            (pattern, given)
        }
        Condition::Failed(_) => one(names, inside),
        Condition::Count(..) | Condition::CountDone(..) | Condition::Named(_) => one(names, whole),
        Condition::Predicate(_) => (quote!(()), Vec::new()),
    }
}

fn one(
    names: &mut impl Iterator<Item = Ident>,
    given: fn(&Ident) -> TokenStream,
) -> (TokenStream, Vec<TokenStream>) {
    let names: Vec<_> = names.take(1).collect();
    (quote!(#(#names)*), names.iter().map(given).collect())
}

/// A block's statements, so that it is not a block in a block, which rustc would call needless.
fn statements(code: &Expr) -> TokenStream {
    match code {
        Expr::Block(ExprBlock {
            attrs,
            label: None,
            block,
        }) if attrs.is_empty() => {
            let statements = &block.stmts;
            quote!(#(#statements)*)
        }
        other => other.to_token_stream(),
    }
}
