//! Which threads add to which runs at this moment, so that no two of them wait for each other.
//!
//! One body at a time adds to a run, and a thread that wants to add waits until it may. A body may append to another run, so a
//! thread can be adding to several, the innermost last. It would wait for ever for a run that it adds to itself, and so would
//! two threads that wait for a run that the other one adds to; both are refused.

use crate::dag::Name;
use crate::engine::state::lock::Locked;
use crate::engine::state::shared::Shared;
use parking_lot::Mutex;
use std::cell::{Cell, RefCell};

thread_local! {
    /// The run that this thread adds to, by the address of its shared state; 0 for none. Apart from the others, because nearly
    /// always there is no other, and every body of a rule passes here.
    static INNERMOST: Cell<usize> = const { Cell::new(0) };
    /// The other runs that it adds to, the innermost last.
    static OUTER: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// The runs that this thread adds to.
fn adds_to() -> Vec<usize> {
    let innermost = Some(INNERMOST.get()).filter(|run| *run != 0);
    OUTER.with_borrow(|outer| outer.iter().copied().chain(innermost).collect())
}

/// The threads that wait for a run while they add to others.
static WAITING: Mutex<Vec<Waiting>> = Mutex::new(Vec::new());

struct Waiting {
    adds_to: Vec<usize>,
    wants: usize,
}

fn address(shared: &Shared) -> usize {
    std::ptr::from_ref(shared).addr()
}

/// This thread adds to a run until this is dropped.
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

/// Whether this thread adds to this run: it cannot wait until that is done.
pub(crate) fn is_adding(shared: &Shared) -> bool {
    adds_to().contains(&address(shared))
}

/// Whether this thread adds to any run.
pub(crate) fn is_adding_to_any() -> bool {
    INNERMOST.get() != 0
}

/// Waits until no other thread adds to this run.
///
/// # Errors
///
/// When it would wait for ever, because the thread that adds waits for this one: says so in words.
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
    while state.growing {
        state.wait(&shared.grown);
    }
    if !is_free {
        Waiting::leave();
    }
    Ok(())
}

impl Waiting {
    /// Returns `false` if the thread that adds to `wants` waits for one of these, be it through others.
    fn enter(adds_to: Vec<usize>, wants: usize) -> bool {
        let mut waiting = WAITING.lock();
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

    /// This thread waits no more.
    fn leave() {
        let adds_to = adds_to();
        WAITING.lock().retain(|waiting| waiting.adds_to != adds_to);
    }
}
