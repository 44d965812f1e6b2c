//! A correct stage. What is here has been checked; `tokens` asks nothing more.

use proc_macro2::{Ident, Span};
use syn::{LitStr, Type};

use super::policy::Asked;
use crate::adds::Added;
use crate::shell::Shell;

/// A stage, ready to be written down.
pub(super) struct Stage {
    pub(super) shell: Shell,
    pub(super) name: Option<LitStr>,
    pub(super) version: u32,
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
    /// The stage itself, when nothing but its options was wrong.
    pub(super) stage: Option<Stage>,
    /// The stage's struct, so that its uses are not errors too; none where no struct can stand.
    pub(super) shell: Option<Shell>,
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
    /// `&StageContext`, which is not an input.
    Context,
}

/// An input of the stage.
pub(super) struct Input {
    pub(super) name: Ident,
    /// The type of the parent's output.
    pub(super) held: Type,
    pub(super) passing: Passing,
}

/// How the user's function takes an input.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Passing {
    /// `T`: moved or cloned.
    Value,
    /// `Arc<T>`.
    Shared,
    /// `Gathered<T>` or `Outcome<T>`, which are made for the call.
    Outcomes,
    /// `&T`, `&str`, `&[T]`, `&Path`.
    Lent,
}

/// What the user's function gives back.
pub(super) enum Output {
    /// Nothing was written.
    Nothing,
    /// A type that has no `Result` on its outside.
    Plain(Type),
    /// A `Result`, and what it holds when all went well and, if it says so, when not.
    Fallible { written: Type, value: Type, error: Option<Type> },
}
