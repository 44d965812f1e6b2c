//! Recalling nodes that workers have taken and not begun, before something is cancelled, paused or stopped.
//!
//! `State::cancel`, `Shared::stop` and `Shared::hold` call [`State::recall`]; a worker that finds the barrier raised
//! calls [`State::review`].

use super::run_state::State;
use crate::dag::{CancelScope, Event, NodeId, NodeState, Time};
use crate::engine::parts::worker_queue::Taken;
use std::sync::Arc;

impl State {
    /// Prevents nodes that workers have already taken from beginning without a review, and records what has begun and
    /// what has ended. Nodes that have not begun return to the ready queue.
    #[cold]
    pub(crate) fn recall(&mut self, at: Time) {
        self.careful = true;
        // Raised before the first queue is locked: a node that begins later sees the new count under its queue's
        // lock, and one that began earlier is in its queue as begun.
        self.barrier.raise();
        let (mut taken, mut finished, mut begun) = (Vec::new(), Vec::new(), Vec::new());
        let decks = self.crews.iter().flat_map(|crew| crew.decks());
        decks.for_each(|deck| deck.recall(&mut taken, &mut finished, &mut begun));
        let is_recorded = |taken: &Taken| self.machine.graph().state(taken.node) == Some(NodeState::Running);
        debug_assert!(!taken.iter().any(is_recorded), "a node that is recorded as started lies on no deck");
        self.put_back(taken);
        for node in begun {
            self.announce(node, at.max(self.latest), false);
        }
        self.hand_in(&mut finished);
    }

    /// Records the start of a node that was taken alone. A node taken alone, from the ready queue or from another
    /// worker's queue, does not go into a queue where a recall would find it.
    #[inline]
    pub(crate) fn record_single(&mut self, taken: &mut [Taken], at: Time) {
        if let [Taken { node, announced: announced @ false, .. }] = taken {
            *announced = true;
            let node = *node;
            self.commit(&Event::Started { node, at });
        }
    }

    /// Returns `true` if a worker may hold a node in this scope that has not begun, or may have begun one whose start
    /// is not recorded. Otherwise a recall is unnecessary.
    pub(crate) fn may_begin(&self, what: CancelScope) -> bool {
        match what {
            CancelScope::SingleNode(node) => {
                let state = self.machine.graph().state(node);
                let is_held = state == Some(NodeState::Ready) && !self.machine.is_queued(node);
                is_held || state == Some(NodeState::Running)
            }
            _ => true,
        }
    }

    /// Returns nodes that were taken and have not begun to the ready queue, with their jobs and their permits.
    fn put_back(&mut self, taken: Vec<Taken>) {
        let mut nodes = Vec::with_capacity(taken.len());
        for Taken { node, stage, job, .. } in taken {
            self.taken -= 1;
            match self.jobs.get_mut(node.index()) {
                // A node that was cancelled meanwhile must not become ready again; its permits go to the nodes that
                // wait for them.
                Some(place) if self.machine.graph().state(node) == Some(NodeState::Ready) => {
                    *place = Some(job);
                    self.resources.keep(node, stage);
                    self.gate.iter_mut().for_each(|gate| gate.reopen(node));
                    nodes.push(node);
                }
                _ => {
                    self.later.drop_job(job);
                    self.give_back(node, self.latest);
                }
            }
        }
        self.machine.give_back(&nodes);
    }

    /// Reviews nodes that a worker took before the barrier was raised, and has not begun. Returns those that run all
    /// the same, as the machine has recorded their starts.
    #[cold]
    pub(crate) fn review(&mut self, taken: Vec<Taken>, at: Time) -> Vec<Taken> {
        let (mut goes_on, mut waits) = (Vec::new(), Vec::new());
        for mut taken in taken {
            if self.stopped {
                self.later.drop_job(taken.job);
                continue;
            }
            let runs = self.machine.graph().state(taken.node) == Some(NodeState::Running);
            if !runs || self.is_stray(taken.node, taken.attempt) {
                waits.push(taken);
            } else if self.machine.is_cancelled() {
                self.cancel_begun(taken, at);
            } else {
                taken.announced = true;
                goes_on.push(taken);
            }
        }
        self.put_back(waits);
        goes_on
    }

    /// Cancels a node for which the machine recorded a start before the run was cancelled, and whose function has not
    /// begun.
    fn cancel_begun(&mut self, taken: Taken, at: Time) {
        let Taken { node, job, .. } = taken;
        self.taken -= 1;
        self.later.drop_job(job);
        let why = Arc::from(self.machine.stopped().unwrap_or_default());
        self.cancel_one(node, &why, at.max(self.latest));
        self.give_back(node, self.latest);
    }

    /// Cancels a running node because the whole run is cancelled.
    pub(crate) fn cancel_one(&mut self, node: NodeId, why: &Arc<str>, at: Time) {
        let event: Event = self.machine.cancelled(node, Arc::clone(why), at);
        self.commit(&event);
        self.drop_cancelled(node);
    }
}
