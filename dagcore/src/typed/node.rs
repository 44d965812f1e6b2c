//! Handles of nodes.

use crate::dag::{Name, NodeId};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Identifies the workflow that a handle belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TagId(u32);

static NAMES: Mutex<BTreeMap<u32, Arc<str>>> = Mutex::new(BTreeMap::new());

/// The identity of a workflow. While it lives, the name of the workflow can be looked up from any of its handles.
pub struct Tag {
    id: TagId,
    name: Arc<str>,
}

impl Tag {
    /// Creates a new identity.
    pub fn new(name: Arc<str>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        NAMES.lock().insert(id, Arc::clone(&name));
        Self { id: TagId(id), name }
    }

    /// Returns the identifier that the workflow's handles carry.
    pub fn id(&self) -> TagId {
        self.id
    }

    /// Returns the name of the workflow.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }
}

impl Drop for Tag {
    fn drop(&mut self) {
        NAMES.lock().remove(&self.id.0);
    }
}

impl TagId {
    /// Describes the workflow, for messages.
    pub(crate) fn describe(self) -> String {
        match NAMES.lock().get(&self.0) {
            Some(name) => format!("workflow `{}`", Name(name)),
            None => "a workflow that is gone".to_owned(),
        }
    }
}

/// A handle of a node whose output is a `T`.
///
/// Handles are small and `Copy`. Pass one to other calls as an input, to `.after(..)`, or to the report. A handle is
/// valid only in the workflow that returned it; in any other workflow it causes an error that names both.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn one() -> u32 {
///     1
/// }
///
/// #[stage]
/// fn double(n: u32) -> u32 {
///     2 * n
/// }
///
/// let mut flow = Workflow::new("numbers");
/// let first: Node<u32> = flow.add(one::new());
/// let second = flow.add(double::new(first));
/// assert_eq!(*flow.run_blocking()?.output(second)?, 2);
/// # Ok::<(), dagcore::Error>(())
/// ```
pub struct Node<T> {
    any: AnyNode,
    output: PhantomData<fn() -> T>,
}

/// A handle of a node whose output has an unknown type.
///
/// Every [`Node<T>`] converts into one with `into()`. The condition `named("..")` passes one to the body, which can
/// wait for the node or look up its type:
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn word(text: String) -> String {
///     text
/// }
///
/// let mut flow = Workflow::new("words");
/// flow.add(word::new("hello").named("greeting"));
/// flow.rule(rule! {
///     when named("greeting"), adds [word],
///     then |grow, node| {
///         grow.add(word::new("afterwards").after(node));
///         if let Some(word) = grow.view(|view| view.typed::<word>(node)) {
///             grow.add(word::new(word));
///         }
///     }
/// });
/// let report = flow.run_blocking()?;
/// assert_eq!(report.outputs::<word>()?.collect::<Vec<_>>(), ["hello", "afterwards", "hello"]);
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnyNode {
    pub(crate) id: NodeId,
    pub(crate) tag: TagId,
}

impl<T> Node<T> {
    pub(crate) fn new(id: NodeId, tag: TagId) -> Self {
        Self { any: AnyNode { id, tag }, output: PhantomData }
    }

    /// Returns the handle without its type.
    pub fn untyped(self) -> AnyNode {
        self.any
    }

    /// Returns the position of the node in the order in which nodes were added to the run.
    pub fn id(self) -> NodeId {
        self.any.id
    }
}

impl AnyNode {
    /// Returns the position of the node in the order in which nodes were added to the run.
    pub fn id(self) -> NodeId {
        self.id
    }
}

impl<T> From<Node<T>> for AnyNode {
    fn from(node: Node<T>) -> Self {
        node.any
    }
}

impl<T> Clone for Node<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Node<T> {}

impl<T> PartialEq for Node<T> {
    fn eq(&self, other: &Self) -> bool {
        self.any == other.any
    }
}

impl<T> Eq for Node<T> {}

impl<T> Hash for Node<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.any.hash(state);
    }
}

impl<T> fmt::Debug for Node<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node<{}>({})", std::any::type_name::<T>(), self.any.id)
    }
}

impl fmt::Debug for AnyNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyNode({})", self.id)
    }
}
