//! The conditions that make a rule fire once for every node of a stage, when what is below that node allows it.
//!
//! Below a node are those that were added for it, for those, and so on: see the lineage in the crate's guide.

use super::condition::{Condition, Found, Stages};
use super::draft::RuleDraft;
use super::node::Node;
use super::stage::{Kind, Stage};
use crate::dag::{Below, Cause, Each};
use crate::registry;

/// `closed(stage, ..) under each(other)`: once for every node of the other stage, when no further node of these can
/// appear below it.
pub fn closed_under<L: Stages, G: Stage>(stages: L, _: Kind<G>) -> impl Condition<Bound = (Node<G::Output>, L::Nodes)> {
    Under { stages, below: Below::Closed, group: Kind::<G>::default() }
}

/// `settled(stage, ..) under each(other)`: and all of them have ended.
pub fn settled_under<L: Stages, G: Stage>(
    stages: L,
    _: Kind<G>,
) -> impl Condition<Bound = (Node<G::Output>, L::Nodes)> {
    Under { stages, below: Below::Settled, group: Kind::<G>::default() }
}

/// `done(stage, ..) under each(other)`: and all of them have succeeded.
pub fn done_under<L: Stages, G: Stage>(stages: L, _: Kind<G>) -> impl Condition<Bound = (Node<G::Output>, L::Nodes)> {
    Under { stages, below: Below::Done, group: Kind::<G>::default() }
}

struct Under<L, G> {
    stages: L,
    below: Below,
    group: Kind<G>,
}

impl<L: Stages, G: Stage> Condition for Under<L, G> {
    type Bound = (Node<G::Output>, L::Nodes);

    fn declare(&self, draft: &mut RuleDraft) {
        draft.spec.each = Each::Under(registry::id(G::spec()));
        draft.spec.under.extend(self.stages.ids().into_iter().map(|stage| (stage, self.below)));
    }

    fn bound(&self, found: &Found<'_>) -> Result<Self::Bound, Cause> {
        let missing = || Cause::Refused("an `under each` rule was applied to no node".to_owned());
        let node = found.node.ok_or_else(missing)?;
        Ok((Node::new(node, found.tag), L::nodes(found, Some(node))))
    }
}
