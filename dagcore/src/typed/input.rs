//! The input of a call: a value, or handles of nodes whose outputs become the value.

use super::node::{AnyNode, Node};
use super::outcome::{Gathered, Outcome};
use crate::dag::{Cause, Need, NodeState, Print};
use crate::port::Sources;
use foldhash::fast::{FixedState, FoldHasher};
use std::ffi::{CStr, CString, OsStr, OsString};
use std::hash::{BuildHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An input for a parameter that takes a `T`. Created by [`IntoInput`].
pub struct Input<T>(Source<T>);

/// Returns the hasher of fingerprints. They are only compared, never looked up: if the hashes of two inputs collide,
/// their difference is not reported, and nothing else happens.
pub(super) fn hasher() -> FoldHasher {
    FixedState::default().build_hasher()
}

/// Every variant but the value takes one word, so that inputs, which are copied on their way to a stage, are small.
enum Source<T> {
    Value(T),
    Shared(Arc<T>),
    Node(Node<T>),
    Late(Box<Box<dyn Late<T>>>),
    /// The node has no output of type `T`, for this reason.
    #[expect(clippy::box_collection, reason = "it is rare, and takes one word")]
    Missing(Box<String>),
}

/// An input that is computed from several nodes, or from the result of a node.
pub(super) trait Late<T>: Send {
    fn edges(&self, add: &mut dyn FnMut(AnyNode, Need));
    fn bind(&mut self, sources: Sources<'_>);
    /// Returns the value, or the reason why it does not exist.
    fn load(self: Box<Self>) -> Result<T, String>;
}

impl<T> Input<T> {
    /// Resolves the input to a value, regardless of its source.
    ///
    /// # Errors
    ///
    /// If an output does not have the type of its handle, which is possible only if the handle is from a failed firing.
    #[inline]
    pub(crate) fn load(&mut self) -> Result<(), Box<Cause>> {
        match &self.0 {
            Source::Value(_) | Source::Shared(_) => Ok(()),
            _ => self.load_late(),
        }
    }

    fn load_late(&mut self) -> Result<(), Box<Cause>> {
        let why = match std::mem::replace(&mut self.0, Source::Missing(Box::default())) {
            Source::Late(late) => match late.load() {
                Ok(value) => {
                    self.0 = Source::Value(value);
                    return Ok(());
                }
                Err(why) => why,
            },
            Source::Missing(why) => *why,
            _ => "an input was not bound".to_owned(),
        };
        Err(Box::new(Cause::Refused(why.into())))
    }

    /// Returns a copy of the resolved input that shares its value.
    pub(crate) fn again(&mut self) -> Self {
        let shared = match std::mem::replace(&mut self.0, Source::Missing(Box::default())) {
            Source::Value(value) => Arc::new(value),
            Source::Shared(value) => value,
            _ => not_loaded(),
        };
        self.0 = Source::Shared(Arc::clone(&shared));
        Self(Source::Shared(shared))
    }

    /// Returns the value for a parameter of type `&T`.
    #[inline]
    pub fn as_ref_value(&self) -> &T {
        match &self.0 {
            Source::Value(value) => value,
            Source::Shared(value) => value,
            _ => not_loaded(),
        }
    }

    /// Returns the value for a parameter of type `T`: moved if there is no other reader, cloned otherwise.
    #[inline]
    pub fn into_value(self) -> T
    where
        T: Clone,
    {
        match self.0 {
            Source::Value(value) => value,
            Source::Shared(value) => Arc::unwrap_or_clone(value),
            _ => not_loaded(),
        }
    }
}

/// Unreachable: a job resolves its inputs before it starts.
#[cold]
fn not_loaded() -> ! {
    unreachable!("inputs are loaded before a stage starts")
}

impl<T> Input<T> {
    pub(super) fn value(value: T) -> Self {
        Self(Source::Value(value))
    }

    /// Calls `add` for each node that the input depends on.
    pub(crate) fn edges(&self, add: &mut dyn FnMut(AnyNode, Need)) {
        match &self.0 {
            Source::Node(node) => add((*node).into(), Need::Success),
            Source::Late(late) => late.edges(add),
            Source::Value(_) | Source::Shared(_) | Source::Missing(_) => {}
        }
    }

    /// Returns the fingerprint of the input: computed from the handles if it has any, and from a value by `of_value`.
    pub(super) fn print(&self, of_value: impl FnOnce(&T) -> Print) -> Print {
        match &self.0 {
            Source::Value(value) => of_value(value),
            Source::Shared(value) => of_value(value),
            Source::Node(_) | Source::Late(_) => {
                let mut hasher = hasher();
                self.edges(&mut |node, _| node.id().hash(&mut hasher));
                Print::nodes(hasher.finish())
            }
            Source::Missing(_) => Print::UNKNOWN,
        }
    }
}

impl<T: Send + Sync + 'static> Input<T> {
    /// Binds the outputs of these nodes.
    #[inline]
    pub(crate) fn bind(&mut self, sources: Sources<'_>) {
        match &mut self.0 {
            Source::Node(node) => {
                let output = sources.outputs.share(node.id());
                self.0 = output.map_or_else(|| Source::Missing(Box::new(missing(*node, sources))), Source::Shared);
            }
            Source::Late(late) => late.bind(sources),
            Source::Value(_) | Source::Shared(_) | Source::Missing(_) => {}
        }
    }

    pub(super) fn late(late: impl Late<T> + 'static) -> Self {
        Self(Source::Late(Box::new(Box::new(late))))
    }
}

/// A value that can be passed to a stage's parameter of type `T`: a `T`, a `Node<T>`, or a list of `Node<E>` for a
/// `Vec<E>` or a `Gathered<E>`.
///
/// | parameter | takes |
/// |---|---|
/// | `T`, `&T`, `Arc<T>` | a `T`, an `Arc<T>`, a `Node<T>` |
/// | `String`, `&str` | also a `&str` |
/// | `PathBuf`, `&Path` | also a `&Path` or a `&str` |
/// | `OsString`, `&OsStr` | also a `&OsStr` or a `&str` |
/// | `CString`, `&CStr` | also a `&CStr` |
/// | `Vec<E>`, `&[E]` | also a slice or array of `E`; a `Vec`, slice or array of `Node<E>`, if `E` is `Clone` |
/// | `Gathered<E>` | a `Vec`, slice or array of `Node<E>`; the `Node<Vec<E>>` that `map` gives |
/// | `Outcome<T>` | a `Node<T>` |
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be given to a parameter that takes a `{T}`",
    label = "this is neither a `{T}` nor the handle of a node that gives one",
    note = "pass a `{T}`, or a handle `Node<{T}>` that `add` or `map` returned",
    note = "an `Outcome<E>` takes one handle, `Node<E>`; a `Gathered<E>`, or a `Vec<E>` whose `E` is `Clone`, takes a list of handles: for the one node `n`, write `[n]`",
    note = "of an output that a body looks at, pass a clone, or the node's handle"
)]
pub trait IntoInput<T> {
    /// Converts the value into an input.
    fn into_input(self) -> Input<T>;
}

#[diagnostic::do_not_recommend]
impl<T> IntoInput<T> for T {
    fn into_input(self) -> Input<T> {
        Input(Source::Value(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T> IntoInput<T> for Arc<T> {
    fn into_input(self) -> Input<T> {
        Input(Source::Shared(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T> IntoInput<T> for Node<T> {
    fn into_input(self) -> Input<T> {
        Input(Source::Node(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone> IntoInput<Vec<T>> for &[T] {
    fn into_input(self) -> Input<Vec<T>> {
        Input(Source::Value(self.to_vec()))
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> IntoInput<Vec<String>> for [&str; N] {
    fn into_input(self) -> Input<Vec<String>> {
        Input(Source::Value(self.map(str::to_owned).into()))
    }
}

#[diagnostic::do_not_recommend]
impl<T, const N: usize> IntoInput<Vec<T>> for [T; N] {
    fn into_input(self) -> Input<Vec<T>> {
        Input(Source::Value(self.into()))
    }
}

/// The results of a list's elements: of each node of a list that `map` made, or of the single node of any other list.
#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> IntoInput<Gathered<T>> for Node<Vec<T>> {
    fn into_input(self) -> Input<Gathered<T>> {
        Input::late(Elements { list: self, ended: Ended::Not })
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> IntoInput<Outcome<T>> for Node<T> {
    fn into_input(self) -> Input<Outcome<T>> {
        Input::late(End { node: self, outcome: Err(String::new()) })
    }
}

macro_rules! converted {
    ($($from:ty => $to:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoInput<$to> for $from {
            fn into_input(self) -> Input<$to> {
                Input(Source::Value(self.into()))
            }
        }
    )*};
}

converted!(
    &str => String, &String => String,
    &str => PathBuf, &Path => PathBuf, String => PathBuf, &PathBuf => PathBuf,
    &str => OsString, &OsStr => OsString, String => OsString, &CStr => CString,
);

macro_rules! lists {
    ($(<$($life:lifetime,)? $(const $n:ident)?> $list:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($life,)? T: Clone + Send + Sync + 'static, $(const $n: usize)?> IntoInput<Vec<T>> for $list {
            fn into_input(self) -> Input<Vec<T>> {
                Input::late(List { nodes: self.to_vec(), outputs: Ok(Vec::new()) })
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($life,)? T: Send + Sync + 'static, $(const $n: usize)?> IntoInput<Gathered<T>> for $list {
            fn into_input(self) -> Input<Gathered<T>> {
                Input::late(Ends { nodes: self.to_vec(), outcomes: Ok(Vec::new()) })
            }
        }
    )*};
}

lists!(<> Vec<Node<T>>, <'a,> &'a Vec<Node<T>>, <'a,> &'a [Node<T>], <const N> [Node<T>; N]);

/// Returns the reason why the output of a node cannot be passed to a dependent.
pub(super) fn missing<T>(node: Node<T>, sources: Sources<'_>) -> String {
    if sources.graph.is_dropped(node.id()) {
        return sources.graph.dropped(node.id());
    }
    format!(
        "an input is not a `{}`: its handle was returned by a firing that failed, and is invalid now",
        std::any::type_name::<T>()
    )
}

/// The outputs of several nodes.
struct List<T> {
    nodes: Vec<Node<T>>,
    outputs: Result<Vec<Arc<T>>, String>,
}

impl<T: Clone + Send + Sync + 'static> Late<Vec<T>> for List<T> {
    fn edges(&self, add: &mut dyn FnMut(AnyNode, Need)) {
        self.nodes.iter().for_each(|node| add((*node).into(), Need::Success));
    }

    fn bind(&mut self, sources: Sources<'_>) {
        let share = |node: &Node<T>| sources.outputs.share(node.id()).ok_or_else(|| missing(*node, sources));
        self.outputs = self.nodes.iter().map(share).collect();
    }

    fn load(self: Box<Self>) -> Result<Vec<T>, String> {
        Ok(self.outputs?.into_iter().map(Arc::unwrap_or_clone).collect())
    }
}

/// The result of a node.
struct End<T> {
    node: Node<T>,
    outcome: Result<Outcome<T>, String>,
}

impl<T: Send + Sync + 'static> Late<Outcome<T>> for End<T> {
    fn edges(&self, add: &mut dyn FnMut(AnyNode, Need)) {
        add(self.node.into(), Need::End);
    }

    fn bind(&mut self, sources: Sources<'_>) {
        self.outcome = outcome(self.node, sources);
    }

    fn load(self: Box<Self>) -> Result<Outcome<T>, String> {
        self.outcome
    }
}

/// The results of several nodes.
struct Ends<T> {
    nodes: Vec<Node<T>>,
    outcomes: Result<Vec<Outcome<T>>, String>,
}

impl<T: Send + Sync + 'static> Late<Gathered<T>> for Ends<T> {
    fn edges(&self, add: &mut dyn FnMut(AnyNode, Need)) {
        self.nodes.iter().for_each(|node| add((*node).into(), Need::End));
    }

    fn bind(&mut self, sources: Sources<'_>) {
        self.outcomes = self.nodes.iter().map(|node| outcome(*node, sources)).collect();
    }

    fn load(self: Box<Self>) -> Result<Gathered<T>, String> {
        self.outcomes.map(Gathered::new)
    }
}

/// The results of the elements of a list.
struct Elements<T> {
    list: Node<Vec<T>>,
    ended: Ended<T>,
}

enum Ended<T> {
    Not,
    /// For a broken list that `map` made: the result of each node.
    Each(Result<Vec<Outcome<T>>, String>),
    /// For any other list: the result of its single node.
    Whole(Result<Outcome<Vec<T>>, String>),
}

impl<T: Clone + Send + Sync + 'static> Late<Gathered<T>> for Elements<T> {
    fn edges(&self, add: &mut dyn FnMut(AnyNode, Need)) {
        add(self.list.into(), Need::End);
    }

    fn bind(&mut self, sources: Sources<'_>) {
        let (list, tag) = (self.list, self.list.untyped().tag);
        let whole = sources.graph.state(list.id()) == Some(NodeState::Succeeded);
        let Some(mut nodes) = sources.graph.gathered(list.id()).filter(|_| !whole) else {
            self.ended = Ended::Whole(outcome(list, sources));
            return;
        };
        // Elements of a cancelled list that have not ended count as cancelled with it.
        let has_ended = |node| sources.graph.state(node).is_some_and(NodeState::is_settled);
        self.ended = Ended::Each(nodes.try_fold(Vec::new(), |mut outcomes, node| {
            match has_ended(node) {
                true => outcomes.push(outcome(Node::new(node, tag), sources)?),
                false => outcomes.extend(outcome(list, sources)?.into_elements()),
            }
            Ok(outcomes)
        }));
    }

    fn load(self: Box<Self>) -> Result<Gathered<T>, String> {
        let outcomes = match self.ended {
            Ended::Not => Err("an input was not bound".to_owned()),
            Ended::Each(outcomes) => outcomes,
            Ended::Whole(outcome) => outcome.map(Outcome::into_elements),
        };
        outcomes.map(Gathered::new)
    }
}

fn outcome<T: Send + Sync + 'static>(node: Node<T>, sources: Sources<'_>) -> Result<Outcome<T>, String> {
    Outcome::of(node.id(), sources).ok_or_else(|| missing(node, sources))
}
