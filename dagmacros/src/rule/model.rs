//! A correct rule. What is here has been checked; `tokens` asks nothing more.

use proc_macro2::TokenStream;
use syn::{Expr, Pat, Path, ReturnType};

use crate::adds::Added;
use crate::shell::Shell;

/// A rule, ready to be written down.
pub(super) struct Rule {
    pub(super) kind: Kind,
    pub(super) when: Conditions,
    pub(super) body: Body,
}

impl Rule {
    /// The name as text; `rule` when it has none.
    pub(super) fn name(&self) -> String {
        match &self.kind {
            Kind::Item(shell, _) => shell.text(),
            Kind::Inline(_) => "rule".to_owned(),
        }
    }
}

/// Why there is no rule, and what is emitted in its stead.
pub(super) struct Refusal {
    pub(super) error: syn::Error,
    /// The rule's struct, if it is an item.
    pub(super) shell: Option<Shell>,
}

/// An item says what it adds; an expression may.
pub(super) enum Kind {
    Item(Shell, Adds),
    Inline(Option<Adds>),
}

/// What the body may add.
pub(super) struct Adds {
    pub(super) stages: Vec<Added>,
    /// A constant of at least one.
    pub(super) within: Option<TokenStream>,
}

/// Conditions that hold together: one, and those joined to it.
pub(super) struct Conditions {
    pub(super) first: Condition,
    pub(super) rest: Vec<Condition>,
}

impl Conditions {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Condition> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// Whether it fires once per binding, and not once.
    pub(super) fn is_each(&self) -> bool {
        let each =
            |condition| matches!(condition, &Condition::Each(_) | Condition::EachFailed(_) | Condition::Below(..));
        self.iter().any(each)
    }
}

/// One condition, with what it is about.
pub(super) enum Condition {
    Done(Vec<Expr>),
    Settled(Vec<Expr>),
    Failed(Expr),
    Each(Path),
    EachFailed(Path),
    Count(Path, Expr),
    CountDone(Path, Expr),
    Closed(Vec<Path>),
    /// The stages that are waited for, and the one below each of whose nodes.
    Below(Below, Vec<Path>, Path),
    Named(Expr),
    Predicate(Predicate),
}

/// What is waited for below a node.
#[derive(Clone, Copy)]
pub(super) enum Below {
    Closed,
    Settled,
    Done,
}

impl Below {
    /// The condition's word.
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

/// `|grow, ..| ..`: as many patterns in `given` as the conditions hand over.
pub(super) struct Body {
    /// The parameters with their bars, as they were written.
    pub(super) written: TokenStream,
    pub(super) grow: Pat,
    pub(super) given: Vec<Pat>,
    pub(super) output: ReturnType,
    pub(super) code: Expr,
}
