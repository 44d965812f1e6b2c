//! Taking ready nodes for a worker.
//!
//! The worker loop calls [`State::take`], and the step driver [`State::take_nth`].

use super::run_state::State;
use crate::dag::{Cause, Event, NodeId, Place, StageId, Time};
use crate::engine::parts::worker_pool::Lane;
use crate::engine::parts::worker_queue::Taken;
use crate::port::Sources;

impl State {
    /// Takes the next nodes for a worker, several at once if they are short. Returns `true` if they may occupy the
    /// worker for long.
    #[inline]
    pub(crate) fn take(&mut self, lane: Lane, at: Time, into: &mut Vec<Taken>) -> bool {
        let at = at.max(self.latest);
        self.machine.order_ready();
        let mut most = 1;
        let mut engaged = false;
        while into.len() < most && self.taken < self.limit && !self.stopped {
            let inline = lane != Lane::Blocking && self.machine.peek_ready(Place::Inline).is_some();
            let place = if inline { Place::Inline } else { lane.place() };
            let Some(node) = self.machine.peek_ready(place) else { break };
            let Some(stage) = self.machine.graph().stage(node) else { break };
            let asks = self.asks(node, stage);
            // Nodes with an attempt policy are taken alone: their timers start when they are taken.
            let at_once = if asks || lane == Lane::Blocking { 1 } else { self.busy.at_once(stage) };
            let short = at_once > 1;
            if into.is_empty() {
                let (ready, shares) = (self.machine.ready(place), 2 * self.crews[lane as usize].most);
                // Several at once only if enough nodes are left for all workers of the lane, and if no limit counts
                // them: a node in a queue would occupy a slot without running.
                let many = short && self.limit == usize::MAX && ready > shares;
                most = if many { (ready / shares).min(at_once) } else { 1 };
            } else if !short {
                break;
            }
            let _ = self.machine.take_ready(place);
            // The node was taken before it is checked: one that lacks a permit waits elsewhere and does not block the
            // ready queue.
            if self.careful && !self.admits(node, stage, at) {
                continue;
            }
            // An async stage that has not run yet is expected to wait, not to compute.
            engaged |= !short && (lane != Lane::Async || self.busy.of(stage).is_some());
            self.take_node(node, stage, asks, most == 1, at, into);
        }
        // A node that was taken alone although several were intended does not go into a queue.
        if most > 1 {
            self.record_single(into, at);
        }
        engaged
    }

    /// Takes the `nth` of the nodes that are ready at `place`.
    pub(crate) fn take_nth(&mut self, place: Place, nth: usize, at: Time) -> Option<Taken> {
        let at = at.max(self.latest);
        let node = self.machine.take_ready_nth(place, nth)?;
        let stage = self.machine.graph().stage(node)?;
        let (mut taken, asks) = (Vec::new(), self.asks(node, stage));
        if self.careful && !self.admits(node, stage, at) {
            return None;
        }
        self.take_node(node, stage, asks, true, at, &mut taken);
        taken.pop()
    }

    #[inline]
    fn take_node(&mut self, node: NodeId, stage: StageId, asks: bool, announce: bool, at: Time, into: &mut Vec<Taken>) {
        let Some(mut job) = self.jobs.get_mut(node.index()).and_then(Option::take) else {
            return self.fail_without_job(node, stage, at);
        };
        job.bind(Sources { graph: self.machine.graph(), outputs: &self.outputs });
        self.taken += 1;
        let announced = announce || asks;
        if announced {
            self.latest = self.latest.max(at);
            self.commit_plain::<true>(Event::Started { node, at });
        }
        let spare = asks && self.begin_attempt(node, stage, at);
        let attempt = if asks { self.attempt(node) } else { 0 };
        into.push(Taken { node, stage, job, attempt, announced, spare });
    }

    /// Fails a ready node that has no function to run, which is a fault of the engine; as a failure of the node it
    /// does not keep the run from ending.
    #[cold]
    fn fail_without_job(&mut self, node: NodeId, stage: StageId, at: Time) {
        debug_assert!(false, "a node without a job became ready");
        self.commit(&Event::Started { node, at });
        self.fail(node, stage, Cause::Refused("its function is gone: this is a fault of dagcore".into()), at);
    }
}
