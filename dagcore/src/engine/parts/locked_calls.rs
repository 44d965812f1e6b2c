//! Closures of the program that run while the state of their run is locked: predicates, views and `retry_if`.
//!
//! A closure that queries its own run would wait for a lock that its own thread holds. It panics instead, with a
//! message that says so.

use std::cell::RefCell;

thread_local! {
    /// The addresses of the states that are locked around the closures which this thread runs, the innermost last.
    static LOCKED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Removes the innermost entry when dropped, also when the closure panics.
struct Call;

impl Drop for Call {
    fn drop(&mut self) {
        LOCKED.with_borrow_mut(|locked| locked.pop());
    }
}

/// Runs a closure of the program while the state at this address is locked.
pub(crate) fn call_locked<R>(state: usize, closure: impl FnOnce() -> R) -> R {
    LOCKED.with_borrow_mut(|locked| locked.push(state));
    let _call = Call;
    closure()
}

/// Called before this thread blocks on the lock of the state at this address.
///
/// # Panics
///
/// When this thread runs a closure around which that state is locked.
pub(crate) fn refuse_from_inside(state: usize) {
    let is_inside = LOCKED.with_borrow(|locked| locked.contains(&state));
    assert!(
        !is_inside,
        "a predicate, a view or a `retry_if` used the handle of its own run, whose state is locked meanwhile: query the run before \
         the closure, or use the view that the closure is given"
    );
}
