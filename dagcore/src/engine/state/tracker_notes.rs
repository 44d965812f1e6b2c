//! Noting what happens for the trackers, out of the way of runs that have none.

use super::observers::tracker_queues::Told;
use super::run_state::State;
use crate::dag::{Event, NodeId, Time};
use crate::port::Happened;

impl State {
    /// From now on trackers are told of what happens.
    pub(crate) fn track(&mut self, told: Option<Box<Told>>) {
        (self.is_tracked, self.told) = (told.is_some(), told);
    }

    /// Those who follow the run are told nothing more.
    pub(crate) fn end_feeds(&mut self) {
        let Self { feeds, later, .. } = self;
        feeds.drain(..).for_each(|feed| feed.end(later.wakers()));
    }

    /// Tells everybody.
    fn tell_all(&mut self, happened: Happened) {
        if !self.feeds.is_empty() {
            self.feeds.retain(|feed| !feed.is_left());
            let Self { feeds, later, .. } = self;
            feeds.iter().for_each(|feed| feed.push(happened.clone(), later.wakers()));
            self.is_tracked = self.told.is_some() || !self.feeds.is_empty();
        }
        if let Some(told) = &mut self.told {
            told.push(happened);
        }
    }

    /// A tracker is told nothing more.
    pub(crate) fn leave_tracker(&mut self, seat: usize, error: Option<String>) {
        let none = self.told.as_mut().is_none_or(|told| told.leave(seat, error));
        self.is_tracked = !none || !self.feeds.is_empty();
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn note_started(&mut self, node: NodeId, at: Time) {
        self.tell_all(Happened::Started { node, at });
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn note_succeeded(&mut self, node: NodeId, at: Time) {
        self.tell_all(Happened::Succeeded { node, at });
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn note(&mut self, event: &Event) {
        // Observers learn of the beginning and the end in other ways: see `Tracker::start` and `Tracker::end`.
        if !matches!(event, Event::RunStarted { .. } | Event::RunStopped { .. } | Event::RunEnded { .. }) {
            self.tell_all(event.brief(self.machine.graph().len()));
        }
    }
}
