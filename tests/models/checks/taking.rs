//! "Cancel against take": workers take two nodes at a time, and begin them without the run's lock.

use super::explore::explore;
use super::model::{Model, Of, Planned, node};
use crate::dag::{CancelScope, NodeId};

/// Enough for one worker to take two, while the other takes one.
const FOUR: &[Planned] = &[node(Of::Short); 4];

/// Enough for both to take two.
const SIX: &[Planned] = &[node(Of::Short); 6];

fn take(name: &str, act: fn(&Model)) {
    take_of(&format!("{name}, 4 nodes"), 3, FOUR, act);
    take_of(&format!("{name}, 6 nodes"), 2, SIX, act);
}

fn take_of(name: &str, interruptions: usize, nodes: &'static [Planned], act: fn(&Model)) {
    assert!(explore(name, interruptions, move || Model::new(nodes, 2).run(2, act)) > 1);
}

#[test]
fn a_node_that_was_taken_does_not_begin_after_it_was_cancelled() {
    take("decks, cancel a node", |model| {
        model.cancel(CancelScope::SingleNode(NodeId::from_index(1)), |node| node == 1);
    });
}

#[test]
fn no_node_that_was_taken_begins_after_its_stage_was_cancelled() {
    take("decks, cancel a stage", |model| model.cancel(CancelScope::WholeStage(Of::Short.id()), |_| true));
}

#[test]
fn no_node_that_was_taken_begins_after_its_subtree_was_cancelled() {
    const NODES: &[Planned] =
        &[node(Of::Root), node(Of::Short).below(), node(Of::Short).below(), node(Of::Short).below()];
    take_of("decks, cancel a subtree", 3, NODES, |model| {
        model.cancel(CancelScope::Subtree(NodeId::from_index(0)), |node| node > 0);
    });
}

#[test]
fn no_node_that_was_taken_begins_after_the_run_was_cancelled() {
    take("decks, cancel the run", |model| model.cancel(CancelScope::EntireRun, |_| true));
}

#[test]
fn no_node_that_was_taken_begins_during_a_pause_and_all_run_after_it() {
    take("decks, pause and resume", |model| {
        model.pause();
        model.resume();
    });
}

#[test]
fn no_node_that_was_taken_begins_when_it_is_cancelled_during_a_pause() {
    take("decks, cancel during a pause", |model| {
        model.pause();
        model.shared.cancel(CancelScope::SingleNode(NodeId::from_index(1)), "a model cancels it");
        model.resume_but(|node| node == 1);
    });
}

#[test]
fn no_node_that_was_taken_begins_after_the_run_was_stopped() {
    take("decks, stop", Model::stop);
}

#[test]
fn nodes_that_wait_are_recorded_when_another_is_cancelled() {
    const NODES: &[Planned] = &[node(Of::Short).waits(), node(Of::Short), node(Of::Short).waits(), node(Of::Short)];
    take_of("decks, cancel beside nodes that wait", 3, NODES, |model| {
        model.cancel(CancelScope::SingleNode(NodeId::from_index(1)), |node| node == 1);
    });
}

/// While the first node occupies its worker, another worker is idle and steals the second one from that worker's deck.
const STOLEN: &[Planned] = &[node(Of::Short).long(), node(Of::Short), node(Of::Short), node(Of::Short)];

#[test]
fn a_node_that_was_stolen_does_not_begin_after_it_was_cancelled() {
    take_of("decks, cancel a stolen node", 3, STOLEN, |model| {
        model.cancel(CancelScope::SingleNode(NodeId::from_index(1)), |node| node == 1);
    });
}

#[test]
fn no_node_that_was_stolen_begins_after_the_run_was_cancelled() {
    take_of("decks, cancel a run with a stolen node", 3, STOLEN, |model| {
        model.cancel(CancelScope::EntireRun, |_| true)
    });
}

#[test]
fn no_node_that_was_stolen_begins_during_a_pause_and_all_run_after_it() {
    take_of("decks, pause and resume with a stolen node", 2, STOLEN, |model| {
        model.pause();
        model.resume();
    });
}
