//! The single path of every event of a run: it is applied to the machine, and the observers are notified.
//!
//! Before the run, while there are no observers, `Program::commit` applies the additions of the program. A journal will record each event here, before it is applied.

use super::run_state::State;
use crate::dag::{Event, Refused};
use std::mem::ManuallyDrop;

impl State {
    /// Commits an event that the engine itself observed, which the machine never refuses.
    #[inline(always)]
    pub(crate) fn commit(&mut self, event: &Event) {
        self.latest = self.latest.max(event.at());
        self.commit_certain::<true>(event);
    }

    /// Commits an event that owns no heap data, of which there are one or two for every node: skipping its destructor
    /// saves inspecting it again. A caller that knows that there are no observers passes `WATCHES = false`.
    #[inline(always)]
    pub(crate) fn commit_plain<const WATCHES: bool>(&mut self, event: Event) {
        self.commit_certain::<WATCHES>(&ManuallyDrop::new(event));
    }

    #[inline(always)]
    fn commit_certain<const WATCHES: bool>(&mut self, event: &Event) {
        let committed = self.commit_any::<WATCHES>(event);
        debug_assert_eq!(committed, Ok(()), "the engine committed what cannot have happened: {event:?}");
    }

    /// Commits additions of the program.
    ///
    /// # Errors
    ///
    /// When the machine refuses the event. Nothing has changed then.
    pub(crate) fn try_commit(&mut self, event: &Event) -> Result<(), Refused> {
        self.commit_any::<true>(event)
    }

    #[inline(always)]
    fn commit_any<const WATCHES: bool>(&mut self, event: &Event) -> Result<(), Refused> {
        self.machine.apply(event)?;
        if WATCHES && self.is_tracked {
            // Each node has one of each of these two, and they fit into registers.
            match *event {
                Event::Started { node, at } => self.note_started(node, at),
                Event::Succeeded { node, at } => self.note_succeeded(node, at),
                _ => self.note(event),
            }
        }
        // Outputs without further readers are released at once.
        while let Some(node) = self.machine.next_unread() {
            self.outputs.take(node).into_iter().for_each(|output| self.later.drop_output(Ok(output)));
        }
        Ok(())
    }
}
