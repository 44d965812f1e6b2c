//! The contract between `rule!` and the engine: a declaration, a condition, a body.

use super::adding::Adding;
use super::batch::{Batch, Host, Rule, RuleBody};
use super::condition::{Condition, Found};
use super::draft::RuleDraft;
use super::growth::{Growth, Who};
use super::view::View;
use crate::dag::Cause;
use std::error::Error;
use std::sync::Arc;

/// The head of a rule: its name or source location, and its declared additions.
pub struct RuleHead(RuleDraft);

impl RuleHead {
    /// Creates the head of a rule from its name or source location.
    pub fn new(name: &'static str, adding: Adding) -> Self {
        Self(adding.draft(Arc::from(name)))
    }
}

/// The return type of a body: nothing, or a `Result` of nothing.
#[diagnostic::on_unimplemented(
    message = "a rule's body returns nothing, or a `Result` of nothing, and this one returns `{Self}`",
    label = "this is a `{Self}`",
    note = "end it with `;`, in braces: `then |grow, ..| {{ ..; }}`; a body that can fail says so: `|grow, ..| -> Result<(), E> {{ ..; Ok(()) }}`, where `E` is an error"
)]
pub trait BodyEnd {
    /// Converts the return value into a result.
    ///
    /// # Errors
    ///
    /// The error of the body.
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

/// For bodies that never return, such as `todo!()`. The type `!` cannot be named in stable Rust, only projected.
#[diagnostic::do_not_recommend]
impl BodyEnd for <fn() -> ! as Returns>::Type {
    fn end(self) -> Result<(), Cause> {
        self
    }
}

/// Projects the return type of a function.
pub trait Returns {
    /// The return type.
    type Type;
}

impl<T> Returns for fn() -> T {
    type Type = T;
}

/// A type-erased body, so that the code around it is compiled once for all rules with the same condition type.
pub(super) type Body<B> = Box<dyn FnMut(&mut Batch, &dyn Host, Who<'_>, B) -> Result<(), Cause> + Send>;

/// Creates a rule that fires once.
pub fn once_rule<M, C, F, R>(head: RuleHead, condition: C, body: F) -> Rule
where
    M: 'static,
    C: Condition,
    F: for<'g> FnOnce(&'g mut Growth<'g, M>, C::Bound) -> R + Send + 'static,
    R: BodyEnd,
{
    let mut body = Some(body);
    let whole: Body<C::Bound> = Box::new(move |batch, host, who, bound| match body.take() {
        Some(body) => body(&mut Growth::new(batch, host, who), bound).end(),
        None => Ok(()),
    });
    rule(head.0, size_of::<F>() > 0, condition, whole)
}

/// Creates a rule that fires for each node that its condition finds.
pub fn each_rule<M, C, F, R>(head: RuleHead, condition: C, mut body: F) -> Rule
where
    M: 'static,
    C: Condition,
    F: for<'g> FnMut(&'g mut Growth<'g, M>, C::Bound) -> R + Send + 'static,
    R: BodyEnd,
{
    let whole: Body<C::Bound> =
        Box::new(move |batch, host, who, bound| body(&mut Growth::new(batch, host, who), bound).end());
    rule(head.0, size_of::<F>() > 0, condition, whole)
}

/// Creates a rule. `captures` is `true` if its body captures values.
pub(super) fn rule<C: Condition>(mut draft: RuleDraft, captures: bool, condition: C, body: Body<C::Bound>) -> Rule {
    condition.declare(&mut draft);
    draft.spec.captures = captures || condition.captures();
    let name = Arc::clone(&draft.spec.name);
    Rule { draft, body: Box::new(TypedRule { name, condition, body, bound: None }) }
}

struct TypedRule<C: Condition> {
    name: Arc<str>,
    condition: C,
    body: Body<C::Bound>,
    bound: Option<C::Bound>,
}

impl<C: Condition> RuleBody for TypedRule<C> {
    fn ask(&mut self, view: &View<'_>) -> bool {
        self.condition.ask(view)
    }

    fn prepare(&mut self, found: &Found<'_>) -> Result<(), Cause> {
        self.bound = Some(self.condition.bound(found)?);
        Ok(())
    }

    fn fire(&mut self, batch: &mut Batch, host: &dyn Host) -> Result<(), Cause> {
        match self.bound.take() {
            Some(bound) => (self.body)(batch, host, Who::Rule(&self.name), bound),
            None => Ok(()),
        }
    }
}
