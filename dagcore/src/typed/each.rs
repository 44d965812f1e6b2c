//! Conditions of rules that fire once for every node of a stage.

use super::condition::{Condition, Found};
use super::draft::RuleDraft;
use super::node::Node;
use super::stage::{Kind, Stage};
use crate::dag::{Cause, Each, NodeError, StageId};
use crate::registry;
use std::marker::PhantomData;
use std::sync::Arc;

/// Fires once for every node of the stage that succeeds: `each(stage)`.
pub fn each<S: Stage>(_: Kind<S>) -> impl Condition<Bound = (Node<S::Output>, Arc<S::Output>)> {
    EachSucceeded { stage: registry::id(S::spec()), output: PhantomData }
}

/// Fires once for every node of the stage that fails: `each_failed(stage)`.
pub fn each_failed<S: Stage>(_: Kind<S>) -> impl Condition<Bound = (Node<S::Output>, Arc<NodeError>)> {
    EachFailed { stage: registry::id(S::spec()), output: PhantomData }
}

/// Generic only over the output of the stage, so that this is compiled once for all stages with the same output.
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
