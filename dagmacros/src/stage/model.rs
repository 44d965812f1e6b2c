//! A valid stage. Everything here has been checked, so `tokens` needs no further checks.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{LitStr, Type};

use super::policy::Asked;
use crate::adds::Added;
use crate::shell::Shell;

/// A stage, ready for code generation.
pub(super) struct Stage {
    pub(super) shell: Shell,
    pub(super) name: Option<LitStr>,
    /// `None` means 1.
    pub(super) version: Option<TokenStream>,
    pub(super) place: Place,
    /// The options that decide the start order of its nodes: `priority` and `expected`.
    pub(super) ranked: Vec<Asked>,
    /// The options of the attempt policy: retries, backoff, timeouts.
    pub(super) asked: Vec<Asked>,
    /// The limits and resources that its nodes need to start: concurrency, pools, rate.
    pub(super) needed: Vec<Asked>,
    /// The stages that it adds while it runs. If there are any, it has a context with its own name.
    pub(super) adds: Vec<Added>,
    pub(super) params: Vec<Param>,
    /// The span of the parameter list.
    pub(super) inputs_at: Span,
    pub(super) output: Output,
}

/// The errors of a stage, and the code to emit in its place.
pub(super) struct Refusal {
    pub(super) error: syn::Error,
    pub(super) instead: Instead,
}

/// The code that is emitted in place of an invalid stage, so that uses of the stage cause no further errors.
pub(super) enum Instead {
    /// Nothing, where a struct is not allowed.
    Nothing,
    /// The stage itself, if only its options are invalid.
    Stage(Stage),
    /// A stub with the same interface, if the signature is invalid.
    Stub(Stub),
}

/// A stage that is never run.
pub(super) struct Stub {
    pub(super) shell: Shell,
    pub(super) adds: Vec<Added>,
    /// The names of its inputs, without their types, which may be invalid.
    pub(super) inputs: Vec<Ident>,
    /// The written output, or the output that a corrected signature would have.
    pub(super) output: Output,
}

/// The threads that a stage runs on.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    Async,
    Compute,
    Blocking,
    Inline,
}

/// A parameter of the user's function.
pub(super) enum Param {
    Input(Input),
    /// `&StageContext`, which is not an input. Holds the type behind the reference.
    Context(Type),
}

/// An input of the stage.
pub(super) struct Input {
    pub(super) name: Ident,
    /// The `T` of `T` or `&T`.
    pub(super) ty: Type,
    pub(super) passing: Passing,
}

/// How an input is passed to the user's function.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Passing {
    /// `T`: moved or cloned.
    Value,
    /// `&T`.
    Lent,
}

/// The return type of the user's function.
#[derive(Clone)]
pub(super) enum Output {
    /// No return type.
    Nothing,
    /// A type. The compiler decides whether it is a `Result`.
    Written(Type),
}
