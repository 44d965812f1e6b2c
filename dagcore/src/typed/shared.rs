//! Inputs for a parameter `Arc<T>`, which shares an output. It accepts nodes that return a `T`, because outputs are
//! shared anyway.

use super::input::{Input, IntoInput, Late, missing};
use super::node::{AnyNode, Node};
use crate::dag::Need;
use crate::port::Sources;
use std::sync::Arc;

#[diagnostic::do_not_recommend]
impl<T> IntoInput<Arc<T>> for T {
    fn into_input(self) -> Input<Arc<T>> {
        Input::value(Arc::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> IntoInput<Arc<T>> for Node<T> {
    fn into_input(self) -> Input<Arc<T>> {
        Input::late(Share { node: self, output: Err(String::new()) })
    }
}

/// A shared output of a node.
struct Share<T> {
    node: Node<T>,
    output: Result<Arc<T>, String>,
}

impl<T: Send + Sync + 'static> Late<Arc<T>> for Share<T> {
    fn edges(&self, add: &mut dyn FnMut(AnyNode, Need)) {
        add(self.node.into(), Need::Success);
    }

    fn bind(&mut self, sources: Sources<'_>) {
        self.output = sources.outputs.share(self.node.id()).ok_or_else(|| missing(self.node, sources));
    }

    fn load(self: Box<Self>) -> Result<Arc<T>, String> {
        self.output
    }
}
