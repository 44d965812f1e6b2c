//! Worker demand: how many workers the ready nodes keep busy, when to start more, and when one may end.
//!
//! Called by the worker loop in each turn, and by the recheck thread. [`State::hold`] explains why a ready node does
//! not run.

use super::run_state::State;
use crate::dag::{Hold, NodeId, Place, Time};
use crate::engine::parts::worker_pool::{Help, Lane};

/// Below this duration, in nanoseconds, a node costs less than taking and reporting it, which one worker does at a
/// time.
const IN_NO_TIME: u32 = 300;
/// Amount of short work, in nanoseconds, that justifies another worker.
const WORTH_A_WORKER: u64 = 50_000;

impl State {
    /// Returns the demand for workers by the nodes of a lane that are still ready.
    #[inline]
    pub(crate) fn help(&self, lane: Lane, at: Time) -> Help {
        let crew = &self.crews[lane as usize];
        let (ready, first) = self.waiting_for(lane);
        let bodies = usize::from(lane == Lane::Async && self.has_bodies());
        let wanted = ready + bodies;
        // Bodies take no concurrency slot, so they may need a worker even when the limit is reached.
        let room = crew.most.saturating_sub(crew.workers).min((self.limit.saturating_sub(self.taken)).max(bodies));
        let newcomers = wanted.min(room);
        if newcomers == 0 || self.stopped {
            // Nothing is ready, but a worker that is stuck in one node holds others: a new worker can steal them.
            let stuck = ready == 0 && crew.has_room() && !self.stopped && crew.is_stuck(at);
            return Help::Newcomers(usize::from(stuck));
        }
        // The present workers continue with the ready nodes. Waking another worker takes longer than many nodes do.
        let missing = self.worth(lane, ready, first).saturating_sub(crew.at_work());
        let enough = lane != Lane::Blocking && missing == 0;
        if enough && crew.is_at_hand(at) { Help::Soon } else { Help::Newcomers(newcomers.min(missing.max(1))) }
    }

    /// Returns `true` if a worker may end, because the ready nodes keep no more than the others busy.
    pub(crate) fn can_spare(&self, lane: Lane, seat: usize, at: Time) -> bool {
        let crew = &self.crews[lane as usize];
        if lane == Lane::Blocking || crew.at_work() < 2 {
            return false;
        }
        let (ready, first) = self.waiting_for(lane);
        // The last worker within reach stays: without it, the ready nodes would wait for the recheck.
        crew.at_work() > self.worth(lane, ready, first) && crew.is_another_at_hand(seat, at)
    }

    /// Returns how many workers `ready` nodes keep busy, if they are all like the first.
    fn worth(&self, lane: Lane, ready: usize, first: Option<NodeId>) -> usize {
        let stage = first.and_then(|node| self.machine.graph().stage(node));
        let busy = match stage.and_then(|stage| self.busy.of(stage)) {
            Some(busy) => busy,
            None if lane == Lane::Async => 0, // expected to wait rather than to compute
            None => u32::MAX,
        };
        if busy < IN_NO_TIME {
            return 1; // several would only contend for the lock
        }
        usize::try_from(u64::from(busy) * ready as u64 / WORTH_A_WORKER).unwrap_or(usize::MAX).clamp(1, ready.max(1))
    }

    /// Returns how many nodes the workers of a lane could start, and the first of them.
    #[inline]
    fn waiting_for(&self, lane: Lane) -> (usize, Option<NodeId>) {
        let (ready, first) = (self.machine.ready(lane.place()), self.machine.peek_ready(lane.place()));
        if lane != Lane::Async {
            return (ready, first);
        }
        (ready + self.machine.ready(Place::Inline), first.or_else(|| self.machine.peek_ready(Place::Inline)))
    }

    /// Returns the reason why a ready node does not run yet.
    pub(crate) fn hold(&self, node: NodeId, at: Time) -> Hold {
        let info = self.machine.graph().stage(node).map(|stage| self.machine.graph().stage_info(stage));
        let lane = Lane::ALL.into_iter().find(|lane| info.is_some_and(|info| info.place == lane.place()));
        let kept = lane.filter(|lane| self.crews[*lane as usize].is_kept(at));
        if let Some(lack) = self.lack(node, at) {
            lack
        } else if self.jobs.get(node.index()).is_none_or(Option::is_none) {
            Hold::Taken
        } else if self.held.is_some() {
            Hold::Held
        } else if self.taken >= self.limit {
            Hold::Concurrency { running: self.taken, limit: self.limit }
        } else if let Some(lane) = kept {
            Hold::Workers { place: lane.place(), workers: self.crews[lane as usize].most }
        } else {
            Hold::Nothing
        }
    }
}
