//! A valid rule. Everything here has been checked, so `tokens` needs no further checks.

use proc_macro2::TokenStream;
use syn::{Expr, Pat, Path, ReturnType};

use crate::adds::Added;
use crate::shell::Shell;

/// A rule, ready for code generation.
pub(super) struct Rule {
    pub(super) kind: Kind,
    pub(super) when: Conditions,
    pub(super) body: Body,
}

impl Rule {
    /// Returns the name as text, or `rule` if the rule has no name.
    pub(super) fn name(&self) -> String {
        match &self.kind {
            Kind::Item(shell, _) => shell.text(),
            Kind::Inline(_) => "rule".to_owned(),
        }
    }
}

/// The errors of a rule, and the struct to emit in its place.
pub(super) struct Refusal {
    pub(super) error: syn::Error,
    /// The rule's struct, if it is an item.
    pub(super) shell: Option<Shell>,
}

/// The form of a rule. An item must list the stages that it adds; an expression may.
pub(super) enum Kind {
    Item(Shell, Adds),
    Inline(Option<Adds>),
}

/// The stages and rules that the body may add.
pub(super) struct Adds {
    pub(super) stages: Vec<Added>,
    /// A constant of at least 1.
    pub(super) within: Option<TokenStream>,
}

/// A non-empty conjunction of conditions.
pub(super) struct Conditions {
    pub(super) first: Condition,
    pub(super) rest: Vec<Condition>,
}

impl Conditions {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Condition> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// Returns `true` if the rule fires once per binding, and `false` if it fires at most once.
    pub(super) fn is_each(&self) -> bool {
        let each =
            |condition| matches!(condition, &Condition::Each(_) | Condition::EachFailed(_) | Condition::Below(..));
        self.iter().any(each)
    }
}

/// One condition, with its arguments.
pub(super) enum Condition {
    Done(Vec<Expr>),
    Settled(Vec<Expr>),
    Failed(Expr),
    Each(Path),
    EachFailed(Path),
    Count(Path, Expr),
    CountDone(Path, Expr),
    Closed(Vec<Path>),
    /// The stages to wait for, and the stage below whose nodes they are.
    Below(Below, Vec<Path>, Path),
    Named(Expr),
    Predicate(Predicate),
}

/// The state to wait for below a node.
#[derive(Clone, Copy)]
pub(super) enum Below {
    Closed,
    Settled,
    Done,
}

impl Below {
    /// Returns the name of the condition.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Settled => "settled",
            Self::Done => "done",
        }
    }
}

/// `|view| ..`
pub(super) struct Predicate {
    pub(super) view: Pat,
    pub(super) output: ReturnType,
    pub(super) code: Expr,
}

/// `|grow, ..| ..`, where `given` has one pattern for each value that the conditions pass.
pub(super) struct Body {
    /// The parameters with their bars, as written.
    pub(super) written: TokenStream,
    pub(super) grow: Pat,
    pub(super) given: Vec<Pat>,
    pub(super) output: ReturnType,
    pub(super) code: Expr,
}
