//! Which threads add to which runs at this moment, so that no two of them wait for each other.
//!
//! One body at a time adds to a run, and a thread that wants to add waits until it may. A body may append to another run, so a
//! thread can be adding to several, the innermost last. It would wait for ever for a run that it adds to itself, and so would
//! two threads that wait for a run that the other one adds to; both are refused.

use super::locking::Locked;
use super::shared::Shared;
use crate::dag::Name;
use parking_lot::Mutex;
use std::cell::RefCell;

thread_local! {
    /// The runs that this thread adds to, by the addresses of their shared state, the innermost last.
    static ADDS_TO: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
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
pub(super) struct Adder(());

impl Adder {
    pub(super) fn to(shared: &Shared) -> Self {
        ADDS_TO.with_borrow_mut(|runs| runs.push(address(shared)));
        Self(())
    }
}

impl Drop for Adder {
    fn drop(&mut self) {
        ADDS_TO.with_borrow_mut(|runs| runs.truncate(runs.len().saturating_sub(1)));
    }
}

/// Whether this thread adds to this run: it cannot wait until that is done.
pub(super) fn is_adding(shared: &Shared) -> bool {
    ADDS_TO.with_borrow(|runs| runs.contains(&address(shared)))
}

/// Whether this thread adds to any run.
pub(crate) fn is_adding_to_any() -> bool {
    ADDS_TO.with_borrow(|runs| !runs.is_empty())
}

/// Waits until no other thread adds to this run.
///
/// # Errors
///
/// When it would wait for ever, because the thread that adds waits for this one: says so in words.
pub(super) fn wait_for_others(shared: &Shared, state: &mut Locked<'_>) -> Result<(), String> {
    if !state.growing {
        return Ok(());
    }
    let adds_to = ADDS_TO.with_borrow(Vec::clone);
    let is_free = adds_to.is_empty(); // no thread waits for it
    if !is_free && !Waiting::enter(adds_to, address(shared)) {
        let name = Name(&shared.workflow).to_string();
        return Err(format!(
            "a body that adds to workflow `{name}` waits for the run whose body appends here, so both would wait for ever: \
             append from a node, or from outside of the run, instead of from a rule's body"
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
        ADDS_TO.with_borrow(|adds_to| WAITING.lock().retain(|waiting| waiting.adds_to != *adds_to));
    }
}
