//! Noting what happens for the trackers, out of the way of runs that have none.

use super::state::State;
use super::told::Told;
use crate::dag::{Event, NodeId, Time};
use crate::port::Happened;

impl State {
    /// From now on trackers are told of what happens.
    pub(super) fn track(&mut self, told: Option<Box<Told>>) {
        (self.is_tracked, self.told) = (told.is_some(), told);
    }

    /// A tracker is told nothing more.
    pub(super) fn leave_tracker(&mut self, seat: usize, trouble: Option<String>) {
        let none = self.told.as_mut().is_none_or(|told| told.leave(seat, trouble));
        self.is_tracked &= !none;
    }

    #[cold]
    #[inline(never)]
    pub(super) fn note_started(&mut self, node: NodeId, at: Time) {
        if let Some(told) = &mut self.told {
            told.push(Happened::Started { node, at });
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn note_succeeded(&mut self, node: NodeId, at: Time) {
        if let Some(told) = &mut self.told {
            told.push(Happened::Succeeded { node, at });
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn note(&mut self, event: &Event) {
        let happened = Happened::of(event, self.machine.graph().len());
        if let (Some(told), Some(happened)) = (&mut self.told, happened) {
            told.push(happened);
        }
    }
}
