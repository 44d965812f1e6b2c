//! [`Growth`]: adds nodes and rules from a body.

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

/// A handle through which the body of a rule adds nodes and rules. `M` stands for the rule's `adds [..]`: only
/// additions that it declares compile.
///
/// All additions of a body are inserted at once when it returns, or none if it fails or panics. A body runs between
/// nodes, not inside one, so it should only read and append, and leave work to stages.
///
/// A plain function can add nodes too, for any rule that declares the stages that the function adds:
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

/// The origin of additions.
#[derive(Clone, Copy)]
pub(crate) enum Who<'a> {
    Rule(&'a str),
    Stage(&'a str),
    /// The program, through the [`Run`](crate::Run) handle.
    Outside,
}

impl Who<'_> {
    /// Returns the syntax in which the origin declares its additions.
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

    /// Adds a node, and returns its handle. If a node with the key of the call exists, returns the handle of that node.
    pub fn add<C: StageCall>(&mut self, call: C) -> Node<<C::Stage as Stage>::Output>
    where
        M: Allows<C::Stage>,
    {
        let call = call.into_call();
        let under = below(self.batch, self.host, self.who, C::Stage::spec(), M::KEYED, call.options.as_deref());
        let keyed = |key: Key<'_>, prints: &Prints| self.host.keyed(key, prints);
        self.batch.add(call, &Adder { who: &self.who, keyed: &keyed, under })
    }

    /// Adds one node for each element of a node's output list, and returns the handle of the list of their outputs, in
    /// the order of the elements. See [`Workflow::map`](crate::Workflow::map).
    ///
    /// A map is a rule that needs no declaration. A running stage cannot register rules, so it cannot map; a generic
    /// function that maps over a growth needs the bound `M: OfRule`.
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

    /// Keeps the output of a node until the end of the run, for the report; see
    /// [`Workflow::keep`](crate::Workflow::keep). An output that was already dropped cannot be restored.
    pub fn keep(&mut self, node: impl Into<AnyNode>) {
        self.batch.keep(node.into(), &self.who);
    }

    /// Registers a rule without a name. The rule that this body belongs to must declare it with `adds [.., Rule]`, and
    /// the new rule must not declare more additions than that rule.
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

    /// Registers rules with names, each of which must be listed in the `adds [..]` of the rule that this body belongs
    /// to.
    ///
    /// The additions of these rules need not be listed there again.
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
    /// A rule that fires for each node of a stage applies to the whole run, regardless of which body registers it. So
    /// it can be registered only once; a second registration would fire twice for each node, and is a failure of the
    /// rule that attempts it. A rule about the findings of one body should be a rule without a name, which captures the
    /// handle: see [`Self::rule`].
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

    /// Calls `look` with a view of the current graph, without the pending additions of this body. The run is paused
    /// meanwhile, so `look` should read and return, and must not query a [`Run`](crate::Run). (It borrows the growth
    /// mutably, so that nothing can be added from inside.)
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

/// Checks a call against the declared keys of its stage, and returns the node below which its key is unique. Not
/// generic, so that it is compiled once.
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

/// Records a problem, unless it repeats the last one, as in a loop.
fn note(batch: &mut Batch, problem: String) {
    if batch.problems.last() != Some(&problem) {
        batch.problems.push(problem);
    }
}
