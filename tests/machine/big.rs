//! A million nodes on a thread with a stack of 256 KiB: no function recurses.

use super::told::{describe, node_id, stage_id};
use dagcore::dag::{
    Additions, Adds, Cause, Condition, Each, Edge, Event, Machine, Need, NodeError, NodeId, NodeState, Place, RuleSpec,
    Time,
};

const MANY: usize = 1_000_000;
const A: usize = 0;
const B: usize = 1;
const AT: Time = Time::START;

fn in_a_small_stack(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(256 * 1024).spawn(test).expect("a thread");
    assert!(thread.join().is_ok(), "the thread must end without a panic");
}

fn needs(node: usize) -> Edge {
    Edge { from: node_id(node), need: Need::Success }
}

fn machine(fill: impl FnOnce(&mut Additions)) -> Machine {
    let mut machine = Machine::new(describe);
    let mut additions = Additions::default();
    fill(&mut additions);
    tell(&mut machine, Event::Added { additions, at: Time::START });
    tell(&mut machine, Event::RunStarted { at: AT });
    machine
}

fn tell(machine: &mut Machine, event: Event) {
    if let Err(refused) = machine.apply(&event) {
        panic!("{refused}");
    }
}

/// Runs everything that can run; `body` returns the additions of a rule. Returns the number of nodes that ran.
fn run(machine: &mut Machine, mut body: impl FnMut(Option<NodeId>, usize) -> Additions) -> usize {
    let mut ran = 0;
    loop {
        while let Some(event) = machine.consequence(AT) {
            tell(machine, event);
        }
        if let Some(due) = machine.next_due() {
            let additions = body(due.binding, machine.graph().len());
            tell(machine, Event::Fired { rule: due.rule, binding: due.binding, additions, at: AT });
        } else if let Some(node) = machine.take_ready(Place::Async).or_else(|| machine.take_ready(Place::Compute)) {
            ran += 1;
            tell(machine, Event::Started { node, at: AT });
            tell(machine, Event::Succeeded { node, at: AT });
        } else {
            let end = machine.at_rest(AT).expect("the machine is at rest");
            let ended = matches!(end[0], Event::RunEnded { .. });
            end.into_iter().for_each(|event| tell(machine, event));
            if ended {
                return ran;
            }
        }
    }
}

fn nothing(_: Option<NodeId>, _: usize) -> Additions {
    Additions::default()
}

#[test]
fn a_chain_of_a_million_nodes_runs_in_a_small_stack() {
    in_a_small_stack(|| {
        let mut machine =
            machine(|add| (0..MANY).for_each(|n| add.node(stage_id(A), n.checked_sub(1).map(needs), None)));
        assert_eq!(run(&mut machine, nothing), MANY);
        assert_eq!(machine.in_lineage_order(stage_id(A)).len(), MANY);
    });
}

#[test]
fn a_fan_out_and_a_fan_in_of_a_million_run_in_a_small_stack() {
    in_a_small_stack(|| {
        let mut machine = machine(|add| {
            add.node(stage_id(A), [], None);
            (0..MANY).for_each(|_| add.node(stage_id(A), [needs(0)], None));
            add.node(stage_id(B), (1..=MANY).map(needs), None);
        });
        assert_eq!(run(&mut machine, nothing), MANY + 2);
        assert_eq!(machine.graph().children(node_id(0)).count(), MANY);
        assert_eq!(machine.graph().parents(node_id(MANY + 1)).count(), MANY);
    });
}

#[test]
fn a_failure_skips_a_chain_of_a_hundred_thousand_in_a_small_stack() {
    in_a_small_stack(|| {
        let many = MANY / 10;
        let mut machine =
            machine(|add| (0..many).for_each(|n| add.node(stage_id(A), n.checked_sub(1).map(needs), None)));
        let node = machine.take_ready(Place::Async).expect("the first node");
        tell(&mut machine, Event::Started { node, at: AT });
        let error = NodeError::new("first", "a", Cause::Panic("by plan".into()));
        tell(&mut machine, Event::Failed { node, error, at: AT });
        assert_eq!(run(&mut machine, nothing), 0);
        let skipped = |n: &usize| machine.graph().state(node_id(*n)) == Some(NodeState::Skipped);
        assert_eq!((1..many).filter(skipped).count(), many - 1);
        assert_eq!(machine.graph().skipped_because(node_id(many - 1)), Some(node));
    });
}

/// Each node adds the next one: a lineage a million nodes deep; the stage closes at its end.
#[test]
fn a_rule_grows_a_line_of_a_million_nodes_in_a_small_stack() {
    in_a_small_stack(|| {
        let mut machine = machine(|add| {
            add.node(stage_id(A), [], None);
            add.rule(RuleSpec::new("next", Adds::only([stage_id(A)])).each(Each::Succeeded(stage_id(A))));
            add.rule(RuleSpec::new("last", Adds::only([stage_id(B)])).when(Condition::Closed(stage_id(A))));
        });
        run(&mut machine, |bound, nodes| {
            let mut additions = Additions::default();
            match bound {
                Some(_) if nodes < MANY => additions.node(stage_id(A), bound.map(|n| needs(n.index())), None),
                Some(_) => {}
                None => additions.node(stage_id(B), [], None),
            }
            additions
        });
        let line = machine.in_lineage_order(stage_id(A));
        assert!(line.iter().copied().eq((0..MANY).map(node_id)), "the lineage must be in order");
        assert_eq!(machine.graph().lineage_parent(node_id(MANY - 1)), Some(node_id(MANY - 2)));
        assert_eq!(machine.graph().nodes_of(stage_id(B)).len(), 1);
    });
}
