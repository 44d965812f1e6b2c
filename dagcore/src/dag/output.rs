//! What nodes gave, by node. The machine does not look at it.

use super::failure::quietly;
use super::id::NodeId;
use std::any::Any;
use std::sync::Arc;

/// An output whose type only its stage knows.
pub type Value = Arc<dyn Any + Send + Sync>;

/// The outputs of a run's nodes.
#[derive(Default)]
pub struct Outputs {
    values: Vec<Option<Value>>,
}

impl Outputs {
    /// Keeps what `node` gave.
    pub fn set(&mut self, node: NodeId, value: Value) {
        if self.values.len() <= node.index() {
            self.values.resize(node.index() + 1, None);
        }
        self.values[node.index()] = Some(value);
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
