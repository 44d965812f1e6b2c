//! What a rule waits for, as values that know what they hand to the body.

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

/// A condition, and the type of what it found.
pub trait Condition: Send + 'static {
    /// What the body is given.
    type Bound: Send + 'static;

    /// Writes down what is waited for.
    fn declare(&self, draft: &mut RuleDraft);

    /// What was found, when the rule is to fire.
    ///
    /// # Errors
    ///
    /// When a node's output is not what its handle promised.
    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause>;

    /// Whether the predicate captures something.
    fn captures(&self) -> bool {
        false
    }

    /// Asks the predicate, where there is one.
    fn ask(&mut self, _view: &View<'_>) -> bool {
        true
    }
}

/// The run at the moment a rule is to fire.
pub struct Found<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) outputs: &'a Outputs,
    pub(crate) tag: TagId,
    /// The node of an `each` rule.
    pub(crate) node: Option<NodeId>,
}

impl Found<'_> {
    pub(crate) fn output<T: Send + Sync + 'static>(&self, node: NodeId) -> Result<Arc<T>, Cause> {
        self.outputs.share(node).ok_or_else(|| {
            let graph = self.machine.graph();
            let why = if graph.is_dropped(node) {
                graph.dropped(node)
            } else {
                format!("the output of `{}` is no `{}`", Name(&graph.name(node)), std::any::type_name::<T>())
            };
            Cause::Refused(why.into())
        })
    }

    pub(crate) fn error(&self, node: NodeId) -> Result<Arc<NodeError>, Cause> {
        let error = self.machine.graph().error(node).cloned().map(Arc::new);
        error.ok_or_else(|| Cause::Refused(format!("`{}` did not fail", Name(&self.machine.graph().name(node))).into()))
    }
}

/// What a condition waits for a node by.
#[diagnostic::on_unimplemented(
    message = "a condition waits for a node by its handle, and this is `{Self}`",
    label = "not a handle of a node",
    note = "write `done(node)` with what `add` returned, and `done(one, two)` for several; for every node of a stage, write `each(stage)`"
)]
pub trait Handle<T> {
    /// The handle.
    fn node(self) -> Node<T>;
}

impl<T> Handle<T> for Node<T> {
    fn node(self) -> Self {
        self
    }
}

/// The handle that was written in a condition. Apart from the condition, so that what is none is told once.
pub fn handle<N: Handle<T>, T>(node: N) -> Node<T> {
    node.node()
}

/// Some handles of nodes, as a tuple.
pub trait Handles: Send + 'static {
    /// Their outputs.
    type Outputs: Send + 'static;
    /// How they ended.
    type Outcomes: Send + 'static;

    /// Waits for all of them.
    fn declare(&self, draft: &mut RuleDraft, condition: fn(NodeId) -> dag::Condition);
    /// What they gave.
    ///
    /// # Errors
    ///
    /// When an output is not what its handle promised.
    fn outputs(&self, found: &Found<'_>) -> Result<Self::Outputs, Cause>;
    /// How they ended.
    ///
    /// # Errors
    ///
    /// When an output is not what its handle promised.
    fn outcomes(&self, found: &Found<'_>) -> Result<Self::Outcomes, Cause>;
}

/// Some stages, as a tuple.
pub trait Stages: Send + 'static {
    /// Lists of handles of their nodes.
    type Nodes: Lists;

    /// Which they are.
    fn ids(&self) -> Vec<StageId>;
}

/// Lists of handles, one for each of some stages, as a tuple.
pub trait Lists: Send + 'static {
    /// The nodes of these stages, in lineage order: those below the node `above`, or all of them.
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

/// `done(a, b, ..)`: these nodes succeeded.
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

/// `settled(a, b, ..)`: these nodes ended, however that was.
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

/// `count(stage) >= n`: so many nodes of the stage exist.
pub fn count<S: Stage>(_: Kind<S>, wanted: usize) -> impl Condition<Bound = Vec<Node<S::Output>>> {
    Count { stage: registry::id(S::spec()), wanted, done: false, output: PhantomData }
}

/// `count_done(stage) >= n`: so many nodes of the stage succeeded.
pub fn count_done<S: Stage>(_: Kind<S>, wanted: usize) -> impl Condition<Bound = Vec<Node<S::Output>>> {
    Count { stage: registry::id(S::spec()), wanted, done: true, output: PhantomData }
}

/// Of the stage only what it gives is a type, here and below, so that this is compiled once for all that give the same.
struct Count<T> {
    stage: StageId,
    wanted: usize,
    /// Only those that succeeded count.
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

/// `closed(stage, ..)`: no further node of these stages can appear.
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

/// `failed(node)`: this node failed.
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

/// `named("x")`: a node of this name exists.
pub fn named(name: impl Into<String>) -> Named {
    Named(name.into())
}

/// The condition [`named`].
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

/// `|view| ..`: the predicate says so.
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

/// Both of two conditions.
pub struct And<A, B>(A, B);

/// `a && b`.
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
