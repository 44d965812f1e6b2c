//! Acquiring and returning the resources that nodes need.
//!
//! Connects [`Resources`] with the machine: a node that is granted its permits returns to the ready queue.

use super::admission::permits::{Lacks, Resources, Waits};
use super::run_state::State;
use super::settings::needs;
use crate::dag::{Cause, Event, Hold, NodeId, NodeState, StageId, Time};
use crate::registry;

impl State {
    /// Returns `true` if a node has an attempt policy.
    #[inline]
    pub(crate) fn asks(&mut self, node: NodeId, stage: StageId) -> bool {
        match self.attempts.asks(node, stage) {
            Some(asks) => asks,
            None => self.meet(node, stage),
        }
    }

    /// Registers the needs of a stage when its first node is taken.
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

    /// Returns `true` if a ready node that was taken may start: it is approved and is granted its permits. Otherwise
    /// it waits for that.
    #[cold]
    pub(crate) fn admits(&mut self, node: NodeId, stage: StageId, at: Time) -> bool {
        if !self.attempts.is_in_time(node, at) {
            self.fail_late(node, stage, at);
            return false;
        }
        // The approval comes first: a node that awaits it holds no permits.
        let given = self.gate.as_mut().is_none_or(|gate| gate.lets(node, self.later.wakers()))
            && self.is_given(node, stage, at);
        if given {
            self.gate.iter_mut().for_each(|gate| gate.pass(node));
        }
        given
    }

    /// Fails a node whose deadline passed before its next attempt could begin.
    fn fail_late(&mut self, node: NodeId, stage: StageId, at: Time) {
        let after = self.attempts.policy(node, stage).deadline.unwrap_or_default();
        self.forget_needs(node);
        self.commit(&Event::Started { node, at });
        self.fail(node, stage, Cause::TimedOut { after, deadline: true }, at);
    }

    /// Returns `true` if a node is granted its permits. A node that needs more than there will ever be fails.
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

    /// Returns the permits of an attempt that has ended, and hands them to waiting nodes.
    pub(crate) fn give_back(&mut self, node: NodeId, at: Time) {
        self.serve(|resources, waits| resources.give_back(node, at, waits));
    }

    /// Removes a cancelled node from the queues, and releases permits that it was granted and has not used.
    pub(crate) fn forget_needs(&mut self, node: NodeId) {
        let at = self.latest;
        self.serve(|resources, waits| resources.forget(node, at, waits));
    }

    /// Starts the nodes that the rate limiters admit by now.
    pub(crate) fn give_turns(&mut self, now: Time) {
        self.serve(|resources, waits| resources.turn(now, waits));
    }

    /// Enqueues the nodes that are granted their permits by `serve`, which receives a lookup for the stage of a node
    /// that still waits.
    fn serve(&mut self, serve: impl FnOnce(&mut Resources, Waits<'_>) -> Vec<NodeId>) {
        let graph = self.machine.graph();
        // Cancelled nodes stay in the queues until they come first; the lookup skips them.
        let waits = |node| graph.stage(node).filter(|_| graph.state(node) == Some(NodeState::Ready));
        let given = serve(&mut self.resources, &waits);
        self.machine.give_back(&given);
    }

    /// Returns what a ready node lacks.
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
