//! The conditions that make a rule fire once for every node of a stage.

use super::condition::{Condition, Found};
use super::draft::RuleDraft;
use super::node::Node;
use super::stage::{Kind, Stage};
use crate::dag::{Cause, Each, NodeError};
use crate::registry;
use std::marker::PhantomData;
use std::sync::Arc;

/// `each(stage)`: once for every node of the stage that succeeds.
pub fn each<S: Stage>(_: Kind<S>) -> impl Condition<Bound = (Node<S::Output>, Arc<S::Output>)> {
    EachSucceeded::<S>(PhantomData)
}

/// `each_failed(stage)`: once for every node of the stage that fails.
pub fn each_failed<S: Stage>(_: Kind<S>) -> impl Condition<Bound = (Node<S::Output>, Arc<NodeError>)> {
    EachFailed::<S>(PhantomData)
}

struct EachSucceeded<S>(PhantomData<fn() -> S>);
struct EachFailed<S>(PhantomData<fn() -> S>);

impl<S: Stage> Condition for EachSucceeded<S> {
    type Bound = (Node<S::Output>, Arc<S::Output>);

    fn declare(&self, draft: &mut RuleDraft) {
        draft.spec.each = Each::Succeeded(registry::id(S::spec()));
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        let node = found.node.ok_or_else(unbound)?;
        Ok((Node::new(node, found.tag), found.output(node)?))
    }
}

impl<S: Stage> Condition for EachFailed<S> {
    type Bound = (Node<S::Output>, Arc<NodeError>);

    fn declare(&self, draft: &mut RuleDraft) {
        draft.spec.each = Each::Failed(registry::id(S::spec()));
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        let node = found.node.ok_or_else(unbound)?;
        Ok((Node::new(node, found.tag), found.error(node)?))
    }
}

fn unbound() -> Cause {
    Cause::Refused("an `each` rule was applied to no node".to_owned())
}
