//! Checks the user's tokens: returns a stage, or all errors.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::token::Brace;
use syn::{Attribute, FnArg, GenericParam, Item, Meta, Pat, PatType, ReturnType, Safety, Signature, Token, Visibility};

use super::args::{self, Options};
use super::model::{Input, Instead, Output, Param, Place, Refusal, Stage, Stub};
use super::types::{self, Parameter};
use crate::report::Report;
use crate::shell::Shell;

const MOST_INPUTS: usize = 12;

/// Checks the options and the function, and reports all errors in both.
pub(super) fn stage(args: TokenStream, item: TokenStream) -> Result<Stage, Refusal> {
    let mut report = Report::default();
    let mut options = args::read(args, &mut report);
    let Some(Function { attrs, vis, sig }) = function(item, &mut report) else {
        return report.finish(None).map_err(|error| Refusal { error, instead: Instead::Nothing });
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
    // The expansion of a second `#[stage]` emits the struct, so this one must not.
    let once = once(&attrs, &mut report);
    plain(&sig, &mut report);
    let (params, inputs) = params(&sig.inputs, &mut report);
    let output = output(&sig.output, &mut report);
    let inputs_at = sig.paren_token.span.join();
    let shell = Shell { kind: "stage", attrs, vis, name: sig.ident.clone() };
    let signature = report.finish(output.clone().map(|output| (params, output)));
    match (options_alone, signature) {
        (Ok(options), Ok((params, output))) => {
            let Options { name, version, ranked, asked, needed, .. } = options;
            Ok(Stage { shell, name, version, place, ranked, asked, needed, adds, params, inputs_at, output })
        }
        (Err(error), Ok((params, output))) => {
            let Options { name, version, ranked, asked, needed, .. } = Options::default();
            let stage = Stage { shell, name, version, place, ranked, asked, needed, adds, params, inputs_at, output };
            Err(Refusal { error, instead: Instead::Stage(stage) })
        }
        (options, Err(wrong)) => {
            let error = match options {
                Ok(_) => wrong,
                Err(mut first) => {
                    first.combine(wrong);
                    first
                }
            };
            let output = promised(&sig, output);
            let instead = match free && once {
                true => Instead::Stub(Stub { shell, adds, inputs, output }),
                false => Instead::Nothing,
            };
            Err(Refusal { error, instead })
        }
    }
}

/// A function without its body, which is left to rustc.
struct Function {
    attrs: Vec<Attribute>,
    vis: Visibility,
    sig: Signature,
}

impl Function {
    /// Parses a function. The boolean is `true` if it has a body.
    fn parse(input: ParseStream<'_>) -> syn::Result<(Self, bool)> {
        let (attrs, vis, sig) = (input.call(Attribute::parse_outer)?, input.parse()?, input.parse()?);
        let has_body = input.peek(Brace);
        input.parse::<TokenStream>()?;
        Ok((Self { attrs, vis, sig }, has_body))
    }
}

/// Reads the function that the attribute is on.
fn function(item: TokenStream, report: &mut Report) -> Option<Function> {
    let without_body = match Function::parse.parse2(item.clone()) {
        Ok((function, true)) => return Some(function),
        Ok((_, false)) => true,
        Err(_) => false,
    };
    let kind = match syn::parse2::<Item>(item.clone()) {
        _ if without_body => "a function without a body",
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
        format!("`#[stage]` applies to a free function, and this is {kind}: move the work into a `fn` and mark that"),
    );
    None
}

/// Rejects a function of an `impl` or a trait, as far as its tokens show it.
fn free(sig: &Signature, report: &mut Report) -> bool {
    let fault = match sig.receiver() {
        Some(receiver) => Some(receiver.to_token_stream()),
        None => find(sig.to_token_stream(), &|word| word == "Self").map(ToTokens::into_token_stream),
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

/// Returns the first identifier, at any depth, for which `is` returns `true`.
fn find(tokens: TokenStream, is: &dyn Fn(&Ident) -> bool) -> Option<Ident> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(word) => Some(word).filter(|word| is(word)),
        TokenTree::Group(group) => find(group.stream(), is),
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

/// Rejects generics, and qualifiers other than `async`.
fn plain(sig: &Signature, report: &mut Report) {
    if let Some(word) = &sig.constness {
        report.error(word, "a stage cannot be a `const fn`: remove `const`");
    }
    if let Safety::Unsafe(word) = &sig.safety {
        report.error(
            word,
            "a stage cannot be an `unsafe fn`, because the workflow cannot uphold its safety contract: remove \
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
                "a stage has no lifetime parameters: take an input as `&T`, and return an owned value"
            }
            _ => {
                "a stage cannot be generic, because its name identifies one function: use a concrete type, and write \
                 one stage for each type"
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
                    "`{word}` applies to a plain `fn`, and an `async fn` runs on the async workers: remove one of the \
                     two"
                ),
            );
            Place::Async
        }
        (Some(_), None) => Place::Async,
        (None, Some((place, _))) => *place,
        (None, None) => Place::Compute,
    }
}

/// Checks that `adds(..)` comes with a context that names the stage, and the reverse. Returns `true` if so.
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
            format!(
                "a stage with `adds(..)` adds nodes through its context: add the parameter \
                 `context: &StageContext<{name}>`"
            ),
        );
    }
    for context in contexts {
        match (types::grown(context), adds) {
            (Some(grown), _) if !types::is_named(grown, name) => wrong(
                grown,
                format!("the context of a stage names that stage: write `&StageContext<{name}>`, or `&StageContext`"),
            ),
            (None, Some(_)) => wrong(
                context,
                format!(
                    "a stage with `adds(..)` adds nodes through a context that names the stage: write \
                    `&StageContext<{name}>`"
                ),
            ),
            (Some(_), None) => wrong(
                context,
                "a context that names the stage is for adding nodes: list their stages with `#[stage(adds(..))]`, or \
                 write `&StageContext`"
                    .to_owned(),
            ),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
    sound
}

/// Reads the parameters, and the names of all inputs, including inputs with an invalid type.
fn params(written: &Punctuated<FnArg, Token![,]>, report: &mut Report) -> (Vec<Param>, Vec<Ident>) {
    let (mut params, mut names, mut inputs) = (Vec::new(), Vec::new(), Vec::new());
    let mut contexts = 0;
    for argument in written {
        let FnArg::Typed(argument) = argument else {
            continue;
        };
        attributes(&argument.attrs, report);
        let passing = types::passing(&argument.ty, report);
        if let Some(Parameter::Context(ty)) = passing {
            contexts += 1;
            if contexts == 2 {
                report.error(&argument.ty, "a stage has at most one context: keep one `&StageContext`");
            }
            params.push(Param::Context(ty));
            continue;
        }
        // A context by value has been reported, and is not an input.
        if passing.is_none() && types::is_context(&argument.ty) {
            continue;
        }
        let name = name(argument, &mut names, report);
        inputs.push(name.clone().unwrap_or_else(|| format_ident!("__dag_input_{}", inputs.len())));
        if let (Some(name), Some(Parameter::Input(ty, passing))) = (name, passing) {
            params.push(Param::Input(Input { name, ty, passing }));
        }
    }
    if inputs.len() > MOST_INPUTS {
        let count = inputs.len();
        report.error(
            written,
            format!(
                "a stage has at most {MOST_INPUTS} inputs, and this one has {count}: group some of them in a \
                struct"
            ),
        );
    }
    (params, inputs)
}

fn attributes(attrs: &[Attribute], report: &mut Report) {
    for attr in attrs.iter().filter(|attr| may_remove(&attr.meta)) {
        report.error(attr, "a stage has the same inputs in every build: put the `cfg` on the whole function");
    }
}

/// Returns `true` if this is a `cfg`, or a `cfg_attr` that may expand to one.
fn may_remove(attr: &Meta) -> bool {
    if attr.path().is_ident("cfg") {
        return true;
    }
    let Meta::List(list) = attr else { return false };
    attr.path().is_ident("cfg_attr")
        && (list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated))
            .is_ok_and(|metas| metas.iter().skip(1).any(may_remove))
}

/// Returns the name of an input, for the parameter of `new`.
fn name(argument: &PatType, names: &mut Vec<Ident>, report: &mut Report) -> Option<Ident> {
    let Pat::Ident(pattern) = &*argument.pat else {
        report.error(&argument.pat, "an input needs a name: write a name here, and destructure it in the body");
        return None;
    };
    if pattern.by_ref.is_some() || pattern.subpat.is_some() {
        report.error(pattern, "an input is a plain name with a type: destructure it in the body");
        return None;
    }
    let name = &pattern.ident;
    let unique = match names.contains(name) {
        // rustc reports a duplicate name in the user's function. A unique name avoids a second error about `new`.
        true => format_ident!("__dag_{}_{}", name, names.len()),
        false => name.clone(),
    };
    names.push(name.clone());
    Some(unique)
}

/// Returns the output of an invalid stage: the written one if it is valid, and otherwise the one that a corrected
/// signature would have.
fn promised(sig: &Signature, written: Option<Output>) -> Output {
    let generic = |word: &Ident| {
        sig.generics.params.iter().any(|param| match param {
            GenericParam::Type(param) => param.ident == *word,
            GenericParam::Const(param) => param.ident == *word,
            GenericParam::Lifetime(_) => false,
        })
    };
    match (&sig.output, written) {
        (ReturnType::Default, _) => Output::Nothing,
        (_, Some(output)) if sig.generics.params.is_empty() => output,
        // The type depends on a generic parameter, so it is unknown here.
        (ReturnType::Type(_, ty), _) if find(ty.to_token_stream(), &generic).is_some() => Output::Nothing,
        (ReturnType::Type(_, ty), _) => Output::Written(types::promised(ty)),
    }
}

fn output(written: &ReturnType, report: &mut Report) -> Option<Output> {
    match written {
        ReturnType::Default => Some(Output::Nothing),
        ReturnType::Type(_, ty) => types::output(ty, report),
    }
}
