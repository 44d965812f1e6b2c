//! Pool shares and concurrency slots are handed over while the receiving nodes are cancelled or paused.

use super::explore::explore;
use super::model::{Model, Of, Planned, node};
use crate::dag::{CancelScope, NodeId};

fn hand_over(name: &str, nodes: &'static [Planned], act: fn(&Model)) {
    hand_over_with(name, 3, nodes, act);
}

fn hand_over_with(name: &str, interruptions: usize, nodes: &'static [Planned], act: fn(&Model)) {
    assert!(explore(name, interruptions, move || Model::new(nodes, 2).run(2, act)) > 1);
}

/// When the first node ends, the next two receive their shares at once, so one that has not been dequeued yet can be
/// cancelled.
const FOUR: &[Planned] = &[node(Of::Whole), node(Of::Work), node(Of::Work), node(Of::Other)];

fn cancel_work(model: &Model) {
    model.cancel(CancelScope::WholeStage(Of::Work.id()), |node| node == 1 || node == 2);
}

fn cancel_one(model: &Model) {
    model.cancel(CancelScope::SingleNode(NodeId::from_index(1)), |node| node == 1);
}

fn cancel_run(model: &Model) {
    model.cancel(CancelScope::EntireRun, |_| true);
}

#[test]
fn a_share_that_is_handed_to_a_stage_while_that_is_cancelled_goes_on_to_others() {
    hand_over("pool, cancel a stage", FOUR, cancel_work);
}

#[test]
fn a_share_that_is_handed_to_a_node_while_that_is_cancelled_goes_on_to_others() {
    hand_over("pool, cancel a node", FOUR, cancel_one);
}

#[test]
fn a_share_that_is_handed_to_a_subtree_while_that_is_cancelled_goes_on_to_others() {
    const NODES: &[Planned] =
        &[node(Of::Root), node(Of::Whole), node(Of::Other), node(Of::Work).below(), node(Of::Work).below()];
    hand_over("pool, cancel a subtree", NODES, |model| {
        model.cancel(CancelScope::Subtree(NodeId::from_index(0)), |node| node >= 3);
    });
}

#[test]
fn a_share_that_is_handed_over_while_the_run_is_cancelled_is_given_back() {
    hand_over("pool, cancel the run", FOUR, cancel_run);
}

#[test]
fn a_share_that_is_handed_over_while_the_run_is_paused_is_used_when_it_goes_on() {
    hand_over_with("pool, pause and resume", 2, FOUR, |model| {
        model.pause();
        model.resume();
    });
}

#[test]
fn a_share_that_waits_through_a_pause_goes_on_when_its_node_is_cancelled() {
    hand_over_with("pool, cancel during a pause", 2, FOUR, |model| {
        model.pause();
        model.shared.cancel(CancelScope::WholeStage(Of::Work.id()), "a model cancels it");
        model.resume_but(|node| node == 1 || node == 2);
    });
}

#[test]
fn a_share_of_a_node_that_waits_goes_on_when_its_stage_is_cancelled() {
    const NODES: &[Planned] = &[node(Of::Whole).waits(), node(Of::Work).waits(), node(Of::Work), node(Of::Other)];
    hand_over("pool, cancel a stage that waits", NODES, cancel_work);
}

#[test]
fn a_share_of_a_node_that_waits_goes_on_when_the_run_is_cancelled() {
    const NODES: &[Planned] = &[node(Of::Whole).waits(), node(Of::Work).waits(), node(Of::Other)];
    hand_over("pool, cancel a run that waits", NODES, cancel_run);
}

#[test]
fn a_share_goes_past_a_node_whose_dependency_is_cancelled() {
    const NODES: &[Planned] = &[node(Of::Whole), node(Of::Work), node(Of::Other).after(1), node(Of::Other).after(0)];
    hand_over("pool, cancel a dependency", NODES, cancel_one);
}

#[test]
fn a_share_goes_on_when_its_nodes_are_cancelled_one_after_another() {
    hand_over_with("pool, cancel two nodes", 2, FOUR, |model| {
        model.shared.cancel(CancelScope::SingleNode(NodeId::from_index(2)), "a model cancels it");
        model.cancel(CancelScope::SingleNode(NodeId::from_index(1)), |node| node == 1 || node == 2);
    });
}

const LIMITED: &[Planned] = &[node(Of::Limited), node(Of::Limited), node(Of::Limited)];

#[test]
fn a_place_of_a_concurrency_limit_goes_on_when_the_node_that_it_is_handed_to_is_cancelled() {
    hand_over("limit, cancel a node", LIMITED, cancel_one);
}

#[test]
fn a_place_of_a_concurrency_limit_is_given_back_when_the_run_is_cancelled() {
    hand_over("limit, cancel the run", LIMITED, cancel_run);
}

/// The first two are taken together, and use the whole pool.
const QUICK: &[Planned] = &[node(Of::Quick), node(Of::Quick), node(Of::Quick), node(Of::Quick), node(Of::Other)];

#[test]
fn shares_of_nodes_on_a_deck_go_on_when_one_of_them_is_cancelled() {
    hand_over("pool on a deck, cancel a node", QUICK, cancel_one);
}

#[test]
fn shares_of_nodes_on_a_deck_go_on_when_their_stage_is_cancelled() {
    hand_over("pool on a deck, cancel a stage", QUICK, |model| {
        model.cancel(CancelScope::WholeStage(Of::Quick.id()), |node| node < 4);
    });
}

#[test]
fn shares_of_nodes_on_a_deck_are_kept_through_a_pause() {
    hand_over_with("pool on a deck, pause and resume", 2, QUICK, |model| {
        model.pause();
        model.resume();
    });
}

#[test]
fn shares_of_nodes_on_a_deck_go_on_when_one_of_them_is_cancelled_during_a_pause() {
    hand_over_with("pool on a deck, cancel during a pause", 2, QUICK, |model| {
        model.pause();
        model.shared.cancel(CancelScope::SingleNode(NodeId::from_index(1)), "a model cancels it");
        model.resume_but(|node| node == 1);
    });
}
