//! Calls of stages, which become nodes when they are added.

use super::node::AnyNode;
use super::stage::Stage;
use crate::dag::{NodeError, Prints, Rank};
use crate::port::{AttemptPolicy, Backoff};
use std::fmt::Display;
use std::time::Duration;

/// A call of a stage, which can be added to a workflow or through a [`Growth`](crate::Growth). Created by
/// `stage::new(..)`.
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
    /// Boxed, because most calls have no options.
    pub(crate) options: Option<Box<CallOptions>>,
}

#[derive(Default)]
pub(crate) struct CallOptions {
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
    /// The fingerprints of the inputs, if the call has a key.
    pub(crate) prints: Prints,
    pub(crate) after: Vec<AnyNode>,
    pub(crate) attempt_policy: Option<Box<AttemptPolicy>>,
    /// Units taken from pools, which override those of the stage.
    pub(crate) pools: Vec<(String, u32)>,
    pub(crate) rank: Option<Box<Rank>>,
}

impl CallOptions {
    pub(crate) fn key(&self) -> Option<(&String, &Prints)> {
        self.key.as_ref().map(|key| (key, &self.prints))
    }
}

/// Creates a call of `S` with these inputs.
pub fn call<S: Stage>(inputs: S::Inputs) -> Call<S> {
    Call { inputs, options: None }
}

impl<S: Stage> Call<S> {
    /// Adds a dependency on a node, or on each node of a list, without reading its output. As with an input, the new
    /// node is skipped if such a node does not succeed.
    pub fn after(mut self, nodes: impl IntoNodes) -> Self {
        nodes.add_to(&mut self.options().after);
        self
    }

    /// Sets the name of the node, which appears in pictures and messages, can be waited for with `named("..")`, and
    /// finds the node in the report. Names need not be unique unless they are looked up.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.options().name = Some(name.into());
        self
    }

    /// Sets the key of the node: its identity among the nodes of its stage. Adding a call with the key of an existing
    /// node returns the handle of that node and adds nothing.
    ///
    /// The key must determine the inputs: two calls with the same key are treated as the same call, and a later one
    /// with different inputs is an error that names the origins of both. Values are compared if they can be hashed, and
    /// handles with handles. Any type that implements `Display` can be a key; two keys are equal if their texts are.
    pub fn key(mut self, key: impl Display) -> Self {
        let prints = S::prints(&self.inputs);
        let options = self.options();
        options.key = Some(key.to_string());
        options.prints = prints;
        self
    }

    /// Sets the priority of the node, and overrides the one of its stage. Ready nodes with the highest priority start
    /// first; among nodes of equal priority the [`StartOrder`](crate::StartOrder) decides. The default is 0.
    pub fn priority(mut self, priority: i32) -> Self {
        let rank = self.rank();
        *rank = rank.priority(priority);
        self
    }

    /// Sets the expected duration of the node, and overrides the one of its stage. The
    /// [critical path](crate::StartOrder::CriticalPath) order uses it.
    pub fn expected(mut self, time: Duration) -> Self {
        let rank = self.rank();
        *rank = rank.expected(time);
        self
    }

    /// Sets the maximum number of retries after failures, and overrides the one of its stage; 0 for no retries.
    pub fn retries(mut self, retries: u32) -> Self {
        self.attempt_policy().retries = Some(retries);
        self
    }

    /// Sets the delays before retries.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.attempt_policy().backoff = Some(backoff);
        self
    }

    /// Retries only failures for which the function returns `true`.
    pub fn retry_if(mut self, retry_if: fn(&NodeError) -> bool) -> Self {
        self.attempt_policy().retry_if = Some(retry_if);
        self
    }

    /// Sets the maximum duration of one attempt.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.attempt_policy().timeout = Some(timeout);
        self
    }

    /// Sets the maximum duration of all attempts together, including the delays between them.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.attempt_policy().deadline = Some(deadline);
        self
    }

    /// Takes `share` units of a [pool](crate::Workflow::pool) while the node runs, and overrides what the stage
    /// declares for this pool.
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

/// The argument of [`Call::after`]: a handle, or a list of handles.
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

/// A value that can be added as a node: a [`Call`], which `stage::new(..)` creates.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a call of a stage",
    label = "not a call of a stage",
    note = "to add a node, write `stage_name::new(..)`: `stage_name(..)` calls the function itself"
)]
pub trait StageCall {
    /// The called stage.
    type Stage: Stage;

    /// Converts the value into the call.
    fn into_call(self) -> Call<Self::Stage>;
}

impl<S: Stage> StageCall for Call<S> {
    type Stage = S;

    fn into_call(self) -> Call<S> {
        self
    }
}
