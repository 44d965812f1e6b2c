//! From the user's tokens to a stage, or every reason why there is none.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, GenericParam, Item, ItemFn, Pat, PatType, ReturnType, Safety, Signature, Token, TraitItemFn,
};

use super::args::{self, Options};
use super::model::{Output, Param, Place, Refusal, Stage};
use super::types;
use crate::report::Report;
use crate::shell::Shell;

const MOST_INPUTS: usize = 12;

/// Checks the options and the function, and tells all that is wrong with either.
pub(super) fn stage(args: TokenStream, item: TokenStream) -> Result<Stage, Refusal> {
    let mut report = Report::default();
    let mut options = args::read(args, &mut report);
    let Some(ItemFn { attrs, vis, sig, .. }) = function(item, &mut report) else {
        return report.finish(None).map_err(|error| Refusal { error, stage: None, shell: None });
    };
    let place = place(&sig, &options, &mut report);
    let adds = options.adds.take();
    let adds = match growth(&sig, adds.as_ref().map(|(_, word)| word), &mut report) {
        true => adds.map_or(Vec::new(), |(adds, _)| adds),
        false => Vec::new(),
    };
    let options_alone = report.finish(Some(options));

    let mut report = Report::default();
    let free = free(&sig, &mut report);
    // A second `#[stage]` makes the struct.
    let once = once(&attrs, &mut report);
    plain(&sig, &mut report);
    let params = params(&sig.inputs, &mut report);
    let output = output(&sig.output, &mut report);
    let inputs_at = sig.paren_token.span.join();
    let shell = Shell { kind: "stage", attrs, vis, name: sig.ident };
    match (options_alone, report.finish(output)) {
        (Ok(Options { name, version, ranked, asked, needed, .. }), Ok(output)) => {
            let version = version.unwrap_or(1);
            Ok(Stage { shell, name, version, place, ranked, asked, needed, adds, params, inputs_at, output })
        }
        (Err(error), Ok(output)) => {
            let (ranked, asked, needed) = (Vec::new(), Vec::new(), Vec::new());
            let (name, version) = (None, 1);
            let stage = Stage { shell, name, version, place, ranked, asked, needed, adds, params, inputs_at, output };
            Err(Refusal { error, stage: Some(stage), shell: None })
        }
        (options, Err(error)) => {
            let error = match options {
                Ok(_) => error,
                Err(mut first) => {
                    first.combine(error);
                    first
                }
            };
            Err(Refusal { error, stage: None, shell: (free && once).then_some(shell) })
        }
    }
}

/// The function that was marked.
fn function(item: TokenStream, report: &mut Report) -> Option<ItemFn> {
    let kind = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Fn(function)) => return Some(function),
        _ if syn::parse2::<TraitItemFn>(item.clone()).is_ok() => "a function without a body",
        Ok(Item::Struct(_)) => "a struct",
        Ok(Item::Enum(_)) => "an enum",
        Ok(Item::Union(_)) => "a union",
        Ok(Item::Trait(_) | Item::TraitAlias(_)) => "a trait",
        Ok(Item::Impl(_)) => "an `impl` block",
        Ok(Item::Mod(_)) => "a module",
        Ok(Item::Const(_)) => "a constant",
        Ok(Item::Static(_)) => "a static",
        Ok(Item::Type(_)) => "a type alias",
        Ok(Item::Macro(_)) => "a macro",
        Ok(_) => "something else",
        Err(error) => {
            report.add(error);
            return None;
        }
    };
    let place = item.into_iter().find(|tree| !matches!(tree, TokenTree::Punct(_) | TokenTree::Group(_)));
    report.error(
        place.to_token_stream(),
        format!("`#[stage]` marks a free function, and this is {kind}: write the work as a `fn` and mark that"),
    );
    None
}

/// Refuses a function of an `impl` or a trait, as far as it can be seen.
fn free(sig: &Signature, report: &mut Report) -> bool {
    let fault = match sig.receiver() {
        Some(receiver) => Some(receiver.to_token_stream()),
        None => find_self(sig.to_token_stream()).map(ToTokens::into_token_stream),
    };
    if let Some(fault) = &fault {
        report.error(
            fault,
            "a stage is a free function, without `self` or `Self`: move it out of the `impl` and take what \
             it needs as inputs",
        );
    }
    fault.is_none()
}

fn find_self(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) if ident == "Self" => Some(ident),
        TokenTree::Group(group) => find_self(group.stream()),
        _ => None,
    })
}

fn once(attrs: &[Attribute], report: &mut Report) -> bool {
    let again = attrs.iter().find(|attr| attr.path().segments.last().is_some_and(|last| last.ident == "stage"));
    if let Some(again) = again {
        report.error(again, "this function is marked `#[stage]` twice: keep one");
    }
    again.is_none()
}

/// Refuses what makes a function more than one function, or other than a plain one.
fn plain(sig: &Signature, report: &mut Report) {
    if let Some(word) = &sig.constness {
        report.error(word, "a stage runs in a workflow, never in a constant: remove `const`");
    }
    if let Safety::Unsafe(word) = &sig.safety {
        report.error(
            word,
            "a stage is called by the workflow, which cannot promise what an `unsafe fn` asks for: remove \
             `unsafe` and use an `unsafe` block inside",
        );
    }
    if let Some(abi) = &sig.abi {
        report
            .error(abi, "a stage is an ordinary Rust function: remove `extern`, and call the foreign function inside");
    }
    if let Some(variadic) = &sig.variadic {
        report.error(variadic, "a stage has a fixed list of inputs: take a `Vec<T>` instead of `...`");
    }
    for param in &sig.generics.params {
        let message = match param {
            GenericParam::Lifetime(_) => {
                "a stage has no lifetimes: an input is lent as `&T`, and the output is an owned value"
            }
            _ => {
                "a stage is not generic, because its name has to find one function: write the type here, and one stage for each type"
            }
        };
        report.error(param, message);
    }
}

fn place(sig: &Signature, options: &Options, report: &mut Report) -> Place {
    match (&sig.asyncness, &options.place) {
        (Some(_), Some((_, word))) => {
            report.error(
                word,
                format!(
                    "`{word}` is for a plain `fn`, and an `async fn` runs on the async workers: remove one of the two"
                ),
            );
            Place::Async
        }
        (Some(_), None) => Place::Async,
        (None, Some((place, _))) => *place,
        (None, None) => Place::Compute,
    }
}

/// What is added while a node runs is added through the context, which names the stage. Whether that is so.
fn growth(sig: &Signature, adds: Option<&Ident>, report: &mut Report) -> bool {
    let name = &sig.ident;
    let contexts = sig.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) if types::is_lent_context(&argument.ty) => Some(&argument.ty),
        _ => None,
    });
    let mut contexts = contexts.peekable();
    let mut sound = true;
    let mut wrong = |tokens: &dyn ToTokens, message: String| {
        report.error(tokens, message);
        sound = false;
    };
    if let (Some(word), None) = (adds, contexts.peek()) {
        wrong(
            word,
            format!("what a stage adds goes through its context: take `context: &StageContext<{name}>` as well"),
        );
    }
    for context in contexts {
        match (types::grown(context), adds) {
            (Some(grown), _) if !types::is_named(grown, name) => wrong(
                grown,
                format!("the context of a stage has its own name: write `&StageContext<{name}>`, or `&StageContext`"),
            ),
            (None, Some(_)) => wrong(
                context,
                format!("what a stage adds goes through a context with its name: write `&StageContext<{name}>`"),
            ),
            (Some(_), None) => wrong(
                context,
                "a context with the name of the stage is there to add through: say what it adds with \
                 `#[stage(adds(..))]`, or write `&StageContext`"
                    .to_owned(),
            ),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
    sound
}

fn params(written: &Punctuated<FnArg, Token![,]>, report: &mut Report) -> Vec<Param> {
    let mut params = Vec::new();
    let (mut names, mut contexts, mut inputs) = (Vec::new(), 0, 0);
    for argument in written {
        let FnArg::Typed(argument) = argument else {
            continue;
        };
        attributes(&argument.attrs, report);
        let passing = types::passing(&argument.ty, report);
        if let Some(types::Parameter::Context) = passing {
            contexts += 1;
            if contexts == 2 {
                report.error(&argument.ty, "there is one context: keep one `&StageContext`");
            }
            params.push(Param::Context);
            continue;
        }
        inputs += 1;
        let (Some(name), Some(passing)) = (name(argument, &mut names, report), passing) else {
            continue;
        };
        params.push(passing.named(name));
    }
    if inputs > MOST_INPUTS {
        report.error(
            written,
            format!("a stage has at most {MOST_INPUTS} inputs, and this has {inputs}: put some of them into a struct"),
        );
    }
    params
}

fn attributes(attrs: &[Attribute], report: &mut Report) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")) {
        report.error(attr, "a stage has the same inputs in every build: put the `cfg` on the whole function");
    }
}

/// The name of an input, as the parameter of `new`.
fn name(argument: &PatType, names: &mut Vec<Ident>, report: &mut Report) -> Option<Ident> {
    let Pat::Ident(pattern) = &*argument.pat else {
        report.error(&argument.pat, "an input has a name: write a name here, and take it apart inside");
        return None;
    };
    if pattern.by_ref.is_some() || pattern.subpat.is_some() {
        report.error(pattern, "an input is a name and a type: take it apart inside");
        return None;
    }
    let name = &pattern.ident;
    let unique = match names.contains(name) {
        // rustc says this of the user's function, in good words; it need not say it of `new` as well.
        true => format_ident!("__dag_{}_{}", name, names.len()),
        false => name.clone(),
    };
    names.push(name.clone());
    Some(unique)
}

fn output(written: &ReturnType, report: &mut Report) -> Option<Output> {
    match written {
        ReturnType::Default => Some(Output::Nothing),
        ReturnType::Type(_, ty) => types::output(ty, report),
    }
}
