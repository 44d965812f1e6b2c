//! Rules declared as items. Each is a type, so that a list of rules has a type too.

use super::allows::Allows;
use super::batch::Rule;
use crate::dag::{KnownRule, RuleShape};
use std::any::TypeId;
use std::marker::PhantomData;

/// A rule declared as an item: it has a name, captures nothing, and can be created any number of times.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rule",
    label = "not a rule",
    note = "name rules that were declared with `rule! {{ name: when .., adds [..], then .. }}`; register a rule without a name with `flow.rule(rule! {{ .. }})`"
)]
pub trait RuleItem: 'static {
    /// The shape of the rule at compile time, without the rules that its body registers.
    #[doc(hidden)]
    const SHAPE: KnownRule = None;

    /// The shapes of the rules that its body registers.
    #[doc(hidden)]
    const INNER: &'static [KnownRule] = &[];

    /// Creates the rule.
    fn rule() -> Rule;
}

/// A list of rules, in order. Created by `rules![..]`; `L` is the list of their types.
#[must_use = "rules do nothing until they are registered"]
pub struct Rules<L = ()> {
    /// The rules, each with its item and the module of the item.
    pub(crate) rules: Vec<(TypeId, &'static str, Rule)>,
    list: PhantomData<fn() -> L>,
}

impl Rules {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self { rules: Vec::new(), list: PhantomData }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::new()
    }
}

impl<L> Rules<L> {
    /// Appends a rule to the list.
    pub fn with<R: RuleItem>(mut self, _rule: R) -> Rules<(L, R)> {
        push(&mut self.rules, TypeId::of::<R>(), R::SHAPE, R::rule);
        Rules { rules: self.rules, list: PhantomData }
    }
}

fn push(rules: &mut Vec<(TypeId, &'static str, Rule)>, item: TypeId, shape: KnownRule, rule: fn() -> Rule) {
    rules.push((item, shape.map_or("?", RuleShape::module), rule()));
}

/// A list of rules that a body with the marker `M` may register.
pub trait AllowedBy<M> {}

impl<M> AllowedBy<M> for () {}

impl<M, L: AllowedBy<M>, R: RegisteredBy<M>> AllowedBy<M> for (L, R) {}

/// A rule that a body with the marker `M` may register.
#[diagnostic::on_unimplemented(
    message = "`{M}` registers the rule `{Self}`, which its `adds [..]` does not name",
    label = "`{Self}` is not declared",
    note = "write `{Self}` in the `adds [..]` of `{M}`: what a rule can bring about is known before it runs",
    note = "a stage that runs adds nodes, and no rules"
)]
pub trait RegisteredBy<M> {}

#[diagnostic::do_not_recommend]
impl<M: Allows<R>, R: RuleItem> RegisteredBy<M> for R {}

/// The bound on the marker of a body that registers rules without a name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` registers a rule without a name, which its `adds [..]` does not say",
    label = "not declared",
    note = "write `Rule` in the `adds [..]` of `{Self}`; or give the rule a name, write that, and register it with `grow.rules(rules![name])`",
    note = "a stage that runs adds nodes, and no rules"
)]
pub trait Registers {}

#[diagnostic::do_not_recommend]
impl<M: Allows<Rule>> Registers for M {}
