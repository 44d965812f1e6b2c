//! Running the nodes that a worker has taken, unless a raised barrier revokes them.
//!
//! The worker loop calls [`Shared::run_taken`], and the step driver [`Shared::attempt`].

use super::additions::from_nodes::RunningNode;
use super::run_job::{Guarded, Tried, start_job};
use crate::dag::{Cause, NodeId, NodeState, StageId, Time, quietly};
use crate::engine::parts::worker_queue::{Finished, Parked, Taken};
use crate::engine::state::shared::Shared;
use crate::engine::state::worker_local::{Hands, Role};
use crate::port::{Job, StageFuture, Starting};
use crate::registry;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::oneshot;

/// The cause of a parked future that was stopped. It is never shown.
const NOT_WANTED: &str = "nothing waits for it any more";

/// A parked node: its future waits in a task of its own.
struct Waiting {
    node: NodeId,
    stage: StageId,
    started: Time,
    attempt: u32,
    announced: bool,
}

impl Shared {
    /// Runs all nodes that were taken, except those that are stolen or recalled.
    pub(crate) fn run_taken(self: &Arc<Self>, hands: &mut Hands) {
        // The hot path: a single node is recorded as started and needs no queue.
        if hands.taken.len() == 1 && self.barrier.raised() == hands.seen {
            if let Some(node) = hands.taken.pop() {
                self.run_alone(node, hands);
            }
            return;
        }
        let mut taken = std::mem::take(&mut hands.taken);
        if taken.len() > 1 {
            self.run_many(&mut taken, hands);
        }
        // The remaining nodes are recorded as started, unless a barrier was raised meanwhile.
        while !taken.is_empty() {
            if self.barrier.raised() != hands.seen {
                taken = self.review(taken, hands);
            } else {
                taken.drain(..1).for_each(|node| self.run_alone(node, hands));
            }
        }
        hands.taken = taken;
    }

    /// Runs nodes one after another, while the rest can be stolen. Nodes that are left when the barrier is raised are
    /// returned in `taken`.
    fn run_many(self: &Arc<Self>, taken: &mut Vec<Taken>, hands: &mut Hands) {
        let Some(deck) = hands.seat.as_ref().map(|(_, deck)| Arc::clone(deck)) else { return };
        hands.many = true;
        let seen = hands.seen;
        let mut next = deck.begin(taken, &self.barrier, seen);
        while let Some(node) = next {
            let finished = self.run(node, hands);
            next = deck.next(finished, &hands.parked, &self.barrier, seen);
        }
        deck.take(taken);
    }

    /// Reviews nodes that were taken before the barrier was raised. Returns those that run all the same.
    #[cold]
    fn review(self: &Arc<Self>, taken: Vec<Taken>, hands: &mut Hands) -> Vec<Taken> {
        let mut state = self.state.lock();
        hands.hand_in(&mut state);
        hands.now = self.now(&state);
        // Read under the lock of the run, under which the barrier is raised.
        hands.seen = self.barrier.raised();
        let goes_on = state.review(taken, hands.now);
        self.settle(&mut state, &mut hands.now);
        self.call_for_help(state, hands.now);
        goes_on
    }

    /// Runs a node whose start is recorded.
    #[inline]
    fn run_alone(self: &Arc<Self>, taken: Taken, hands: &mut Hands) {
        let finished = self.run(taken, hands);
        hands.finished.extend(finished);
    }

    /// Runs a node. If it is pending after one poll, it is parked, and is the last entry of `hands.parked`.
    #[inline]
    fn run(self: &Arc<Self>, taken: Taken, hands: &mut Hands) -> Option<Finished> {
        let Taken { node, stage, attempt, announced, .. } = taken;
        let started = hands.now;
        let tried = self.attempt(taken, started);
        hands.now = self.clock.now();
        match tried {
            Tried::Ended(result) => {
                let (ended, in_place) = (hands.now, true);
                Some(Finished { node, stage, started, ended, attempt, announced, in_place, result })
            }
            Tried::Pending(future) => {
                let waiting = Waiting { node, stage, started, attempt, announced };
                hands.parked.push(self.park(waiting, future));
                None
            }
        }
    }

    /// Spawns a task for the rest of a node's future.
    fn park(self: &Arc<Self>, waiting: Waiting, future: StageFuture) -> Parked {
        let Waiting { node, started, attempt, announced, .. } = waiting;
        let (stop, stopped) = oneshot::channel();
        self.runtime.spawn(Arc::clone(self).finish(waiting, future, stopped));
        Parked { node, started, attempt, announced, stop }
    }

    /// Starts a node, and polls it once in place if it is async.
    #[inline]
    pub(crate) fn attempt(self: &Arc<Self>, taken: Taken, now: Time) -> Tried {
        let Taken { node, stage, mut job, attempt, spare, .. } = taken;
        if let Err(cause) = if spare { self.keep_spare(node, &mut *job) } else { Ok(()) } {
            return Tried::Ended(Err(cause));
        }
        let starting = Starting {
            workflow: &self.workflow,
            attempt: attempt.saturating_add(1),
            names: &|| (self.state.lock().machine.graph().name(node), registry::describe(stage).name),
            inside: &|| RunningNode::inside(self, node, now, attempt),
            mock: self.mocks.as_ref().and_then(|mocks| mocks.get(registry::spec(stage)?)),
        };
        start_job(job, &starting)
    }

    /// Stores a second job for another attempt at a node.
    #[cold]
    fn keep_spare(&self, node: NodeId, job: &mut dyn Job) -> Result<(), Box<Cause>> {
        let again = catch_unwind(AssertUnwindSafe(|| job.again()));
        let spare = again.unwrap_or_else(|panic| Err(Box::new(Cause::panic(panic))))?;
        let mut state = self.state.lock();
        // The attempt may have been cancelled while the job was cloned without the lock.
        let is_wanted = state.machine.graph().state(node) == Some(NodeState::Running);
        match state.jobs.get_mut(node.index()).filter(|_| is_wanted) {
            Some(place) => *place = Some(spare),
            None => {
                drop(state);
                quietly(spare);
            }
        }
        Ok(())
    }

    /// Awaits a parked node, then continues as a worker.
    async fn finish(self: Arc<Self>, waiting: Waiting, future: StageFuture, mut stopped: oneshot::Receiver<()>) {
        let Waiting { node, stage, started, attempt, announced } = waiting;
        let mut future = Guarded::new(future);
        let result = poll_fn(|context| match Pin::new(&mut stopped).poll(context) {
            Poll::Ready(_) => Poll::Ready(Err(Box::new(Cause::Refused(NOT_WANTED.into())))),
            Poll::Pending => Pin::new(&mut future).poll(context),
        });
        let result = result.await;
        quietly(future);
        let ended = self.clock.now();
        // The task that completes the node reports it itself and takes the next nodes; no other worker has to be
        // woken.
        let mut hands = Hands::new(Role::Guest, ended);
        hands.finished.push(Finished { node, stage, started, ended, attempt, announced, in_place: false, result });
        self.work_with(hands).await;
    }
}
