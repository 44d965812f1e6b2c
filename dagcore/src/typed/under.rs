//! Conditions of rules that fire once for every node of a stage, depending on the nodes below that node.
//!
//! The nodes below a node are those that were added for it, those added for these, and so on: see the lineage in the
//! crate's guide.

use super::condition::{Condition, Found, Lists, Stages};
use super::draft::RuleDraft;
use super::node::Node;
use super::stage::{Kind, Stage};
use crate::dag::{Below, Cause, Each, StageId};
use crate::registry;
use std::marker::PhantomData;

/// Fires for every node of the other stage, once no further node of the stages can appear below it:
/// `closed(stage, ..) under each(other)`.
pub fn closed_under<L: Stages, G: Stage>(
    stages: L,
    group: Kind<G>,
) -> impl Condition<Bound = (Node<G::Output>, L::Nodes)> {
    under(&stages, Below::Closed, group)
}

/// Like [`closed_under`], and all of these nodes have ended: `settled(stage, ..) under each(other)`.
pub fn settled_under<L: Stages, G: Stage>(
    stages: L,
    group: Kind<G>,
) -> impl Condition<Bound = (Node<G::Output>, L::Nodes)> {
    under(&stages, Below::Settled, group)
}

/// Like [`closed_under`], and all of these nodes have succeeded: `done(stage, ..) under each(other)`.
pub fn done_under<L: Stages, G: Stage>(
    stages: L,
    group: Kind<G>,
) -> impl Condition<Bound = (Node<G::Output>, L::Nodes)> {
    under(&stages, Below::Done, group)
}

fn under<L: Stages, G: Stage>(stages: &L, below: Below, _: Kind<G>) -> Under<L::Nodes, G::Output> {
    Under { stages: stages.ids(), below, group: registry::id(G::spec()), found: PhantomData }
}

/// Generic only over the outputs of the stages, so that this is compiled once for all stages with the same outputs.
struct Under<N, T> {
    stages: Vec<StageId>,
    below: Below,
    group: StageId,
    found: PhantomData<fn() -> (N, T)>,
}

impl<N: Lists, T: 'static> Condition for Under<N, T> {
    type Bound = (Node<T>, N);

    fn declare(&self, draft: &mut RuleDraft) {
        draft.spec.each = Each::Under(self.group);
        draft.spec.under.extend(self.stages.iter().map(|stage| (*stage, self.below)));
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        let missing = || Cause::Refused("an `under each` rule was applied to no node".into());
        let node = found.node.ok_or_else(missing)?;
        Ok((Node::new(node, found.tag), N::of(&self.stages, found, Some(node))))
    }
}
