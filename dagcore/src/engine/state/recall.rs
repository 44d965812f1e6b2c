//! Taking back nodes that workers have taken and not begun, before something is cancelled, paused or stopped.

use super::run_state::State;
use crate::dag::{CancelScope, Event, NodeId, NodeState, Time};
use crate::engine::parts::worker_queue::Taken;
use std::sync::Arc;

impl State {
    /// Lets no node begin that a worker took before this without another look, and records what has begun and what has ended.
    /// What has not begun waits in the ready queue again.
    #[cold]
    pub(crate) fn recall(&mut self, at: Time) {
        self.careful = true;
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

    /// A node that a worker takes alone, from the ready queue or from another worker's deck, is not put on a deck of its own, where a
    /// recall would find it: its start is recorded at once.
    #[inline]
    pub(crate) fn record_single(&mut self, taken: &mut [Taken], at: Time) {
        if let [Taken { node, announced: announced @ false, .. }] = taken {
            *announced = true;
            let node = *node;
            self.commit(&Event::Started { node, at });
        }
    }

    /// Whether a worker may hold a node of these that has not begun, or may have begun one that is not recorded.
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

    /// Nodes that were taken and have not begun wait in the ready queue again, with what they were given.
    fn put_back(&mut self, taken: Vec<Taken>) {
        let mut nodes = Vec::with_capacity(taken.len());
        for Taken { node, stage, job, .. } in taken {
            self.taken -= 1;
            match self.jobs.get_mut(node.index()) {
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

    /// Looks again at nodes that a worker took before the barrier was raised, and has not begun. Those that are to run all the
    /// same, as the machine has recorded that they started.
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

    /// The run was cancelled after the machine recorded that a node started, and before its function began.
    fn cancel_begun(&mut self, taken: Taken, at: Time) {
        let Taken { node, job, .. } = taken;
        self.taken -= 1;
        self.later.drop_job(job);
        let why = Arc::from(self.machine.stopped().unwrap_or_default());
        self.cancel_one(node, &why, at.max(self.latest));
        self.give_back(node, self.latest);
    }

    /// Cancels a node that runs, because the whole run is cancelled.
    pub(crate) fn cancel_one(&mut self, node: NodeId, why: &Arc<str>, at: Time) {
        let event: Event = self.machine.cancelled(node, Arc::clone(why), at);
        self.commit(&event);
        self.drop_cancelled(node);
    }
}
