//! The declarations `adds [..] within N`: stages, rules, and the number of firings.

use super::allows::Keyed;
use super::batch::Rule;
use super::draft::{Inner, RuleDraft};
use super::item::RuleItem;
use super::stage::Stage;
use crate::dag::{Addition, Adds, Keying, RuleSpec};
use crate::port::StageSpec;
use crate::registry;
use std::any::TypeId;
use std::sync::Arc;

/// The declared additions of a rule, `adds [..] within N`, or of a stage, `adds(..)`.
pub struct Adding {
    adds: Adds,
    within: Option<u32>,
    /// `true` if rules without a name may be registered.
    registers: bool,
    inner: Vec<Inner>,
}

impl Adding {
    /// Creates the declaration of a rule that declares nothing.
    pub fn anything() -> Self {
        Self { adds: Adds::Anything, within: None, registers: true, inner: Vec::new() }
    }

    /// Creates an empty declaration, which the other methods extend.
    pub fn declared() -> Self {
        Self { adds: Adds::Only(Vec::new()), within: None, registers: false, inner: Vec::new() }
    }

    /// Allows nodes of a stage without keys, or a rule.
    pub fn adds<N: Names<K>, K>(mut self) -> Self {
        N::enter(&mut self);
        self
    }

    /// Allows nodes of `S` without keys. Does not accept rules.
    pub fn nodes<S: HasNodes>(mut self) -> Self {
        self.push(S::spec(), Keyed::No);
        self
    }

    /// Allows nodes of `S` with keys.
    pub fn keyed<S: HasKeys>(mut self, keyed: Keyed) -> Self {
        self.push(S::spec(), keyed);
        self
    }

    /// Limits the rule to `count` firings along any line of the lineage.
    pub fn within(mut self, count: u32) -> Self {
        self.within = Some(count);
        self
    }

    fn push(&mut self, spec: &'static StageSpec, keyed: Keyed) {
        let keying = match keyed {
            Keyed::Free | Keyed::No => Keying::None,
            Keyed::Yes => Keying::Run,
            Keyed::Under(group) => Keying::Under(group()),
        };
        if let Adds::Only(list) = &mut self.adds {
            list.push(Addition::new(registry::id(spec), keying));
        }
    }

    /// Returns the declaration of a stage.
    pub fn into_adds(self) -> Adds {
        self.adds
    }

    /// Starts the declaration of a rule with these additions.
    pub(super) fn draft(self, name: Arc<str>) -> RuleDraft {
        let Self { adds, within, registers, inner } = self;
        let mut spec = RuleSpec::new(name, adds);
        if let Some(count) = within {
            spec = spec.within(count);
        }
        if registers {
            spec = spec.registering();
        }
        RuleDraft { spec, handles: Vec::new(), inner }
    }
}

/// An entry of a rule's `adds [..]`: a stage, a rule, or `Rule` for rules without a name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a stage nor a rule",
    label = "neither a stage nor a rule",
    note = "name a function marked `#[stage]`, or a rule that was declared with `rule! {{ name: .. }}`, or write `Rule` for rules without a name"
)]
pub trait Names<K> {
    /// Adds the entry to the declaration.
    fn enter(adding: &mut Adding);
}

/// Selects the implementation for stages.
pub struct AsStage;

/// Selects the implementation for rules with names.
pub struct AsRule;

/// Selects the implementation for rules without names.
pub struct AsRules;

impl<S: Stage> Names<AsStage> for S {
    fn enter(adding: &mut Adding) {
        adding.push(S::spec(), Keyed::No);
    }
}

impl<R: RuleItem> Names<AsRule> for R {
    fn enter(adding: &mut Adding) {
        adding.inner.push(Inner { item: TypeId::of::<R>(), draft: || R::rule().draft });
    }
}

impl Names<AsRules> for Rule {
    fn enter(adding: &mut Adding) {
        adding.registers = true;
    }
}

/// An entry that can be declared `by key`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage, and only the nodes of a stage have keys",
    label = "not a stage",
    note = "put `#[stage]` on the function, and name the function here; a rule stands in `adds [..]` without `by key`"
)]
pub trait HasKeys: Stage {}

#[diagnostic::do_not_recommend]
impl<S: Stage> HasKeys for S {}

/// An entry of a stage's `adds(..)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage, and a stage that runs adds nodes and no rules",
    label = "not a stage",
    note = "put `#[stage]` on the function, and name the function here; rules are registered by the program, and by rules"
)]
pub trait HasNodes: Stage {}

#[diagnostic::do_not_recommend]
impl<S: Stage> HasNodes for S {}
