//! The contract between `rule!` and the engine: a declaration, a condition, a body.

use super::allows::Keyed;
use super::batch::{Batch, Host, Rule, RuleBody};
use super::condition::{Condition, Found, RuleDraft};
use super::growth::{Growth, Who};
use super::stage::Stage;
use super::view::View;
use crate::dag::{Addition, Adds, Cause, Keying, KnownRule, RuleShape, RuleSpec};
use crate::registry;
use std::any::TypeId;
use std::error::Error;

/// What a rule says of itself: its name, or where it stands, and what it adds.
pub struct RuleHead {
    name: String,
    adding: Adding,
}

impl RuleHead {
    /// A rule with a name.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), adding: Adding::anything() }
    }

    /// A rule that is known by where it stands.
    pub fn unnamed(file: &str, line: u32) -> Self {
        Self { name: format!("{file}:{line}"), adding: Adding::anything() }
    }

    /// What it adds.
    pub fn adds(mut self, adding: Adding) -> Self {
        self.adding = adding;
        self
    }

    fn spec(self) -> RuleSpec {
        let Adding { adds, within } = self.adding;
        let spec = RuleSpec::new(self.name, adds);
        match within {
            Some(count) => spec.within(count),
            None => spec,
        }
    }
}

/// A rule's `adds [..] within N`.
pub struct Adding {
    adds: Adds,
    within: Option<u32>,
}

impl Adding {
    /// Nothing was declared.
    pub fn anything() -> Self {
        Self { adds: Adds::Anything, within: None }
    }

    /// Only the stages that follow.
    pub fn declared() -> Self {
        Self { adds: Adds::Only(Vec::new()), within: None }
    }

    /// Nodes of `S`, with or without keys.
    pub fn stage<S: Stage>(mut self, keyed: Keyed) -> Self {
        let keying = match keyed {
            Keyed::Free | Keyed::No => Keying::None,
            Keyed::Yes => Keying::Run,
            Keyed::Under(group) => Keying::Under(group()),
        };
        if let Adds::Only(list) = &mut self.adds {
            list.push(Addition::new(registry::id(S::spec()), keying));
        }
        self
    }

    /// At most `count` firings along any line of the lineage.
    pub fn within(mut self, count: u32) -> Self {
        self.within = Some(count);
        self
    }
}

/// What a body may return: nothing, or a `Result` of nothing.
#[diagnostic::on_unimplemented(
    message = "a rule's body returns nothing, or a `Result` of nothing, and this one returns `{Self}`",
    label = "this is a `{Self}`",
    note = "end it with `;`, in braces: `then |grow, ..| {{ ..; }}`; a body that can fail says so: `|grow, ..| -> Result<(), E> {{ ..; Ok(()) }}`, where `E` is an error"
)]
pub trait BodyEnd {
    /// Whether the body failed.
    ///
    /// # Errors
    ///
    /// The body's own.
    fn end(self) -> Result<(), Cause>;
}

#[diagnostic::do_not_recommend]
impl BodyEnd for () {
    fn end(self) -> Result<(), Cause> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> BodyEnd for Result<(), E> {
    fn end(self) -> Result<(), Cause> {
        self.map_err(|error| Cause::error(error.into()))
    }
}

/// A body that never returns, `todo!()` say. The type cannot be written in stable Rust, only found.
#[diagnostic::do_not_recommend]
impl BodyEnd for <fn() -> ! as Returns>::Type {
    fn end(self) -> Result<(), Cause> {
        self
    }
}

/// Finds the type that a function returns.
pub trait Returns {
    /// That type.
    type Type;
}

impl<T> Returns for fn() -> T {
    type Type = T;
}

/// A rule that fires once.
pub fn once_rule<M, C, F, R>(head: RuleHead, condition: C, body: F) -> Rule
where
    M: 'static,
    C: Condition,
    F: for<'g> FnOnce(&'g mut Growth<'g, M>, C::Bound) -> R + Send + 'static,
    R: BodyEnd,
{
    let mut body = Some(body);
    rule(head, condition, move |grow: &mut Growth<'_, M>, bound| match body.take() {
        Some(body) => body(grow, bound).end(),
        None => Ok(()),
    })
}

/// A rule that fires for each node that its condition finds.
pub fn each_rule<M, C, F, R>(head: RuleHead, condition: C, mut body: F) -> Rule
where
    M: 'static,
    C: Condition,
    F: for<'g> FnMut(&'g mut Growth<'g, M>, C::Bound) -> R + Send + 'static,
    R: BodyEnd,
{
    rule(head, condition, move |grow: &mut Growth<'_, M>, bound| body(grow, bound).end())
}

fn rule<M, C, F>(head: RuleHead, condition: C, mut body: F) -> Rule
where
    M: 'static,
    C: Condition,
    F: for<'g> FnMut(&'g mut Growth<'g, M>, C::Bound) -> Result<(), Cause> + Send + 'static,
{
    let spec = head.spec();
    let name = spec.name.clone();
    plain(spec, condition, move |batch, host, bound| body(&mut Growth::new(batch, host, Who::Rule(&name)), bound))
}

/// A rule whose body needs no declaration of what it adds beyond its `spec`.
pub(crate) fn plain<C, F>(spec: RuleSpec, condition: C, body: F) -> Rule
where
    C: Condition,
    F: FnMut(&mut Batch, &dyn Host, C::Bound) -> Result<(), Cause> + Send + 'static,
{
    let mut draft = RuleDraft { spec, handles: Vec::new() };
    condition.declare(&mut draft);
    Rule { draft, body: Box::new(TypedBody { condition, body, bound: None }) }
}

struct TypedBody<C: Condition, F> {
    condition: C,
    body: F,
    bound: Option<C::Bound>,
}

impl<C, F> RuleBody for TypedBody<C, F>
where
    C: Condition,
    F: FnMut(&mut Batch, &dyn Host, C::Bound) -> Result<(), Cause> + Send,
{
    fn ask(&mut self, view: &View<'_>) -> bool {
        self.condition.ask(view)
    }

    fn prepare(&mut self, found: &Found<'_>) -> Result<(), Cause> {
        self.bound = Some(self.condition.bound(found)?);
        Ok(())
    }

    fn fire(&mut self, batch: &mut Batch, host: &dyn Host) -> Result<(), Cause> {
        self.bound.take().map_or(Ok(()), |bound| (self.body)(batch, host, bound))
    }
}

/// A rule that is an item: it has a name, captures nothing, and can be made as often as wanted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rule",
    label = "not a rule",
    note = "name rules that were declared with `rule! {{ name: when .., adds [..], then .. }}`; register a rule without a name with `flow.rule(rule! {{ .. }})`"
)]
pub trait RuleItem: 'static {
    /// What the compiler knows of it, without the rules that its body registers.
    #[doc(hidden)]
    const SHAPE: KnownRule = None;

    /// What it knows of those.
    #[doc(hidden)]
    const INNER: &'static [KnownRule] = &[];

    /// The rule.
    fn rule() -> Rule;
}

/// Several rules, in order. `rules![..]` makes them.
#[must_use = "rules do nothing until they are registered"]
#[derive(Default)]
pub struct Rules {
    /// Each with its item, and the module of that.
    pub(crate) rules: Vec<(TypeId, &'static str, Rule)>,
}

impl Rules {
    /// No rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// And this one.
    pub fn with<R: RuleItem>(mut self, _rule: R) -> Self {
        let module = R::SHAPE.map_or("?", RuleShape::module);
        self.rules.push((TypeId::of::<R>(), module, R::rule()));
        self
    }
}
