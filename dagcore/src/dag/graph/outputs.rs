//! The outputs of nodes, by node. The machine does not read them.

use crate::dag::base::errors::quietly;
use crate::dag::base::escaping::Name;
use crate::dag::base::ids::NodeId;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// An output; only its stage knows the type.
pub type Value = Arc<dyn Any + Send + Sync>;

/// Displays, after the name of a node, that its output was dropped, and how to keep the outputs of this stage.
pub(crate) struct Dropped<'a>(pub(crate) &'a str);

impl fmt::Display for Dropped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "was dropped, because nothing that was known could read it any more: keep it with `keep::<{}>()` of the \
             workflow, or `keep(node)` of the growth that adds it",
            Name(self.0)
        )
    }
}

/// The outputs of a run's nodes.
#[derive(Default)]
pub struct Outputs {
    values: Vec<Option<Value>>,
}

impl Outputs {
    /// Stores the output of `node`.
    #[inline]
    pub fn set(&mut self, node: NodeId, value: Value) {
        match node.index().checked_sub(self.values.len()) {
            None => self.values[node.index()] = Some(value),
            Some(ahead) => {
                self.values.extend((0..ahead).map(|_| None));
                self.values.push(Some(value));
            }
        }
    }

    /// Removes and returns the output of `node`.
    pub fn take(&mut self, node: NodeId) -> Option<Value> {
        self.values.get_mut(node.index())?.take()
    }

    /// Returns the output of `node`, if it is a `T`.
    pub fn get<T: Send + Sync + 'static>(&self, node: NodeId) -> Option<&T> {
        self.values.get(node.index())?.as_ref()?.downcast_ref()
    }

    /// Returns the output of `node`, shared, if it is a `T`.
    #[inline]
    pub fn share<T: Send + Sync + 'static>(&self, node: NodeId) -> Option<Arc<T>> {
        self.values.get(node.index())?.clone()?.downcast().ok()
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        self.values.drain(..).for_each(quietly);
    }
}
