//! What nodes gave, by node. The machine does not look at it.

use super::failure::quietly;
use super::id::NodeId;
use std::any::Any;
use std::sync::Arc;

/// An output whose type only its stage knows.
pub type Value = Arc<dyn Any + Send + Sync>;

/// What to say of an output that is gone, after naming it.
pub(crate) const DROPPED: &str = "was dropped, because nothing that was known could read it any more: keep it with \
     `keep::<stage>()` of the workflow, or `keep(node)` of the growth that adds it";

/// The outputs of a run's nodes.
#[derive(Default)]
pub struct Outputs {
    values: Vec<Option<Value>>,
}

impl Outputs {
    /// Makes room for so many nodes more.
    pub(crate) fn reserve(&mut self, nodes: usize) {
        self.values.resize(self.values.len() + nodes, None);
    }

    /// Keeps what `node` gave.
    pub fn set(&mut self, node: NodeId, value: Value) {
        if self.values.len() <= node.index() {
            self.values.resize(node.index() + 1, None);
        }
        self.values[node.index()] = Some(value);
    }

    /// Gives back what `node` gave, and keeps it no longer.
    pub fn take(&mut self, node: NodeId) -> Option<Value> {
        self.values.get_mut(node.index())?.take()
    }

    /// What `node` gave, when that is a `T`.
    pub fn get<T: Send + Sync + 'static>(&self, node: NodeId) -> Option<&T> {
        self.values.get(node.index())?.as_ref()?.downcast_ref()
    }

    /// What `node` gave, shared, when that is a `T`.
    pub fn share<T: Send + Sync + 'static>(&self, node: NodeId) -> Option<Arc<T>> {
        self.values.get(node.index())?.clone()?.downcast().ok()
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        self.values.drain(..).for_each(quietly);
    }
}
