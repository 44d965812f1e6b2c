//! Generates the code of a rule.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprBlock, Pat, PatIdent, PatType, Path, ReturnType, Stmt};

use super::meta;
use super::model::{Adds, Below, Body, Condition, Conditions, Kind, Refusal, Rule};
use super::reader::bare;
use crate::adds::{Added, kind};
use crate::runtime::*;

/// Emits an item with its struct, or a block that evaluates to a rule.
pub(super) fn rule(rule: &Rule) -> TokenStream {
    match &rule.kind {
        Kind::Item(shell, adds) => {
            let name = &shell.name;
            let of_impls = shell.of_impls();
            let of_impls = quote! {
                #(#of_impls)*
                #[allow(deprecated, reason = "a deprecated rule is still itself")]
            };
            let meta = meta::meta(shell, rule, adds);
            let (allows, call) = (allows(name, adds, &of_impls), call(rule, &name.to_token_stream(), Some(adds)));
            quote! {
                #shell

                #allows

                #of_impls
                impl #RULE_ITEM for #name {
                    #meta
                    fn rule() -> #RULE {
                        #call
                    }
                }
            }
        }
        Kind::Inline(Some(adds)) => {
            let marker = Ident::new("this_rule", Span::call_site());
            let allows = allows(&marker, adds, &TokenStream::new());
            let call = call(rule, &marker.to_token_stream(), Some(adds));
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

/// Emits all errors, and a stub with which the uses of this rule compile.
pub(super) fn refusal(refusal: &Refusal) -> TokenStream {
    let errors = refusal.error.to_compile_error();
    let Some(shell) = &refusal.shell else {
        // A single `compile_error!` is valid in every position of this rule, also as an item.
        if refusal.error.clone().into_iter().count() == 1 {
            return errors;
        }
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

/// Emits the impls for the stages that the body of this rule may add.
fn allows(marker: &Ident, adds: &Adds, attrs: &TokenStream) -> TokenStream {
    let declared = adds.stages.iter().map(|added| added.allows(marker, attrs));
    quote! {
        #(#declared)*

        #attrs
        impl #MARK for #marker {}

        #attrs
        impl #OF_RULE for #marker {}
    }
}

/// Emits the one call that creates the rule.
fn call(rule: &Rule, marker: &TokenStream, adds: Option<&Adds>) -> TokenStream {
    let make = if rule.when.is_each() { EACH_RULE } else { ONCE_RULE };
    let (start, end) = ends(&rule.body);
    let make = make.at(start);
    let name = match &rule.kind {
        Kind::Item(shell, _) => shell.text().to_token_stream(),
        Kind::Inline(_) => quote!(::core::concat!(::core::file!(), ":", ::core::line!())),
    };
    let adds = match adds {
        Some(Adds { stages, within }) => {
            let stages = stages.iter().map(Added::declared);
            // A separate constant is evaluated even if this function is never called.
            let within = within.as_ref().map(|within| {
                let most = Ident::new("__DAG_WITHIN", Span::mixed_site());
                quote!(.within({ const #most: u32 = #within; #most }))
            });
            quote!(#ADDING::declared()#(#stages)*#within)
        }
        None => quote!(#ADDING::anything()),
    };
    let condition = joined(&rule.when);
    let body = body(&rule.body, &rule.when, marker);
    let arguments = quote_spanned!(end=> (#RULE_HEAD::new(#name, #adds), #condition, #body));
    let result = result(&rule.body, start);
    quote_spanned!(start=> #make::<#marker, _, _, #result> #arguments)
}

fn joined(when: &Conditions) -> TokenStream {
    when.rest.iter().map(condition).fold(condition(&when.first), |left, right| quote!(#AND(#left, #right)))
}

fn condition(condition: &Condition) -> TokenStream {
    match condition {
        Condition::Done(nodes) => handles(DONE, nodes),
        Condition::Settled(nodes) => handles(SETTLED, nodes),
        Condition::Failed(node) => {
            let node = handle(node);
            quote!(#FAILED(#node))
        }
        Condition::Each(stage) => of_stage(EACH, stage, None),
        Condition::EachFailed(stage) => of_stage(EACH_FAILED, stage, None),
        Condition::Count(stage, least) => of_stage(COUNT, stage, Some(least)),
        Condition::CountDone(stage, least) => of_stage(COUNT_DONE, stage, Some(least)),
        Condition::Closed(closed) => {
            let kinds = closed.iter().map(kind_value);
            quote!(#CLOSED((#(#kinds,)*)))
        }
        Condition::Below(below, stages, group) => below_each(*below, stages, group),
        Condition::Named(name) => of(NAMED, name, quote!((#name))),
        Condition::Predicate(predicate) => {
            let (view, output) = (&predicate.view, &predicate.output);
            let code = statements(&predicate.code);
            let predicate = PREDICATE.at(place_of(view));
            let (param, taken) = parameter(view, "__dag_view");
            quote_spanned! {place_of(view)=>
                #predicate(move |#param: &#VIEW<'_>| #output {
                    #taken
                    #code
                })
            }
        }
    }
}

/// Emits `closed(part) under each(sample)`.
fn below_each(below: Below, stages: &[Path], group: &Path) -> TokenStream {
    let function = match below {
        Below::Closed => CLOSED_UNDER,
        Below::Settled => SETTLED_UNDER,
        Below::Done => DONE_UNDER,
    };
    let (kinds, group) = (stages.iter().map(kind_value), kind_value(group));
    quote!(#function((#(#kinds,)*), #group))
}

/// Emits a call of a condition's function. rustc reports errors about it at the argument that the user wrote.
fn of(function: Item, at: &impl Spanned, arguments: TokenStream) -> TokenStream {
    let function = function.at(at.span());
    quote!(#function #arguments)
}

fn of_stage(function: Item, stage: &Path, least: Option<&Expr>) -> TokenStream {
    let (kind, least) = (kind_value(stage), least.into_iter());
    of(function, stage, quote!((#kind #(, #least)*)))
}

/// Emits a stage in value position.
fn kind_value(stage: &Path) -> TokenStream {
    let value = KIND.at(stage.span());
    let stage = kind(stage);
    quote!(#value::<#stage, _>())
}

fn handles(function: Item, nodes: &[Expr]) -> TokenStream {
    let nodes = nodes.iter().map(handle);
    quote!(#function((#(#nodes,)*)))
}

fn handle(node: &Expr) -> TokenStream {
    of(HANDLE, node, quote!((#node)))
}

/// Emits the user's closure, which destructures the values of the conditions into its parameters.
fn body(body: &Body, when: &Conditions, marker: &TokenStream) -> TokenStream {
    let mut names = (0..).map(|index| Ident::new(&format!("__dag_{index}"), Span::mixed_site()));
    let (found, handed): (Vec<_>, Vec<_>) = when.iter().map(|condition| taken(condition, &mut names)).unzip();
    let found = found.into_iter().reduce(|left, right| quote!((#left, #right)));
    let (given, handed) = (body.given.iter(), handed.into_iter().flatten());
    let Body { grow, output, .. } = body;
    let (param, grow) = parameter(grow, "__dag_grow");
    // One pattern for all, because a lint reports a `let` that binds only a `_name`.
    let (patterns, types): (Vec<_>, Vec<_>) = given.map(typed).unzip();
    let given = (!patterns.is_empty()).then(|| quote!(let (#(#patterns,)*): (#(#types,)*) = (#(#handed,)*);));
    let code = statements(&body.code);
    let (start, end) = ends(body);
    let block = quote_spanned! {end=> {
        let #found = __dag_bound;
        #grow
        #given
        #code
    }};
    quote_spanned!(start=> move |#param: &mut #GROWTH<'_, #marker>, __dag_bound| #output #block)
}

/// Splits a pattern from its type.
fn typed(pattern: &Pat) -> (&Pat, TokenStream) {
    match pattern {
        Pat::Type(PatType { pat, ty, .. }) => (pat, ty.to_token_stream()),
        _ => (pattern, quote!(_)),
    }
}

/// Returns a closure's parameter, and the statement that destructures it. A plain name is the parameter itself, so that
/// rustc's messages use that name.
fn parameter(pattern: &Pat, name: &str) -> (TokenStream, Option<TokenStream>) {
    if let Pat::Ident(PatIdent { by_ref: None, subpat: None, .. }) | Pat::Wild(_) = pattern {
        return (pattern.to_token_stream(), None);
    }
    let param = Ident::new(name, Span::mixed_site());
    (quote!(#param), Some(quote!(let #pattern = #param;)))
}

/// Emits the return type of the body. rustc reports errors about it at the written type, or at the last expression.
fn result(body: &Body, otherwise: Span) -> TokenStream {
    let written = match (&body.output, bare(&body.code)) {
        (ReturnType::Type(_, ty), _) => ty.to_token_stream(),
        (_, Expr::Block(block)) => match block.block.stmts.last() {
            Some(Stmt::Expr(last, None)) => last.to_token_stream(),
            _ => return quote_spanned!(otherwise=> _),
        },
        (_, code) => code.to_token_stream(),
    };
    inferred_at(&written)
}

/// Returns the spans of the start and the end of the user's closure. rustc shows code with these spans as the whole
/// closure.
fn ends(body: &Body) -> (Span, Span) {
    (place_of(&body.written), ends_of(&body.code).1)
}

/// Returns the pattern for the values of a condition, and the expressions that are passed to the body.
fn taken(condition: &Condition, names: &mut impl Iterator<Item = Ident>) -> (TokenStream, Vec<TokenStream>) {
    let mut one = |given: fn(&Ident) -> TokenStream| {
        let name: Vec<_> = names.take(1).collect();
        (quote!(#(#name)*), name.iter().map(given).collect())
    };
    match condition {
        Condition::Failed(_) => return one(inside),
        Condition::Count(..) | Condition::CountDone(..) | Condition::Named(_) => return one(whole),
        _ => {}
    }
    if let Condition::Below(_, stages, _) = condition {
        let group: Vec<_> = names.by_ref().take(1).collect();
        let lists: Vec<_> = names.take(stages.len()).collect();
        let handed = group.iter().chain(&lists).map(whole).collect();
        return (quote!((#(#group)*, (#(#lists,)*))), handed);
    }
    let given: Vec<fn(&Ident) -> TokenStream> = match condition {
        Condition::Done(nodes) => nodes.iter().map(|_| inside as _).collect(),
        Condition::Settled(nodes) => nodes.iter().map(|_| borrowed as _).collect(),
        Condition::Closed(stages) => stages.iter().map(|_| whole as _).collect(),
        Condition::Each(_) | Condition::EachFailed(_) => vec![whole, inside],
        _ => Vec::new(),
    };
    let names: Vec<_> = names.take(given.len()).collect();
    let handed = names.iter().zip(given).map(|(name, given)| given(name)).collect();
    (quote!((#(#names,)*)), handed)
}

fn whole(name: &Ident) -> TokenStream {
    quote!(#name)
}

fn borrowed(name: &Ident) -> TokenStream {
    quote!(&#name)
}

/// Emits a reference to the value in an `Arc`.
fn inside(name: &Ident) -> TokenStream {
    quote!(&*#name)
}

/// Returns the statements of a block, because rustc reports a block in a block as unnecessary.
fn statements(code: &Expr) -> TokenStream {
    match code {
        Expr::Block(ExprBlock { attrs, label: None, block }) if attrs.is_empty() => {
            let statements = &block.stmts;
            quote!(#(#statements)*)
        }
        other => other.to_token_stream(),
    }
}
