//! What the types in a stage's signature say.

use syn::visit::{self, Visit};
use syn::{
    AngleBracketedGenericArguments, Expr, GenericArgument, Ident, Lifetime, ParenthesizedGenericArguments,
    PathArguments, PathSegment, TraitBound, Type, TypeFnPtr, TypeImplTrait, TypePath, TypeReference, parse_quote,
};

use super::model::{Output, Param, Passing};
use crate::report::Report;

/// What a parameter's type makes of it; nothing when the type was refused.
pub(super) fn passing(written: &Type, report: &mut Report) -> Option<Parameter> {
    let ty = bare(written);
    if is_context(ty) {
        report.error(written, "the context of a stage is lent to it: write `&StageContext`");
        return None;
    }
    if let Type::Reference(reference) = ty {
        return lent(reference, report);
    }
    owned(ty, Seat::Input, report)?;
    let (held, passing) = match (name_of(ty).as_deref(), argument(ty)) {
        (Some("Arc"), Some(held)) if !is_unsized(held) => (held.clone(), Passing::Shared),
        (Some("Gathered" | "Outcome"), Some(_)) => (ty.clone(), Passing::Outcomes),
        _ => (ty.clone(), Passing::Value),
    };
    Some(Parameter::Input(held, passing))
}

/// A parameter without its name.
pub(super) enum Parameter {
    Context,
    Input(Type, Passing),
}

impl Parameter {
    pub(super) fn named(self, name: syn::Ident) -> Param {
        match self {
            Self::Context => Param::Context,
            Self::Input(held, passing) => Param::Input(super::model::Input { name, held, passing }),
        }
    }
}

/// What the function's output is; nothing when the type was refused.
pub(super) fn output(written: &Type, report: &mut Report) -> Option<Output> {
    let ty = bare(written);
    owned(ty, Seat::Output, report)?;
    if let Type::Never(_) = ty {
        report.error(written, "a stage ends and gives its output: `!` never does");
        return None;
    }
    if name_of(ty).as_deref() != Some("Result") {
        return Some(Output::Plain(ty.clone()));
    }
    let mut arguments = arguments(ty);
    let Some(value) = arguments.next() else {
        report.error(written, "this `Result` does not say what it holds: write `Result<T, E>` in the signature");
        return None;
    };
    Some(Output::Fallible { written: ty.clone(), value: value.clone(), error: arguments.next().cloned() })
}

fn lent(reference: &TypeReference, report: &mut Report) -> Option<Parameter> {
    let ty = bare(&reference.elem);
    if let Some(word) = &reference.mutability {
        if is_context(ty) {
            report.error(word, "the context of a stage is shared: write `&StageContext`");
            return None;
        }
        report.error(
            word,
            "an output is read by every node that needs it, so a stage cannot change it in place: \
             take `T` by value, or `&T`",
        );
        return None;
    }
    // Any other lifetime has been told of where it was declared, or is told of by rustc because it was not.
    if let Some(lifetime) = reference.lifetime.as_ref().filter(|lifetime| lifetime.ident == "static") {
        report.error(lifetime, "an input is lent for the call alone: write the reference without a lifetime");
        return None;
    }
    if is_context(ty) {
        return Some(Parameter::Context);
    }
    let held = match ty {
        Type::Slice(slice) => {
            owned(&slice.elem, Seat::Input, report)?;
            let element = &slice.elem;
            parse_quote!(::std::vec::Vec<#element>)
        }
        Type::TraitObject(_) => {
            report.error(ty, "an input has a size, and a `dyn` type has none: take `&Box<dyn ..>`");
            return None;
        }
        Type::Path(path) if path.path.is_ident("str") => parse_quote!(::std::string::String),
        _ if name_of(ty).as_deref() == Some("Path") => parse_quote!(::std::path::PathBuf),
        _ => {
            owned(ty, Seat::Input, report)?;
            ty.clone()
        }
    };
    Some(Parameter::Input(held, Passing::Lent))
}

/// The type without the parentheses and the invisible groups of `macro_rules!`.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        _ => ty,
    }
}

/// Whether this is `&StageContext`, with or without a name.
pub(super) fn is_lent_context(ty: &Type) -> bool {
    matches!(bare(ty), Type::Reference(reference) if is_context(&reference.elem))
}

/// The stage that `&StageContext<stage>` names.
pub(super) fn grown(context: &Type) -> Option<&Type> {
    match bare(context) {
        Type::Reference(reference) => argument(bare(&reference.elem)),
        _ => None,
    }
}

fn is_context(ty: &Type) -> bool {
    name_of(ty).as_deref() == Some("StageContext")
}

fn is_unsized(ty: &Type) -> bool {
    match bare(ty) {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(path) => path.path.is_ident("str") || name_of(ty).as_deref() == Some("Path"),
        _ => false,
    }
}

/// Whether a type is the path of what is called `name`.
pub(super) fn is_named(ty: &Type, name: &Ident) -> bool {
    last_segment(bare(ty)).is_some_and(|segment| segment.ident == *name && segment.arguments.is_none())
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(TypePath { qself: None, path, .. }) => path.segments.last(),
        _ => None,
    }
}

fn name_of(ty: &Type) -> Option<String> {
    last_segment(bare(ty)).map(|segment| segment.ident.to_string())
}

/// The first type among the arguments in `Name<..>`.
fn argument(ty: &Type) -> Option<&Type> {
    arguments(ty).next()
}

/// The types among the arguments in `Name<..>`.
fn arguments(ty: &Type) -> impl Iterator<Item = &Type> {
    let args = last_segment(bare(ty)).and_then(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(AngleBracketedGenericArguments { args, .. }) => Some(args),
        _ => None,
    });
    args.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

#[derive(Clone, Copy)]
enum Seat {
    Input,
    Output,
}

/// Refuses what cannot be kept beside the graph: borrowed data, and types without a name.
fn owned(ty: &Type, seat: Seat, report: &mut Report) -> Option<()> {
    let mut owner = Owner { seat, report, good: true };
    owner.visit_type(ty);
    owner.good.then_some(())
}

struct Owner<'r> {
    seat: Seat,
    report: &'r mut Report,
    good: bool,
}

impl Owner<'_> {
    fn refuse(&mut self, tokens: impl quote::ToTokens, input: &str, output: &str) {
        self.good = false;
        self.report.error(
            tokens,
            match self.seat {
                Seat::Input => input,
                Seat::Output => output,
            },
        );
    }
}

impl<'ast> Visit<'ast> for Owner<'_> {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static") {
            return self.visit_type(&reference.elem);
        }
        self.refuse(
            reference,
            "an input owns what is in it, and this is a reference: write the owned type inside, as in \
             `&[String]` for `&[&str]`",
            "the output is kept after the stage has ended, so it cannot be a reference: return an owned \
             value, as in `String` for `&str`",
        );
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        // Those with a name are told of where they are declared.
        if lifetime.ident == "_" {
            self.refuse(
                lifetime,
                "an input owns what is in it, so its type has no lifetime but `'static`",
                "the output is kept after the stage has ended, so its type has no lifetime but `'static`",
            );
        }
    }

    fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
        self.refuse(
            ty,
            "an input has one type, which its parents know: write that instead of `impl ..`",
            "an output has one type, which its readers know: write that, or a box, instead of `impl ..`",
        );
    }

    // The lifetimes in these are their own.
    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}

    fn visit_trait_bound(&mut self, bound: &'ast TraitBound) {
        if bound.lifetimes.is_none() {
            visit::visit_trait_bound(self, bound);
        }
    }

    fn visit_expr(&mut self, _: &'ast Expr) {}
}
