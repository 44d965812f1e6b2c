//! Tracks which threads add to which runs at this moment, to detect deadlocks.
//!
//! One body at a time adds to a run, and a thread that wants to add waits for its turn. A body may append to another
//! run, so a thread can be adding to several, the innermost last. It would deadlock on a run that it adds to itself,
//! and so would two threads that each wait for a run that the other adds to; both are refused.

use crate::dag::Name;
use crate::engine::state::lock::Locked;
use crate::engine::state::shared::Shared;
use parking_lot::Mutex;
use std::cell::{Cell, RefCell};

thread_local! {
    /// The run that this thread adds to, by the address of its shared state; 0 for none. Separate from the others,
    /// because there are hardly ever others, and every body of a rule passes here.
    static INNERMOST: Cell<usize> = const { Cell::new(0) };
    /// The other runs that this thread adds to, the innermost last.
    static OUTER: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Returns the runs that this thread adds to.
fn adds_to() -> Vec<usize> {
    let innermost = Some(INNERMOST.get()).filter(|run| *run != 0);
    OUTER.with_borrow(|outer| outer.iter().copied().chain(innermost).collect())
}

/// The threads that wait for a run while they add to others.
static WAITING: Mutex<Vec<Waiting>> = Mutex::new(Vec::new());

/// A waiting thread: an edge of the wait-for graph.
struct Waiting {
    adds_to: Vec<usize>,
    wants: usize,
}

/// Returns the identity of a run.
fn address(shared: &Shared) -> usize {
    std::ptr::from_ref(shared).addr()
}

/// Marks this thread as adding to a run, until this is dropped.
pub(crate) struct Adder {
    before: usize,
}

impl Adder {
    #[inline]
    pub(crate) fn to(shared: &Shared) -> Self {
        let before = INNERMOST.replace(address(shared));
        if before != 0 {
            OUTER.with_borrow_mut(|outer| outer.push(before));
        }
        Self { before }
    }
}

impl Drop for Adder {
    #[inline]
    fn drop(&mut self) {
        INNERMOST.set(self.before);
        if self.before != 0 {
            OUTER.with_borrow_mut(|outer| outer.truncate(outer.len().saturating_sub(1)));
        }
    }
}

/// Returns `true` if this thread adds to this run: it cannot wait for its own body to end.
pub(crate) fn is_adding(shared: &Shared) -> bool {
    adds_to().contains(&address(shared))
}

/// Returns `true` if this thread adds to any run.
pub(crate) fn is_adding_to_any() -> bool {
    INNERMOST.get() != 0
}

/// Waits until no other thread adds to this run.
///
/// # Errors
///
/// When this would deadlock, because the adding thread waits for this one. The error is a message.
pub(crate) fn wait_for_others(shared: &Shared, state: &mut Locked<'_>) -> Result<(), String> {
    if !state.growing {
        return Ok(());
    }
    let adds_to = adds_to();
    let is_free = adds_to.is_empty(); // no thread waits for it
    if !is_free && !Waiting::enter(adds_to, address(shared)) {
        let name = Name(&shared.workflow).to_string();
        return Err(format!(
            "workflow `{name}` is adding nodes in a body that waits for a run to which this body adds, so both would wait for \
             ever: append from a node or from outside of the run instead of from a rule's body"
        ));
    }
    // The wake-up may be spurious, and another waiting thread may have been first.
    while state.growing {
        state.wait(&shared.grown);
    }
    if !is_free {
        Waiting::leave();
    }
    Ok(())
}

impl Waiting {
    /// Registers this thread as waiting. Returns `false` if the thread that adds to `wants` waits for one of
    /// `adds_to`, directly or through others.
    fn enter(adds_to: Vec<usize>, wants: usize) -> bool {
        let mut waiting = WAITING.lock();
        // Follows the wait-for edges; the loop is bounded by their number.
        let mut next = Some(wants);
        for _ in 0..=waiting.len() {
            let Some(run) = next else { break };
            if adds_to.contains(&run) {
                return false;
            }
            next = waiting.iter().find(|other| other.adds_to.contains(&run)).map(|other| other.wants);
        }
        waiting.push(Self { adds_to, wants });
        true
    }

    /// Removes the entry of this thread.
    fn leave() {
        let adds_to = adds_to();
        WAITING.lock().retain(|waiting| waiting.adds_to != adds_to);
    }
}
