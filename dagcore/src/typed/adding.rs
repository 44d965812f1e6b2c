//! What `adds [..] within N` declares: stages, rules, and how often.

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

/// A rule's `adds [..] within N`, or a stage's `adds(..)`.
pub struct Adding {
    adds: Adds,
    within: Option<u32>,
    /// Whether rules without a name may be registered.
    registers: bool,
    inner: Vec<Inner>,
}

impl Adding {
    /// Nothing was declared.
    pub fn anything() -> Self {
        Self { adds: Adds::Anything, within: None, registers: true, inner: Vec::new() }
    }

    /// Only what follows.
    pub fn declared() -> Self {
        Self { adds: Adds::Only(Vec::new()), within: None, registers: false, inner: Vec::new() }
    }

    /// Nodes of a stage without keys, or rules.
    pub fn adds<N: Names<K>, K>(mut self) -> Self {
        N::enter(&mut self);
        self
    }

    /// Nodes of `S` without keys, and no rules.
    pub fn nodes<S: HasNodes>(mut self) -> Self {
        self.push(S::spec(), Keyed::No);
        self
    }

    /// Nodes of `S` with keys.
    pub fn keyed<S: HasKeys>(mut self, keyed: Keyed) -> Self {
        self.push(S::spec(), keyed);
        self
    }

    /// At most `count` firings along any line of the lineage.
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

    /// What a stage declares.
    pub fn into_adds(self) -> Adds {
        self.adds
    }

    /// The beginning of the rule that declares this.
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

/// What can stand in a rule's `adds [..]`: a stage, a rule, or `Rule` for those without a name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a stage nor a rule",
    label = "neither a stage nor a rule",
    note = "name a function marked `#[stage]`, or a rule that was declared with `rule! {{ name: .. }}`, or write `Rule` for rules without a name"
)]
pub trait Names<K> {
    /// Writes it down.
    fn enter(adding: &mut Adding);
}

/// The way of a stage.
pub struct AsStage;

/// The way of a rule with a name.
pub struct AsRule;

/// The way of rules without.
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

/// What `by key` can be said of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage, and only the nodes of a stage have keys",
    label = "not a stage",
    note = "put `#[stage]` on the function, and name the function here; a rule stands in `adds [..]` without `by key`"
)]
pub trait HasKeys: Stage {}

#[diagnostic::do_not_recommend]
impl<S: Stage> HasKeys for S {}

/// What a stage can add while it runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage, and a stage that runs adds nodes and no rules",
    label = "not a stage",
    note = "put `#[stage]` on the function, and name the function here; rules are registered by the program, and by rules"
)]
pub trait HasNodes: Stage {}

#[diagnostic::do_not_recommend]
impl<S: Stage> HasNodes for S {}
