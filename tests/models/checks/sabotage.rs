//! The checks detect faults that are deliberately put into the cancelling thread.

use super::super::parts::sync::{Fault, with_fault};
use super::super::state::run_state::State;
use super::explore::find_fault;
use super::model::{Model, Of, Planned, node};
use crate::dag::{CancelScope, Event, NodeId, Time};

const DECKS: &[Planned] = &[node(Of::Short); 6];
const SHARES: &[Planned] = &[node(Of::Whole), node(Of::Work), node(Of::Work), node(Of::Other)];

/// Does the same as [`Shared::cancel`](super::super::state::shared::Shared::cancel) for the stage of all nodes, except
/// that `cancel` performs the cancellation.
fn find(name: &str, nodes: &'static [Planned], of: Of, cancel: fn(&Model, CancelScope)) -> String {
    let what = CancelScope::WholeStage(of.id());
    let interruptions = if matches!(of, Of::Short) { 2 } else { 3 };
    let found = find_fault(name, interruptions, move || {
        Model::new(nodes, 2).run(2, |model| {
            cancel(model, what);
            model.shared.look_at_the_clock();
            model.bar(|at| nodes[at].of.id() == of.id());
        });
    });
    found.unwrap_or_default()
}

fn cancel_soundly(model: &Model, what: CancelScope) {
    cancel_as(model, what, State::cancel);
}

/// Cancels with `cancel` unless the run has ended.
fn cancel_as(model: &Model, what: CancelScope, cancel: impl FnOnce(&mut State, CancelScope, String, Time)) {
    let mut state = model.shared.state.lock();
    let now = model.shared.now(&state);
    if !state.stopped {
        cancel(&mut state, what, "a model cancels it".to_owned(), now);
    }
}

#[test]
fn without_a_fault_nothing_is_found() {
    assert_eq!(find("sound, decks", DECKS, Of::Short, cancel_soundly), "");
    assert_eq!(find("sound, shares", SHARES, Of::Work, cancel_soundly), "");
}

#[test]
fn a_barrier_that_is_not_raised_is_found() {
    let found = find("barrier not raised", DECKS, Of::Short, |model, what| {
        cancel_as(model, what, |state, what, why, now| {
            with_fault(Fault::CountsNothing, || state.cancel(what, why, now));
        });
    });
    assert!(found.contains("began"), "{found}");
}

#[test]
fn a_barrier_that_is_raised_after_the_decks_were_read_is_found() {
    let found = find("barrier raised late", DECKS, Of::Short, |model, what| {
        cancel_as(model, what, |state, what, why, now| {
            with_fault(Fault::CountsNothing, || state.cancel(what, why, now));
            state.barrier.raise();
        });
    });
    assert!(found.contains("began"), "{found}");
}

#[test]
fn decks_that_are_read_without_their_locks_are_found() {
    let found = find("decks read without locks", DECKS, Of::Short, |model, what| {
        cancel_as(model, what, |state, what, why, now| {
            with_fault(Fault::IgnoresLocks, || state.cancel(what, why, now));
        });
    });
    assert!(found.contains("two threads hold a lock at once"), "{found}");
}

/// Cancels without inspecting the nodes that workers have taken.
#[test]
fn a_cancel_that_recalls_nothing_is_found() {
    let found = find("no recall", DECKS, Of::Short, |model, what| {
        cancel_as(model, what, |state, what, why, at| {
            state.careful = true;
            state.commit(&Event::CancelRequested { what, why, at });
        });
    });
    assert!(found.contains("began"), "{found}");
}

#[test]
fn a_share_that_is_not_passed_on_when_its_node_is_cancelled_is_found() {
    let found = find("share not passed on", SHARES, Of::Work, |model, what| {
        cancel_as(model, what, |state, what, why, now| {
            state.cancel(what, why, now);
            while let Some(event) = state.machine.consequence(now) {
                state.commit(&event);
                if let Event::Cancelled { node, .. } = event {
                    state.end_attempts(node); // and its needs are not released
                }
            }
        });
    });
    assert!(found.contains("does not end") || found.contains("is lost"), "{found}");
}

#[test]
fn a_cancelled_node_that_stays_in_the_queue_is_found() {
    let found = find("still queued", SHARES, Of::Work, |model, what| {
        cancel_as(model, what, |state, _, _, now| {
            state.recall(now);
            let mut unwanted: Vec<NodeId> = state.machine.graph().nodes_of(Of::Work.id()).to_vec();
            unwanted.retain(|node| state.machine.is_queued(*node));
            unwanted.into_iter().for_each(|node| state.end_attempts(node)); // and the machine has not been notified yet
        });
        cancel_soundly(model, what);
    });
    assert!(found.contains("a node without a job became ready"), "{found}");
}
