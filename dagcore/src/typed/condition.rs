//! The conditions of rules, each typed by the values that it passes to the body.

use super::draft::RuleDraft;
use super::node::{AnyNode, Node, TagId};
use super::outcome::Outcome;
use super::stage::{Kind, Stage};
use super::view::View;
use crate::dag::{self, Cause, Machine, Name, NodeError, NodeId, Outputs, StageId};
use crate::port::Sources;
use crate::registry;
use std::marker::PhantomData;
use std::sync::Arc;

/// A condition of a rule.
pub trait Condition: Send + 'static {
    /// The values that are passed to the body.
    type Bound: Send + 'static;

    /// Adds the condition to the declaration of its rule.
    fn declare(&self, draft: &mut RuleDraft);

    /// Returns the values for the body, when the rule fires.
    ///
    /// # Errors
    ///
    /// If the output of a node does not have the type of its handle.
    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause>;

    /// Returns `true` if the predicate captures values.
    fn captures(&self) -> bool {
        false
    }

    /// Evaluates the predicate; `true` if there is none.
    fn ask(&mut self, _view: &View<'_>) -> bool {
        true
    }
}

/// The state of the run when a rule fires.
pub struct Found<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) outputs: &'a Outputs,
    pub(crate) tag: TagId,
    /// The node that an `each` rule fires for.
    pub(crate) node: Option<NodeId>,
}

impl Found<'_> {
    pub(crate) fn output<T: Send + Sync + 'static>(&self, node: NodeId) -> Result<Arc<T>, Cause> {
        self.outputs.share(node).ok_or_else(|| {
            let graph = self.machine.graph();
            let why = if graph.is_dropped(node) {
                graph.dropped(node)
            } else {
                format!("the output of `{}` is not a `{}`", Name(&graph.name(node)), std::any::type_name::<T>())
            };
            Cause::Refused(why.into())
        })
    }

    pub(crate) fn error(&self, node: NodeId) -> Result<Arc<NodeError>, Cause> {
        let error = self.machine.graph().error(node).cloned().map(Arc::new);
        error.ok_or_else(|| Cause::Refused(format!("`{}` did not fail", Name(&self.machine.graph().name(node))).into()))
    }
}

/// The handle of a node in a condition.
#[diagnostic::on_unimplemented(
    message = "a condition waits for a node by its handle, and this is `{Self}`",
    label = "not a handle of a node",
    note = "write `done(node)` with what `add` returned, and `done(one, two)` for several; for every node of a stage, write `each(stage)`"
)]
pub trait Handle<T> {
    /// Returns the handle.
    fn node(self) -> Node<T>;
}

impl<T> Handle<T> for Node<T> {
    fn node(self) -> Self {
        self
    }
}

/// Returns the handle written in a condition. Separate from the condition, so that anything else is reported once.
pub fn handle<N: Handle<T>, T>(node: N) -> Node<T> {
    node.node()
}

/// A tuple of handles of nodes.
pub trait Handles: Send + 'static {
    /// The outputs of the nodes.
    type Outputs: Send + 'static;
    /// The results of the nodes.
    type Outcomes: Send + 'static;

    /// Adds a condition for each node to the declaration.
    fn declare(&self, draft: &mut RuleDraft, condition: fn(NodeId) -> dag::Condition);
    /// Returns the outputs of the nodes.
    ///
    /// # Errors
    ///
    /// If an output does not have the type of its handle.
    fn outputs(&self, found: &Found<'_>) -> Result<Self::Outputs, Cause>;
    /// The results of the nodes.
    ///
    /// # Errors
    ///
    /// If an output does not have the type of its handle.
    fn outcomes(&self, found: &Found<'_>) -> Result<Self::Outcomes, Cause>;
}

/// A tuple of stages.
pub trait Stages: Send + 'static {
    /// The lists of handles of the stages' nodes.
    type Nodes: Lists;

    /// Returns the numbers of the stages.
    fn ids(&self) -> Vec<StageId>;
}

/// A tuple of lists of handles, one list for each stage.
pub trait Lists: Send + 'static {
    /// Returns the nodes of the stages in lineage order: those below the node `above`, or all of them.
    fn of(stages: &[StageId], found: &Found<'_>, above: Option<NodeId>) -> Self;
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: Send + Sync + 'static),+> Handles for ($(Node<$name>,)+) {
            type Outputs = ($(Arc<$name>,)+);
            type Outcomes = ($(Outcome<$name>,)+);

            #[expect(non_snake_case, reason = "one name serves the type and the value")]
            fn declare(&self, draft: &mut RuleDraft, condition: fn(NodeId) -> dag::Condition) {
                let ($($name,)+) = self;
                $(draft.wait_for(*$name, condition);)+
            }

            #[expect(non_snake_case, reason = "one name serves the type and the value")]
            fn outputs(&self, found: &Found<'_>) -> Result<Self::Outputs, Cause> {
                let ($($name,)+) = self;
                Ok(($(found.output($name.id())?,)+))
            }

            #[expect(non_snake_case, reason = "one name serves the type and the value")]
            fn outcomes(&self, found: &Found<'_>) -> Result<Self::Outcomes, Cause> {
                let ($($name,)+) = self;
                let sources = Sources { graph: found.machine.graph(), outputs: found.outputs };
                let missing = || Cause::Refused("an output is not what its handle promised".into());
                Ok(($(Outcome::of($name.id(), sources).ok_or_else(missing)?,)+))
            }
        }

        impl<$($name: Stage),+> Stages for ($(Kind<$name>,)+) {
            type Nodes = ($(Vec<Node<$name::Output>>,)+);

            fn ids(&self) -> Vec<StageId> {
                vec![$(registry::id($name::spec())),+]
            }
        }

        impl<$($name: 'static),+> Lists for ($(Vec<Node<$name>>,)+) {
            fn of(stages: &[StageId], found: &Found<'_>, above: Option<NodeId>) -> Self {
                let mut stages = stages.iter();
                ($(in_lineage_order::<$name>(stages.next(), found, above),)+)
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);

fn in_lineage_order<T>(stage: Option<&StageId>, found: &Found<'_>, above: Option<NodeId>) -> Vec<Node<T>> {
    let nodes = stage.map(|stage| match above {
        Some(above) => found.machine.below(above, *stage),
        None => found.machine.in_lineage_order(*stage),
    });
    nodes.into_iter().flatten().map(|id| Node::new(id, found.tag)).collect()
}

/// Waits until these nodes have succeeded: `done(a, b, ..)`.
pub fn done<H: Handles>(handles: H) -> impl Condition<Bound = H::Outputs> {
    Done(handles)
}

struct Done<H>(H);

impl<H: Handles> Condition for Done<H> {
    type Bound = H::Outputs;

    fn declare(&self, draft: &mut RuleDraft) {
        self.0.declare(draft, dag::Condition::Done);
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        self.0.outputs(found)
    }
}

/// Waits until these nodes have ended, with any result: `settled(a, b, ..)`.
pub fn settled<H: Handles>(handles: H) -> impl Condition<Bound = H::Outcomes> {
    Settled(handles)
}

struct Settled<H>(H);

impl<H: Handles> Condition for Settled<H> {
    type Bound = H::Outcomes;

    fn declare(&self, draft: &mut RuleDraft) {
        self.0.declare(draft, dag::Condition::Settled);
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        self.0.outcomes(found)
    }
}

/// Waits until `wanted` nodes of the stage exist: `count(stage) >= n`.
pub fn count<S: Stage>(_: Kind<S>, wanted: usize) -> impl Condition<Bound = Vec<Node<S::Output>>> {
    Count { stage: registry::id(S::spec()), wanted, done: false, output: PhantomData }
}

/// Waits until `wanted` nodes of the stage have succeeded: `count_done(stage) >= n`.
pub fn count_done<S: Stage>(_: Kind<S>, wanted: usize) -> impl Condition<Bound = Vec<Node<S::Output>>> {
    Count { stage: registry::id(S::spec()), wanted, done: true, output: PhantomData }
}

/// Generic only over the output of the stage, here and below, so that this is compiled once for all stages with the
/// same output.
struct Count<T> {
    stage: StageId,
    wanted: usize,
    /// `true` if only succeeded nodes are counted.
    done: bool,
    output: PhantomData<fn() -> T>,
}

impl<T: 'static> Condition for Count<T> {
    type Bound = Vec<Node<T>>;

    fn declare(&self, draft: &mut RuleDraft) {
        let condition = if self.done { dag::Condition::CountDone } else { dag::Condition::Count };
        draft.wait(condition(self.stage, self.wanted));
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        let graph = found.machine.graph();
        let counts = |id: &&NodeId| !self.done || graph.state(**id) == Some(dag::NodeState::Succeeded);
        let nodes = graph.nodes_of(self.stage).iter().filter(counts).take(self.wanted);
        Ok(nodes.map(|id| Node::new(*id, found.tag)).collect())
    }
}

/// Waits until no further node of these stages can appear: `closed(stage, ..)`.
pub fn closed<L: Stages>(stages: L) -> impl Condition<Bound = L::Nodes> {
    Closed { stages: stages.ids(), nodes: PhantomData::<fn() -> L::Nodes> }
}

struct Closed<N> {
    stages: Vec<StageId>,
    nodes: PhantomData<fn() -> N>,
}

impl<N: Lists> Condition for Closed<N> {
    type Bound = N;

    fn declare(&self, draft: &mut RuleDraft) {
        self.stages.iter().for_each(|stage| draft.wait(dag::Condition::Closed(*stage)));
    }

    fn bound(&self, found: &Found<'_>) -> Result<N, Cause> {
        Ok(N::of(&self.stages, found, None))
    }
}

/// Waits until this node has failed: `failed(node)`.
pub fn failed<T: Send + Sync + 'static>(node: Node<T>) -> impl Condition<Bound = Arc<NodeError>> {
    Failed(node)
}

struct Failed<T>(Node<T>);

impl<T: Send + Sync + 'static> Condition for Failed<T> {
    type Bound = Arc<NodeError>;

    fn declare(&self, draft: &mut RuleDraft) {
        draft.wait_for(self.0, dag::Condition::Failed);
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        found.error(self.0.id())
    }
}

/// Waits until a node with this name exists: `named("x")`.
pub fn named(name: impl Into<String>) -> Named {
    Named(name.into())
}

/// The condition of [`named`].
pub struct Named(String);

impl Condition for Named {
    type Bound = AnyNode;

    fn declare(&self, draft: &mut RuleDraft) {
        draft.wait(dag::Condition::Named(self.0.clone()));
    }

    fn bound(&self, found: &Found<'_>) -> Result<AnyNode, Cause> {
        let id = found.machine.graph().named(&self.0).first().copied();
        let id = id.ok_or_else(|| Cause::Refused(format!("no node is named `{}`", Name(&self.0)).into()))?;
        Ok(AnyNode { id, tag: found.tag })
    }
}

/// Waits until the predicate returns `true`: `|view| ..`.
pub fn predicate<F: FnMut(&View<'_>) -> bool + Send + 'static>(ask: F) -> impl Condition<Bound = ()> {
    Predicate(ask)
}

struct Predicate<F>(F);

impl<F: FnMut(&View<'_>) -> bool + Send + 'static> Condition for Predicate<F> {
    type Bound = ();

    fn declare(&self, draft: &mut RuleDraft) {
        draft.spec.predicate = true;
    }

    fn bound(&self, _: &Found<'_>) -> Result<(), Cause> {
        Ok(())
    }

    fn captures(&self) -> bool {
        size_of::<F>() > 0
    }

    fn ask(&mut self, view: &View<'_>) -> bool {
        (self.0)(view)
    }
}

/// The conjunction of two conditions.
pub struct And<A, B>(A, B);

/// Waits until both conditions hold: `a && b`.
pub fn and<A: Condition, B: Condition>(first: A, second: B) -> And<A, B> {
    And(first, second)
}

impl<A: Condition, B: Condition> Condition for And<A, B> {
    type Bound = (A::Bound, B::Bound);

    fn declare(&self, draft: &mut RuleDraft) {
        self.0.declare(draft);
        self.1.declare(draft);
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        Ok((self.0.bound(found)?, self.1.bound(found)?))
    }

    fn captures(&self) -> bool {
        self.0.captures() || self.1.captures()
    }

    fn ask(&mut self, view: &View<'_>) -> bool {
        self.0.ask(view) && self.1.ask(view)
    }
}
