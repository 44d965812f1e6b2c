//! The handle through which a rule's body appends.

use super::allows::{Allows, Keyed, OfRule};
use super::batch::{Adder, Batch, Host};
use super::call::{CallOptions, StageCall};
use super::inline::InlineRule;
use super::item::{AllowedBy, Registers, Rules};
use super::node::{AnyNode, Node};
use super::stage::Stage;
use super::view::View;
use crate::dag::{Each, Key, Name, NodeId, Prints};
use crate::port::StageSpec;
use crate::registry;
use std::fmt;
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
/// let mut flow = Workflow::new("quarters").keep::<half>();
/// let start = flow.add(half::new(84_u64));
/// flow.rule(rule! {
///     when done(start),
///     adds [half],
///     then |grow, n| { quarter(grow, *n); }
/// });
/// let report = flow.run_blocking()?;
/// assert_eq!(report.outputs::<half>()?.copied().collect::<Vec<_>>(), [42, 21, 10]);
/// # Ok::<(), dagcore::Error>(())
/// ```
pub struct Growth<'a, M> {
    batch: &'a mut Batch,
    host: &'a dyn Host,
    who: Who<'a>,
    marker: PhantomData<fn() -> M>,
}

/// Who adds.
#[derive(Clone, Copy)]
pub(crate) enum Who<'a> {
    Rule(&'a str),
    Stage(&'a str),
    /// Whoever has the run in the hand.
    Outside,
}

impl Who<'_> {
    /// Where it says what it adds.
    fn list(self) -> &'static str {
        match self {
            Self::Rule(_) | Self::Outside => "adds [..]",
            Self::Stage(_) => "adds(..)",
        }
    }
}

impl fmt::Display for Who<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(name) => write!(f, "rule `{}`", Name(name)),
            Self::Stage(name) => write!(f, "stage `{}`", Name(name)),
            Self::Outside => write!(f, "the program"),
        }
    }
}

impl<'a, M> Growth<'a, M> {
    pub(crate) fn new(batch: &'a mut Batch, host: &'a dyn Host, who: Who<'a>) -> Self {
        Self { batch, host, who, marker: PhantomData }
    }

    /// Adds a node, and gives its handle. A call with the key of a node that exists gives that node's handle.
    pub fn add<C: StageCall>(&mut self, call: C) -> Node<<C::Stage as Stage>::Output>
    where
        M: Allows<C::Stage>,
    {
        let call = call.into_call();
        let under = below(self.batch, self.host, self.who, C::Stage::spec(), M::KEYED, call.options.as_deref());
        let keyed = |key: Key<'_>, prints: &Prints| self.host.keyed(key, prints);
        self.batch.add(call, &Adder { who: &self.who, keyed: &keyed, under })
    }

    /// Adds one node for each element of a list that a node will give, and gives the handle of the list of
    /// their outputs, in the order of the elements. See [`Workflow::map`](crate::Workflow::map).
    ///
    /// A map is a rule, though one that nobody needs to declare, so a stage that runs cannot make one: a function
    /// over a growth that maps asks for `M: OfRule`.
    pub fn map<T, C, F>(&mut self, list: Node<Vec<T>>, item: F) -> Node<Vec<<C::Stage as Stage>::Output>>
    where
        T: Clone + Send + Sync + 'static,
        C: StageCall,
        <C::Stage as Stage>::Output: Clone,
        F: FnMut(T) -> C + Send + 'static,
        M: OfRule + Allows<C::Stage>,
    {
        if let keyed @ (Keyed::Yes | Keyed::Under(_)) = <M as Allows<C::Stage>>::KEYED {
            let stage = Name(C::Stage::spec().name());
            self.problem(format!(
                "{} declares `{stage} {keyed}` and maps over it, which adds a node of its own for each element: \
                 declare `{stage}`, or add each with a key",
                self.who
            ));
        }
        self.batch.map(list, item)
    }

    /// Keeps a node's output to the end of the run, for the report; see [`Workflow::keep`](crate::Workflow::keep). An
    /// output that is gone already stays gone.
    pub fn keep(&mut self, node: impl Into<AnyNode>) {
        self.batch.keep(node.into(), &self.who);
    }

    /// Registers a further rule, one without a name, which the rule whose body this is allows by `adds [.., Rule]`.
    /// It must not declare more than that rule.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn half(n: u64) -> u64 {
    ///     n / 2
    /// }
    ///
    /// let mut flow = Workflow::new("quarters");
    /// let start = flow.add(half::new(84_u64));
    /// flow.rule(rule! {
    ///     when done(start), adds [half, Rule],
    ///     then |grow, n| {
    ///         let second = grow.add(half::new(*n));
    ///         grow.rule(rule! {
    ///             when done(second), adds [half],
    ///             then |grow, n| if n % 3 == 0 { grow.add(half::new(second)); }
    ///         });
    ///     }
    /// });
    /// assert_eq!(flow.run_blocking()?.len(), 3);
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    pub fn rule(&mut self, rule: impl InlineRule)
    where
        M: Registers,
    {
        self.batch.rule(rule.into_rule());
    }

    /// Registers further rules that have names, all of which stand in the `adds [..]` of the rule whose body this is.
    ///
    /// What they add need not stand there once more.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn half(n: u64) -> u64 {
    ///     n / 2
    /// }
    ///
    /// #[stage]
    /// fn note(text: String) -> String {
    ///     text
    /// }
    ///
    /// rule! {
    ///     tell: when each(half), adds [note],
    ///     then |grow, _node, n| { grow.add(note::new(format!("half is {n}"))); }
    /// }
    ///
    /// let mut flow = Workflow::new("halves");
    /// let start = flow.add(half::new(84_u64));
    /// flow.rule(rule! {
    ///     when done(start), adds [tell],
    ///     then |grow, n| if *n > 40 { grow.rules(rules![tell]); }
    /// });
    /// assert_eq!(flow.run_blocking()?.only::<note>()?, "half is 42");
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    ///
    /// A rule that fires for each node of a stage looks at the whole run, whoever registers it. So it is registered once;
    /// a second time is a failure of the rule whose body does it, because it would fire twice for all it finds. A rule
    /// that is about what this body found is one without a name, which captures the handle: see [`Self::rule`].
    pub fn rules<L: AllowedBy<M>>(&mut self, rules: Rules<L>) {
        for (item, _, rule) in rules.rules {
            if rule.draft.spec.each != Each::Once && !self.batch.first_of(item, self.host) {
                let (who, name) = (self.who, Name(&rule.draft.spec.name));
                self.problem(format!(
                    "{who} registers rule `{name}`, which is registered already and would fire twice for all it finds: \
                     register it once, or write it without a name where it stands, with the handle of the node that it \
                     is about"
                ));
            }
            self.batch.rule(rule);
        }
    }

    /// Looks at the graph as it is now, without what this body has added. The run stands still meanwhile: look, and
    /// return, and do not ask a [`Run`](crate::Run) from inside. (It takes the growth by `&mut`, so that nothing is added from inside.)
    pub fn view<R>(&mut self, look: impl FnOnce(&View<'_>) -> R) -> R {
        let mut look = Some(look);
        let mut seen = None;
        let mut gone = None;
        self.host.view(&mut |view| {
            seen = look.take().map(|look| look(view));
            gone = view.gone();
        });
        gone.into_iter().for_each(|gone| self.problem(gone));
        seen.expect("a host shows itself once")
    }

    fn problem(&mut self, problem: String) {
        note(self.batch, problem);
    }
}

/// Holds a call to how its stage was declared, and finds the node below which its key is unique. Compiled once, too.
fn below(
    batch: &mut Batch,
    host: &dyn Host,
    who: Who<'_>,
    spec: &'static StageSpec,
    keyed: Keyed,
    options: Option<&CallOptions>,
) -> Option<NodeId> {
    let (stage, has_key) = (Name(spec.name()), options.is_some_and(|options| options.key.is_some()));
    match keyed {
        Keyed::Yes | Keyed::Under(_) if !has_key => note(
            batch,
            format!("{who} declares `{stage} {keyed}` and adds one without a key: write `{stage}::new(..).key(..)`"),
        ),
        Keyed::No if has_key => note(
            batch,
            format!("{who} declares `{stage}` and adds one with a key: write `{stage} by key` in its `{}`", who.list()),
        ),
        Keyed::Under(group) => {
            let group = group();
            let under = host.above(batch.parent, group);
            if under.is_none() {
                let group = Name(registry::describe(group).name);
                note(
                    batch,
                    format!(
                        "{who} declares `{stage} {keyed}`, and what it adds for has no `{group}` above it in the \
                         lineage: declare `{stage} by key`"
                    ),
                );
            }
            return under;
        }
        _ => {}
    }
    None
}

/// Notes a problem. A loop may meet the same one again and again.
fn note(batch: &mut Batch, problem: String) {
    if batch.problems.last() != Some(&problem) {
        batch.problems.push(problem);
    }
}
