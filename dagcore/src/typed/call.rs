//! Calls of stages, before they are nodes.

use super::node::AnyNode;
use super::stage::Stage;
use crate::dag::{NodeError, Prints, Rank};
use crate::port::{AttemptPolicy, Backoff};
use std::fmt::Display;
use std::time::Duration;

/// A call of a stage, to be added to a workflow or through a growth. `stage::new(..)` makes one.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn greet(name: &str) -> String {
///     format!("Hello, {name}!")
/// }
///
/// let mut flow = Workflow::new("greetings");
/// let first = flow.add(greet::new("Ada").named("first"));
/// flow.add(greet::new("Grace").after(first));
/// # flow.run_blocking()?;
/// # Ok::<(), dagcore::Error>(())
/// ```
#[must_use = "a call does nothing until it is added"]
pub struct Call<S: Stage> {
    pub(crate) inputs: S::Inputs,
    /// Apart, because most calls have none of these.
    pub(crate) options: Option<Box<CallOptions>>,
}

#[derive(Default)]
pub(crate) struct CallOptions {
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
    /// What can be told of the inputs, when there is a key.
    pub(crate) prints: Prints,
    pub(crate) after: Vec<AnyNode>,
    pub(crate) attempt_policy: Option<Box<AttemptPolicy>>,
    /// How much it takes of pools, in place of what its stage says of them.
    pub(crate) pools: Vec<(String, u32)>,
    pub(crate) rank: Option<Box<Rank>>,
}

impl CallOptions {
    pub(crate) fn key(&self) -> Option<(&String, &Prints)> {
        self.key.as_ref().map(|key| (key, &self.prints))
    }
}

/// A call of `S` with these inputs.
pub fn call<S: Stage>(inputs: S::Inputs) -> Call<S> {
    Call { inputs, options: None }
}

impl<S: Stage> Call<S> {
    /// Waits for a node too, or for each node of a list, without reading its output; like for an input, it is skipped
    /// when such a node does not succeed.
    pub fn after(mut self, nodes: impl IntoNodes) -> Self {
        nodes.add_to(&mut self.options().after);
        self
    }

    /// Gives the node a name: for pictures and messages, for rules that wait for `named("..")`, and to find it
    /// in the report. Names need not be unique unless they are looked up.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.options().name = Some(name.into());
        self
    }

    /// Gives the node a key, which is its identity among the nodes of its stage: adding a call with the key of
    /// a node that exists gives the handle of that node and adds nothing.
    ///
    /// The key decides the inputs: two calls with one key are taken for the same call, and a later one with other
    /// inputs is an error that names both who added them. (Values are compared when they can be hashed, handles with
    /// handles.) Anything that can be displayed can be a key; two keys are the same when their texts are.
    pub fn key(mut self, key: impl Display) -> Self {
        let prints = S::prints(&self.inputs);
        let options = self.options();
        options.key = Some(key.to_string());
        options.prints = prints;
        self
    }

    /// How urgent the node is, whatever its stage says: of the nodes that could start, those with the highest priority start
    /// first, and among them the [`StartOrder`](crate::StartOrder) decides. It is 0 where nobody says it.
    pub fn priority(mut self, priority: i32) -> Self {
        let rank = self.rank();
        *rank = rank.priority(priority);
        self
    }

    /// How long the node is expected to take, whatever its stage says: for the order by the
    /// [critical path](crate::StartOrder::CriticalPath).
    pub fn expected(mut self, time: Duration) -> Self {
        let rank = self.rank();
        *rank = rank.expected(time);
        self
    }

    /// Tries the node again so often after a failure, whatever its stage says; 0 for not at all.
    pub fn retries(mut self, retries: u32) -> Self {
        self.attempt_policy().retries = Some(retries);
        self
    }

    /// How long the delays before the further attempts are.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.attempt_policy().backoff = Some(backoff);
        self
    }

    /// Which failures are tried again: those for which this is true.
    pub fn retry_if(mut self, retry_if: fn(&NodeError) -> bool) -> Self {
        self.attempt_policy().retry_if = Some(retry_if);
        self
    }

    /// How long each attempt may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.attempt_policy().timeout = Some(timeout);
        self
    }

    /// How long all attempts together may take, with the delays between them.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.attempt_policy().deadline = Some(deadline);
        self
    }

    /// Takes so much of a pool of the [workflow](crate::Workflow::pool) while it runs, in place of what its stage says of this
    /// pool.
    pub fn pool(mut self, name: impl Into<String>, share: u32) -> Self {
        self.options().pools.push((name.into(), share));
        self
    }

    fn rank(&mut self) -> &mut Rank {
        self.options().rank.get_or_insert_default()
    }

    fn attempt_policy(&mut self) -> &mut AttemptPolicy {
        self.options().attempt_policy.get_or_insert_default()
    }

    fn options(&mut self) -> &mut CallOptions {
        self.options.get_or_insert_default()
    }
}

/// What [`Call::after`] takes: a handle, or a list of handles.
#[diagnostic::on_unimplemented(
    message = "`after` takes the handle of a node, or a list of handles, and this is `{Self}`",
    label = "neither a handle nor a list of handles",
    note = "write `.after(node)` with what `add` returned, or `.after([one.untyped(), two.untyped()])` for nodes with outputs of different types"
)]
pub trait IntoNodes {
    #[doc(hidden)]
    fn add_to(self, list: &mut Vec<AnyNode>);
}

#[diagnostic::do_not_recommend]
impl<N: Into<AnyNode>> IntoNodes for N {
    fn add_to(self, list: &mut Vec<AnyNode>) {
        list.push(self.into());
    }
}

macro_rules! lists {
    ($(<$($life:lifetime,)? $(const $n:ident)?> $list:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($life,)? N: Copy + Into<AnyNode>, $(const $n: usize)?> IntoNodes for $list {
            fn add_to(self, list: &mut Vec<AnyNode>) {
                list.extend(self.iter().map(|node| (*node).into()));
            }
        }
    )*};
}

lists!(<> Vec<N>, <'a,> &'a Vec<N>, <'a,> &'a [N], <const K> [N; K]);

/// What can be added: a [`Call`], which `stage::new(..)` makes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a call of a stage",
    label = "not a call of a stage",
    note = "to add a node, write `stage_name::new(..)`: `stage_name(..)` calls the function itself"
)]
pub trait StageCall {
    /// The stage that is called.
    type Stage: Stage;

    /// The call.
    fn into_call(self) -> Call<Self::Stage>;
}

impl<S: Stage> StageCall for Call<S> {
    type Stage = S;

    fn into_call(self) -> Call<S> {
        self
    }
}
