//! How many workers the nodes that are ready keep busy: who is called, and who may go.

use super::run_state::State;
use crate::dag::{Hold, NodeId, Place, Time};
use crate::engine::parts::worker_pool::{Help, Lane};

/// Below this, in nanoseconds, a node costs less than taking it and handing it in, which one worker does at a time.
const IN_NO_TIME: u32 = 300;
/// How much short work, in nanoseconds, is worth another worker.
const WORTH_A_WORKER: u64 = 50_000;

impl State {
    /// What the nodes of a lane that are still ready deserve.
    #[inline]
    pub(crate) fn help(&self, lane: Lane, at: Time) -> Help {
        let crew = &self.crews[lane as usize];
        let (ready, first) = self.waiting_for(lane);
        let bodies = usize::from(lane == Lane::Async && self.has_bodies());
        let wanted = ready + bodies;
        let room = crew.most.saturating_sub(crew.workers).min((self.limit.saturating_sub(self.taken)).max(bodies));
        let newcomers = wanted.min(room);
        if newcomers == 0 || self.stopped {
            let stuck = ready == 0 && crew.has_room() && !self.stopped && crew.is_stuck(at);
            return Help::Newcomers(usize::from(stuck));
        }
        // Whoever is at work goes on with what is ready. A newcomer must be woken, which takes longer than many a
        // node.
        let missing = self.worth(lane, ready, first).saturating_sub(crew.at_work());
        let enough = lane != Lane::Blocking && missing == 0;
        if enough && crew.is_at_hand(at) { Help::Soon } else { Help::Newcomers(newcomers.min(missing.max(1))) }
    }

    /// Whether a worker may go, because what is ready keeps no more than the others busy.
    pub(crate) fn can_spare(&self, lane: Lane, seat: usize, at: Time) -> bool {
        let crew = &self.crews[lane as usize];
        if lane == Lane::Blocking || crew.at_work() < 2 {
            return false;
        }
        let (ready, first) = self.waiting_for(lane);
        crew.at_work() > self.worth(lane, ready, first) && crew.is_another_at_hand(seat, at)
    }

    /// How many workers so many nodes keep busy that are like the first of them.
    fn worth(&self, lane: Lane, ready: usize, first: Option<NodeId>) -> usize {
        let stage = first.and_then(|node| self.machine.graph().stage(node));
        let busy = match stage.and_then(|stage| self.busy.of(stage)) {
            Some(busy) => busy,
            None if lane == Lane::Async => 0, // it is expected to wait rather than to compute
            None => u32::MAX,
        };
        if busy < IN_NO_TIME {
            return 1; // several would only wait for each other
        }
        usize::try_from(u64::from(busy) * ready as u64 / WORTH_A_WORKER).unwrap_or(usize::MAX).clamp(1, ready.max(1))
    }

    /// How many nodes a lane's workers could start, and the first of them.
    #[inline]
    fn waiting_for(&self, lane: Lane) -> (usize, Option<NodeId>) {
        let (ready, first) = (self.machine.ready(lane.place()), self.machine.peek_ready(lane.place()));
        if lane != Lane::Async {
            return (ready, first);
        }
        (ready + self.machine.ready(Place::Inline), first.or_else(|| self.machine.peek_ready(Place::Inline)))
    }

    /// Why a node that is ready does not run yet.
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
