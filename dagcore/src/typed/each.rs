//! The conditions that make a rule fire once for every node of a stage.

use super::condition::{Condition, Found};
use super::draft::RuleDraft;
use super::node::Node;
use super::stage::{Kind, Stage};
use crate::dag::{Cause, Each, NodeError, StageId};
use crate::registry;
use std::marker::PhantomData;
use std::sync::Arc;

/// `each(stage)`: once for every node of the stage that succeeds.
pub fn each<S: Stage>(_: Kind<S>) -> impl Condition<Bound = (Node<S::Output>, Arc<S::Output>)> {
    EachSucceeded { stage: registry::id(S::spec()), output: PhantomData }
}

/// `each_failed(stage)`: once for every node of the stage that fails.
pub fn each_failed<S: Stage>(_: Kind<S>) -> impl Condition<Bound = (Node<S::Output>, Arc<NodeError>)> {
    EachFailed { stage: registry::id(S::spec()), output: PhantomData }
}

/// Of the stage only what it gives is a type, so that this is compiled once for all that give the same.
struct EachSucceeded<T> {
    stage: StageId,
    output: PhantomData<fn() -> T>,
}

struct EachFailed<T> {
    stage: StageId,
    output: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Condition for EachSucceeded<T> {
    type Bound = (Node<T>, Arc<T>);

    fn declare(&self, draft: &mut RuleDraft) {
        draft.spec.each = Each::Succeeded(self.stage);
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        let node = found.node.ok_or_else(unbound)?;
        Ok((Node::new(node, found.tag), found.output(node)?))
    }
}

impl<T: Send + Sync + 'static> Condition for EachFailed<T> {
    type Bound = (Node<T>, Arc<NodeError>);

    fn declare(&self, draft: &mut RuleDraft) {
        draft.spec.each = Each::Failed(self.stage);
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        let node = found.node.ok_or_else(unbound)?;
        Ok((Node::new(node, found.tag), found.error(node)?))
    }
}

fn unbound() -> Cause {
    Cause::Refused("an `each` rule was applied to no node".into())
}
