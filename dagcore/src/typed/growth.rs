//! The handle through which a rule's body appends.

use super::allows::Allows;
use super::batch::{Batch, Host, Rule};
use super::call::StageCall;
use super::node::Node;
use super::stage::Stage;
use super::view::View;
use std::marker::PhantomData;

/// What a rule's body appends through. `M` stands for the rule's `adds [..]`: only what is named there compiles.
///
/// All that a body adds is taken in together when it returns, or not at all if it fails or panics. A body runs
/// between nodes, not in place of one: let it look and append, and leave work to stages.
///
/// A plain function can append too, for any rule that declares what it needs:
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn half(n: u64) -> u64 {
///     n / 2
/// }
///
/// /// A part of a workflow, for every rule that may add `half`.
/// fn quarter<M: Allows<half>>(grow: &mut Growth<'_, M>, n: u64) -> Node<u64> {
///     let first = grow.add(half::new(n));
///     grow.add(half::new(first))
/// }
///
/// let mut flow = Workflow::new("quarters");
/// let start = flow.add(half::new(84_u64));
/// flow.rule(rule! {
///     when done(start),
///     adds [half],
///     then |grow, n| { quarter(grow, *n); }
/// });
/// let report = flow.run_blocking()?;
/// assert_eq!(report.all::<half>().copied().collect::<Vec<_>>(), [42, 21, 10]);
/// # Ok::<(), dagcore::Error>(())
/// ```
pub struct Growth<'a, M> {
    batch: &'a mut Batch,
    host: &'a dyn Host,
    rule: &'a str,
    marker: PhantomData<fn() -> M>,
}

impl<'a, M> Growth<'a, M> {
    pub(crate) fn new(batch: &'a mut Batch, host: &'a dyn Host, rule: &'a str) -> Self {
        Self { batch, host, rule, marker: PhantomData }
    }

    /// Adds a node, and gives its handle. A call with the key of a node that exists gives that node's handle.
    pub fn add<C: StageCall>(&mut self, call: C) -> Node<<C::Stage as Stage>::Output>
    where
        M: Allows<C::Stage>,
    {
        let call = call.into_call();
        let has_key = call.options.as_ref().is_some_and(|options| options.key.is_some());
        let stage = C::Stage::spec().name();
        match <M as Allows<C::Stage>>::KEYED {
            Some(true) if !has_key => self.problem(format!(
                "rule `{}` declares `{stage} by key` and adds one without a key: write `{stage}::new(..).key(..)`",
                self.rule
            )),
            Some(false) if has_key => self.problem(format!(
                "rule `{}` declares `{stage}` and adds one with a key: write `{stage} by key` in its `adds [..]`",
                self.rule
            )),
            _ => {}
        }
        self.batch.add(call, Some(self.host))
    }

    /// Adds one node for each element of a list that a node will give, and gives the handle of the list of
    /// their outputs, in the order of the elements. See [`Workflow::map`](crate::Workflow::map).
    pub fn map<T, C, F>(&mut self, list: Node<Vec<T>>, item: F) -> Node<Vec<<C::Stage as Stage>::Output>>
    where
        T: Clone + Send + Sync + 'static,
        C: StageCall,
        <C::Stage as Stage>::Output: Clone,
        F: FnMut(T) -> C + Send + 'static,
        M: Allows<C::Stage>,
    {
        if <M as Allows<C::Stage>>::KEYED == Some(true) {
            let stage = C::Stage::spec().name();
            self.problem(format!(
                "rule `{}` declares `{stage} by key` and maps over it, which adds a node of its own for each element: \
                 declare `{stage}`, or add each with a key",
                self.rule
            ));
        }
        self.batch.map(list, item)
    }

    /// Registers a further rule. It must not declare more than the rule whose body registers it.
    pub fn rule(&mut self, rule: Rule) {
        self.batch.rule(rule);
    }

    /// Looks at the graph as it is now, without what this body has added. The run stands still meanwhile: look, and
    /// return. (It takes the growth by `&mut`, so that nothing is added from inside.)
    pub fn view<R>(&mut self, look: impl FnOnce(&View<'_>) -> R) -> R {
        let mut look = Some(look);
        let mut seen = None;
        self.host.view(&mut |view| seen = look.take().map(|look| look(view)));
        seen.expect("a host shows itself once")
    }

    fn problem(&mut self, problem: String) {
        self.batch.problems.push(problem);
    }
}
