//! Reads and checks the types in a stage's signature.

use syn::visit::{self, Visit};
use syn::{
    AngleBracketedGenericArguments, Expr, GenericArgument, Ident, Lifetime, ParenthesizedGenericArguments,
    PathArguments, PathSegment, TraitBound, Type, TypeFnPtr, TypeImplTrait, TypeParamBound, TypePath, TypeReference,
    parse_quote,
};

use super::model::{Output, Passing};
use crate::adds::text_of;
use crate::report::Report;
use crate::runtime::OWNED;

/// Returns the kind of a parameter by its type, or `None` if the type is invalid.
pub(super) fn passing(written: &Type, report: &mut Report) -> Option<Parameter> {
    let ty = bare(written);
    if is_context(ty) {
        report.error(written, "a stage takes its context by reference: write `&StageContext`");
        return None;
    }
    if let Type::Reference(reference) = ty {
        return lent(reference, report);
    }
    owned(ty, Seat::Input, report)?;
    Some(Parameter::Input(ty.clone(), Passing::Value))
}

/// A parameter, without its name.
pub(super) enum Parameter {
    Context(Type),
    Input(Type, Passing),
}

/// Returns the function's output, or `None` if its type is invalid.
pub(super) fn output(written: &Type, report: &mut Report) -> Option<Output> {
    let ty = bare(written);
    owned(ty, Seat::Output, report)?;
    if let Type::Never(_) = ty {
        report.error(written, "a stage must return its output: use a type other than `!`");
        return None;
    }
    Some(Output::Written(ty.clone()))
}

/// Returns the output type that a corrected signature would have: owned, and the output of a future.
pub(super) fn promised(written: &Type) -> Type {
    match bare(written) {
        Type::Reference(reference) => {
            let (owned, elem) = (OWNED, promised(&reference.elem));
            parse_quote!(#owned<#elem>)
        }
        Type::Tuple(tuple) => {
            let elems = tuple.elems.iter().map(promised);
            parse_quote!((#(#elems,)*))
        }
        Type::Path(path) => {
            let mut path = path.clone();
            path.path.segments.iter_mut().for_each(|segment| arguments_mut(segment).for_each(promise));
            Type::Path(path)
        }
        Type::ImplTrait(ty) => {
            let mut bounds = ty.bounds.iter().filter_map(|bound| match bound {
                TypeParamBound::Trait(bound) => bound.path.segments.last(),
                _ => None,
            });
            let output = bounds.find_map(|last| match &last.arguments {
                PathArguments::AngleBracketed(args) => args.args.iter().find_map(|argument| match argument {
                    GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
                    _ => None,
                }),
                _ => None,
            });
            output.map_or_else(|| parse_quote!(()), promised)
        }
        Type::Never(_) => parse_quote!(()),
        other => other.clone(),
    }
}

fn promise(argument: &mut GenericArgument) {
    match argument {
        GenericArgument::Type(ty) => *ty = promised(ty),
        GenericArgument::Lifetime(lifetime) => lifetime.ident = Ident::new("static", lifetime.ident.span()),
        _ => {}
    }
}

/// Returns the type at which rustc reports errors about the output: the `T` of a type that looks like `Result<T, E>`.
pub(super) fn value_of(output: &Type) -> &Type {
    let inside = arguments(output).next().filter(|_| name_of(output).as_deref() == Some("Result"));
    inside.unwrap_or(output)
}

/// Returns the type at which rustc reports errors about the error type.
pub(super) fn error_of(output: &Type) -> &Type {
    arguments(output).nth(1).unwrap_or(output)
}

fn lent(reference: &TypeReference, report: &mut Report) -> Option<Parameter> {
    let ty = bare(&reference.elem);
    if let Some(word) = &reference.mutability {
        if is_context(ty) {
            report.error(word, "a stage takes its context by shared reference: write `&StageContext`");
            return None;
        }
        report.error(
            word,
            "an output is shared by all nodes that read it, so a stage cannot modify it in place: take `T` by value, \
             or `&T`",
        );
        return None;
    }
    // Any other lifetime has been reported at its declaration, or is reported by rustc as undeclared.
    if let Some(lifetime) = reference.lifetime.as_ref().filter(|lifetime| lifetime.ident == "static") {
        report.error(
            lifetime,
            "an input is borrowed for the duration of the call: write the reference without a \
            lifetime",
        );
        return None;
    }
    if is_context(ty) {
        return Some(Parameter::Context(ty.clone()));
    }
    if let Type::TraitObject(object) = ty {
        let name = object.bounds.iter().find_map(|bound| match bound {
            TypeParamBound::Trait(bound) => Some(text_of(&bound.path)),
            _ => None,
        });
        let name = name.unwrap_or_else(|| "..".to_owned());
        report.error(ty, format!("an input must be `Sized`, and a `dyn` type is not: take `Arc<dyn {name}>`"));
        return None;
    }
    match ty {
        Type::Slice(slice) => owned(&slice.elem, Seat::Input, report)?,
        _ => owned(ty, Seat::Input, report)?,
    }
    Some(Parameter::Input(ty.clone(), Passing::Lent))
}

/// Returns the type without parentheses and without the invisible groups of `macro_rules!`.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        _ => ty,
    }
}

/// Returns `true` if this is `&StageContext`, with or without the name of a stage.
pub(super) fn is_lent_context(ty: &Type) -> bool {
    matches!(bare(ty), Type::Reference(reference) if is_context(&reference.elem))
}

/// Returns the stage that `&StageContext<stage>` names.
pub(super) fn grown(context: &Type) -> Option<&Type> {
    match bare(context) {
        Type::Reference(reference) => argument(bare(&reference.elem)),
        _ => None,
    }
}

/// Returns `true` if this is `StageContext` itself, not a reference to it.
pub(super) fn is_context(ty: &Type) -> bool {
    name_of(ty).as_deref() == Some("StageContext")
}

/// Returns `true` if the type is a path that ends with `name`.
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

/// Returns the first type among the arguments in `Name<..>`.
fn argument(ty: &Type) -> Option<&Type> {
    arguments(ty).next()
}

/// Returns the types among the arguments in `Name<..>`.
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

/// Returns `true` if this is `impl Future`.
fn is_future(ty: &TypeImplTrait) -> bool {
    let is = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| last.ident == "Future"),
        _ => false,
    };
    ty.bounds.iter().any(is)
}

fn arguments_mut(segment: &mut PathSegment) -> impl Iterator<Item = &mut GenericArgument> {
    let args = match &mut segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&mut arguments.args),
        _ => None,
    };
    args.into_iter().flatten()
}

#[derive(Clone, Copy)]
enum Seat {
    Input,
    Output,
}

/// Rejects types that the graph cannot store: borrowed data, and types without a name.
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
            "an input owns its contents, and this is a reference: write the owned type inside, as in \
             `&[String]` for `&[&str]`",
            "the output is kept after the stage returns, so it cannot be a reference: return an owned \
             value, as in `String` for `&str`",
        );
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        // A named lifetime is reported at its declaration.
        if lifetime.ident == "_" {
            self.refuse(
                lifetime,
                "an input owns its contents, so its type has no lifetime other than `'static`",
                "the output is kept after the stage returns, so its type has no lifetime other than `'static`",
            );
        }
    }

    fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
        self.refuse(
            ty,
            "an input has one concrete type: write that type instead of `impl ..`",
            match is_future(ty) {
                true => {
                    "an asynchronous stage is an `async fn`: write `async fn` and the type of the output, instead \
                    of `impl Future`"
                }
                false => "an output has one concrete type: write that type, or a `Box`, instead of `impl ..`",
            },
        );
    }

    // Function pointers and `Fn(..)` bounds declare their own lifetimes.
    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}

    fn visit_trait_bound(&mut self, bound: &'ast TraitBound) {
        if bound.lifetimes.is_none() {
            visit::visit_trait_bound(self, bound);
        }
    }

    fn visit_expr(&mut self, _: &'ast Expr) {}
}
