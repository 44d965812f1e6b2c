//! Checks from the graph alone that a run respected its dependencies.

use super::driver::{Driver, ensure, run};
use super::random::{check, programs};
use super::told::node_id;
use dagcore::dag::{
    Additions, Cause, Disorder, Edge, Event, Machine, Need, NodeError, NodeId, Place, StageId, StageInfo, Time,
};
use std::time::Duration;

#[test]
fn every_run_of_a_random_program_went_in_order() {
    check(programs(), |program, order| {
        let Some(driver) = run(&program, order)? else { return Ok(()) };
        driver.machine.graph().check_order().map_err(|out| out.to_string())
    });
}

/// The times are arbitrary: the reported violations are exactly those that follow from the model's parents and those
/// times.
#[test]
fn times_that_lie_are_all_found() {
    let found = std::cell::Cell::new(0);
    check(programs(), |program, order| {
        let Some(driver) = Driver::new(&program, order).jumping().run(&program)? else { return Ok(()) };
        let (graph, model) = (driver.machine.graph(), &driver.model);
        let (mut early, mut backwards) = (0, 0);
        for node in 0..model.nodes.len() {
            let Some(started) = graph.started(node_id(node)) else { continue };
            backwards += usize::from(graph.ended(node_id(node)).unwrap() < started);
            let parents = model.parents(node).into_iter();
            early += parents.filter(|(parent, _)| started < graph.ended(node_id(*parent)).unwrap()).count();
        }
        let all = graph.check_order().map_or_else(|out| out.all, |()| Vec::new());
        let is_early = |one: &&Disorder| matches!(one, Disorder::TooEarly { .. });
        let is_backwards = |one: &&Disorder| matches!(one, Disorder::Backwards { .. });
        let seen = (all.iter().filter(is_early).count(), all.iter().filter(is_backwards).count());
        ensure!(seen == (early, backwards), "{early} are early and {backwards} backwards, not {seen:?}");
        ensure!(all.len() == early + backwards, "{all:?}");
        found.set(found.get() + all.len());
        Ok(())
    });
    assert!(found.get() > 1_000, "only {} violations were found", found.get());
}

fn stage() -> StageId {
    StageId::from_index(0)
}

fn at(ms: u64) -> Time {
    Time::after(Duration::from_millis(ms))
}

fn fails() -> NodeError {
    NodeError::new("parent", "step", Cause::Panic("no".into()))
}

/// A run of a node `parent` and its dependent `child\n` with this kind of dependency. All events are accepted.
fn two(need: Need, events: &[Event]) -> Machine {
    let named = |name: &str| Some(dagcore::dag::Label { name: Some(name.to_owned()), ..Default::default() });
    let mut additions = Additions::default();
    additions.node(stage(), [], named("parent"));
    additions.node(stage(), [Edge { from: NodeId::from_index(0), need }], named("child\n"));
    let mut machine = Machine::new(|_| StageInfo::new("step", Place::Async));
    let begin = [Event::Added { additions, at: Time::START }, Event::RunStarted { at: at(0) }];
    for event in begin.iter().chain(events) {
        machine.apply(event).unwrap();
    }
    machine
}

fn started(node: usize, ms: u64) -> Event {
    Event::Started { node: node_id(node), at: at(ms) }
}

fn succeeded(node: usize, ms: u64) -> Event {
    Event::Succeeded { node: node_id(node), at: at(ms) }
}

#[test]
fn a_node_that_began_too_early_is_told_with_what_it_needs() {
    for need in [Need::Success, Need::End, Need::Order] {
        let machine = two(need, &[started(0, 1), succeeded(0, 5), started(1, 4), succeeded(1, 9)]);
        let out = machine.graph().check_order().unwrap_err();
        let (node, parent, ended) = ("child\n".to_owned(), "parent".to_owned(), Some(at(5)));
        assert_eq!(out.all, [Disorder::TooEarly { node, started: at(4), parent, ended }]);
        let told = r"node `child\n` began after 4ms, and `parent`, which it needs, ended after 5ms";
        assert_eq!(out.to_string(), format!("the graph is out of order\n  {told}"));
    }
}

#[test]
fn a_node_that_begins_when_what_it_needs_ends_is_in_order() {
    let machine = two(Need::Success, &[started(0, 1), succeeded(0, 5), started(1, 5), succeeded(1, 5)]);
    assert_eq!(machine.graph().check_order(), Ok(()));
}

#[test]
fn a_node_that_ends_before_it_begins_is_told() {
    let machine = two(Need::Success, &[started(0, 5), succeeded(0, 2)]);
    let out = machine.graph().check_order().unwrap_err();
    assert_eq!(out.all, [Disorder::Backwards { node: "parent".to_owned(), after: at(2), before: at(5) }]);
    assert!(out.to_string().ends_with("the times of node `parent` run backwards, from 5ms to 2ms"), "{out}");
}

#[test]
fn a_run_that_was_stopped_in_the_middle_is_in_order() {
    let stopped = Event::RunStopped { why: "enough".to_owned(), at: at(7) };
    let machine = two(Need::Success, &[started(0, 1), succeeded(0, 5), started(1, 6), stopped]);
    assert_eq!(machine.graph().check_order(), Ok(()));
}

/// The first attempt counts, even if the last one started in order.
#[test]
fn attempts_are_in_order_too() {
    let failed = |ms, until| Event::AttemptFailed { node: node_id(1), error: fails(), until: at(until), at: at(ms) };
    let over = |ms| Event::RetryDue { node: node_id(1), at: at(ms) };
    let run = |first, second, third| {
        let begin = [started(0, 1), succeeded(0, 5), started(1, first), failed(second, second + 1), over(second + 1)];
        let end = [started(1, third), succeeded(1, 20)];
        let events: Vec<Event> = begin.into_iter().chain(end).collect();
        two(Need::Success, &events).graph().check_order().map_or_else(|out| out.all, |()| Vec::new())
    };
    let (node, parent) = ("child\n".to_owned(), "parent".to_owned());
    assert_eq!(run(6, 8, 10), []);
    let early = Disorder::TooEarly { node: node.clone(), started: at(4), parent, ended: Some(at(5)) };
    assert_eq!(run(4, 8, 10), [early]);
    assert_eq!(run(6, 8, 7), [Disorder::Backwards { node: node.clone(), after: at(7), before: at(8) }]);
    // It started again at the time of its first start, which is before its failure.
    assert_eq!(run(6, 8, 6), [Disorder::Backwards { node, after: at(6), before: at(8) }]);
}

#[test]
fn a_child_of_a_parent_that_failed_runs_only_when_it_needs_no_success() {
    let failed = Event::Failed { node: node_id(0), error: fails(), at: at(5) };
    let machine = two(Need::End, &[started(0, 1), failed, started(1, 6), succeeded(1, 7)]);
    assert_eq!(machine.graph().check_order(), Ok(()));
}

#[test]
fn of_many_the_first_twenty_are_shown_and_all_are_kept() {
    let mut additions = Additions::default();
    (0..30).for_each(|_| additions.node(stage(), [], None));
    let mut machine = Machine::new(|_| StageInfo::new("step", Place::Async));
    machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
    machine.apply(&Event::RunStarted { at: at(0) }).unwrap();
    for node in 0..30 {
        machine.apply(&started(node, 3)).unwrap();
        machine.apply(&succeeded(node, 2)).unwrap();
    }
    let out = machine.graph().check_order().unwrap_err();
    assert_eq!((out.all.len(), out.to_string().lines().count()), (30, 22));
    assert!(out.to_string().ends_with("\n  and 10 more like this"), "{out}");
}
