//! The contract between `rule!` and the engine: a declaration, a condition, a body.

use super::adding::Adding;
use super::batch::{Batch, Host, Rule, RuleBody};
use super::condition::{Condition, Found};
use super::draft::RuleDraft;
use super::growth::{Growth, Who};
use super::view::View;
use crate::dag::Cause;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, LazyLock};

/// What a rule says of itself: its name, or where it stands, and what it adds.
pub struct RuleHead {
    name: Arc<str>,
    adding: Adding,
}

/// A file and a line of the program, the file by where its name is in memory.
type Site = (usize, u32);

/// The names of the rules without a name that have been made. A run may make a million in one place.
static UNNAMED: LazyLock<RwLock<HashMap<Site, Arc<str>>>> = LazyLock::new(RwLock::default);

impl RuleHead {
    /// A rule with a name.
    pub fn named(name: &str) -> Self {
        Self { name: Arc::from(name), adding: Adding::anything() }
    }

    /// A rule that is known by where it stands.
    pub fn unnamed(file: &'static str, line: u32) -> Self {
        let site = (file.as_ptr() as usize, line);
        let known = UNNAMED.read().get(&site).cloned();
        let made = || Arc::clone(UNNAMED.write().entry(site).or_insert_with(|| format!("{file}:{line}").into()));
        Self { name: known.unwrap_or_else(made), adding: Adding::anything() }
    }

    /// What it adds.
    pub fn adds(mut self, adding: Adding) -> Self {
        self.adding = adding;
        self
    }

    fn draft(self) -> RuleDraft {
        self.adding.draft(self.name)
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
    let captures = size_of::<F>() > 0;
    rule(head, captures, condition, move |grow: &mut Growth<'_, M>, bound| match body.take() {
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
    let captures = size_of::<F>() > 0;
    rule(head, captures, condition, move |grow: &mut Growth<'_, M>, bound| body(grow, bound).end())
}

fn rule<M, C, F>(head: RuleHead, captures: bool, condition: C, mut body: F) -> Rule
where
    M: 'static,
    C: Condition,
    F: for<'g> FnMut(&'g mut Growth<'g, M>, C::Bound) -> Result<(), Cause> + Send + 'static,
{
    let draft = head.draft();
    let name = Arc::clone(&draft.spec.name);
    plain(draft, captures, condition, move |batch, host, bound| {
        body(&mut Growth::new(batch, host, Who::Rule(&name)), bound)
    })
}

/// A rule whose body needs no declaration of what it adds beyond its draft, and `captures` something or not.
pub(crate) fn plain<C, F>(mut draft: RuleDraft, captures: bool, condition: C, body: F) -> Rule
where
    C: Condition,
    F: FnMut(&mut Batch, &dyn Host, C::Bound) -> Result<(), Cause> + Send + 'static,
{
    condition.declare(&mut draft);
    if captures || condition.captures() {
        draft.spec = draft.spec.capturing();
    }
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
