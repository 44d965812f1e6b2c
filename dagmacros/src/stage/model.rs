//! A correct stage. What is here has been checked; `tokens` asks nothing more.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{LitStr, Type};

use super::policy::Asked;
use crate::adds::Added;
use crate::shell::Shell;

/// A stage, ready to be written down.
pub(super) struct Stage {
    pub(super) shell: Shell,
    pub(super) name: Option<LitStr>,
    /// None is 1.
    pub(super) version: Option<TokenStream>,
    pub(super) place: Place,
    /// What is said of its nodes for whoever decides which of them starts first.
    pub(super) ranked: Vec<Asked>,
    /// What is asked of the attempts to run its nodes.
    pub(super) asked: Vec<Asked>,
    /// What its nodes need to run.
    pub(super) needed: Vec<Asked>,
    /// What it adds while it runs. It has a context with its own name then.
    pub(super) adds: Vec<Added>,
    pub(super) params: Vec<Param>,
    /// The place of their list.
    pub(super) inputs_at: Span,
    pub(super) output: Output,
}

/// Why there is no stage, and what is emitted in its stead.
pub(super) struct Refusal {
    pub(super) error: syn::Error,
    pub(super) instead: Instead,
}

/// What the uses of a refused stage find, so that one mistake is one error.
pub(super) enum Instead {
    /// Nothing, where no struct can stand.
    Nothing,
    /// The stage itself, when only its options were wrong.
    Stage(Stage),
    /// What its signature promises, when that was wrong.
    Stub(Stub),
}

/// A stage that is never run.
pub(super) struct Stub {
    pub(super) shell: Shell,
    pub(super) adds: Vec<Added>,
    /// The names of its inputs, whose types may be what is wrong.
    pub(super) inputs: Vec<Ident>,
    /// As it was written, or as it will be.
    pub(super) output: Output,
}

/// Where a stage runs.
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
    /// `&StageContext`, which is not an input, with the type behind the reference.
    Context(Type),
}

/// An input of the stage.
pub(super) struct Input {
    pub(super) name: Ident,
    /// The `T` of `T` or `&T`.
    pub(super) ty: Type,
    pub(super) passing: Passing,
}

/// How the user's function takes an input.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Passing {
    /// `T`: moved or cloned.
    Value,
    /// `&T`.
    Lent,
}

/// What the user's function returns.
#[derive(Clone)]
pub(super) enum Output {
    /// Nothing was written.
    Nothing,
    /// A type, of which the compiler finds out whether it is a `Result`.
    Written(Type),
}
