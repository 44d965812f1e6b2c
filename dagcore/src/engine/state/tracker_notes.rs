//! Notifying observers of events, off the hot path of runs that have none.
//!
//! `state::commit` calls this for each event while `is_tracked` is set.

use super::observers::tracker_queues::Told;
use super::run_state::State;
use crate::dag::{Event, NodeId, Time};
use crate::port::BriefEvent;

impl State {
    /// Registers the trackers' queues.
    pub(crate) fn track(&mut self, told: Option<Box<Told>>) {
        (self.is_tracked, self.told) = (told.is_some(), told);
    }

    /// Closes the event streams.
    pub(crate) fn end_feeds(&mut self) {
        let Self { feeds, later, .. } = self;
        feeds.drain(..).for_each(|feed| feed.end(later.wakers()));
    }

    /// Notifies all observers.
    fn tell_all(&mut self, happened: BriefEvent) {
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

    /// Removes a tracker.
    pub(crate) fn leave_tracker(&mut self, seat: usize, error: Option<String>) {
        let none = self.told.as_mut().is_none_or(|told| told.leave(seat, error));
        self.is_tracked = !none || !self.feeds.is_empty();
    }

    /// Notifies the observers that a node has started.
    #[cold]
    #[inline(never)]
    pub(crate) fn note_started(&mut self, node: NodeId, at: Time) {
        self.tell_all(BriefEvent::Started { node, at });
    }

    /// Notifies the observers that a node has succeeded.
    #[cold]
    #[inline(never)]
    pub(crate) fn note_succeeded(&mut self, node: NodeId, at: Time) {
        self.tell_all(BriefEvent::Succeeded { node, at });
    }

    /// Notifies the observers of any other event.
    #[cold]
    #[inline(never)]
    pub(crate) fn note(&mut self, event: &Event) {
        // Observers receive the beginning and the end in other ways: see `Tracker::start` and `Tracker::end`.
        if !matches!(event, Event::RunStarted { .. } | Event::RunStopped { .. } | Event::RunEnded { .. }) {
            self.tell_all(event.brief(self.machine.graph().len()));
        }
    }
}
