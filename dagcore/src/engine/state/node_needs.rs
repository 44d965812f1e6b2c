//! Giving nodes what they need to run, and taking it back.

use super::admission::permits::{Lacks, Resources, Waits};
use super::run_state::State;
use super::settings::needs;
use crate::dag::{Cause, Event, Hold, NodeId, NodeState, StageId, Time};
use crate::registry;

impl State {
    /// Whether anything is asked of the attempts to run a node.
    #[inline]
    pub(crate) fn asks(&mut self, node: NodeId, stage: StageId) -> bool {
        match self.attempts.asks(node, stage) {
            Some(asks) => asks,
            None => self.meet(node, stage),
        }
    }

    /// A stage whose nodes are the first to be run.
    #[cold]
    fn meet(&mut self, node: NodeId, stage: StageId) -> bool {
        let needs = needs(&self.needs, stage);
        if !needs.is_none() {
            self.careful = true;
            self.resources.meet(stage, registry::describe(stage).name, needs);
        }
        self.attempts.look_up(stage);
        self.attempts.asks(node, stage).unwrap_or_default()
    }

    /// Whether a node that was ready and has been taken may start: somebody has let it, and it is given what it needs. If
    /// not, it waits for that.
    #[cold]
    pub(crate) fn admits(&mut self, node: NodeId, stage: StageId, at: Time) -> bool {
        if !self.attempts.is_in_time(node, at) {
            self.fail_late(node, stage, at);
            return false;
        }
        let given = self.gate.as_mut().is_none_or(|gate| gate.lets(node, self.later.wakers()))
            && self.is_given(node, stage, at);
        if given {
            self.gate.iter_mut().for_each(|gate| gate.pass(node));
        }
        given
    }

    /// A node's deadline has passed before its next attempt could begin.
    fn fail_late(&mut self, node: NodeId, stage: StageId, at: Time) {
        let after = self.attempts.policy(node, stage).deadline.unwrap_or_default();
        self.forget_needs(node);
        self.commit(&Event::Started { node, at });
        self.fail(node, stage, Cause::TimedOut { after, deadline: true }, at);
    }

    /// Whether a node is given what it needs. One that needs what nobody has fails.
    pub(crate) fn is_given(&mut self, node: NodeId, stage: StageId, at: Time) -> bool {
        match self.resources.take(node, stage, at) {
            Ok(given) => given,
            Err(why) => {
                self.commit(&Event::Started { node, at });
                self.fail(node, stage, Cause::Refused(why.into()), at);
                false
            }
        }
    }

    /// A node has come to its end, and gives back what it had; those who waited for that can run.
    pub(crate) fn give_back(&mut self, node: NodeId, at: Time) {
        self.serve(|resources, waits| resources.give_back(node, at, waits));
    }

    /// A node was cancelled, and needs nothing any more.
    pub(crate) fn forget_needs(&mut self, node: NodeId) {
        let at = self.latest;
        self.serve(|resources, waits| resources.forget(node, at, waits));
    }

    /// The turn of those has come who waited for it.
    pub(crate) fn give_turns(&mut self, now: Time) {
        self.serve(|resources, waits| resources.turn(now, waits));
    }

    /// Lets nodes run that are given what they need. `serve` is told of a node that waits for that which stage it has.
    fn serve(&mut self, serve: impl FnOnce(&mut Resources, Waits<'_>) -> Vec<NodeId>) {
        let graph = self.machine.graph();
        let waits = |node| graph.stage(node).filter(|_| graph.state(node) == Some(NodeState::Ready));
        let given = serve(&mut self.resources, &waits);
        self.machine.give_back(&given);
    }

    /// What a node lacks that is ready.
    pub(crate) fn lack(&self, node: NodeId, at: Time) -> Option<Hold> {
        if self.gate.as_ref().is_some_and(|gate| gate.holds(node)) {
            return Some(Hold::Decision);
        }
        Some(match self.resources.lacks(node)? {
            Lacks::Pool { name, used, size } => Hold::Pool { name: name.to_owned(), used, size },
            Lacks::Place { stage, limit } => Hold::StageConcurrency { stage: stage.to_owned(), limit },
            Lacks::Turn(turn) => Hold::Rate { left: turn.since(at) },
        })
    }
}
