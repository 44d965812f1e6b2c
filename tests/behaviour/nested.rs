//! Rules registered by bodies, named and unnamed.

use dagcore::Error;
use dagcore::prelude::*;

#[stage]
async fn item(n: u32) -> u32 {
    for _ in 0..n % 5 {
        tokio::task::yield_now().await;
    }
    n
}

#[stage]
fn note(text: String) -> String {
    text
}

#[stage]
fn summary(notes: Vec<String>) -> String {
    notes.join(", ")
}

rule! {
    tell: when each(item), adds [note],
    then |grow, _node, n| { grow.add(note::new(format!("item {n}"))); }
}

rule! {
    sum_up: when closed(note), adds [summary],
    then |grow, notes| { grow.add(summary::new(notes)); }
}

fn summed_up(flow: Workflow) -> String {
    flow.run_blocking().unwrap().only::<summary>().unwrap().clone()
}

fn notes(flow: Workflow) -> Vec<String> {
    flow.run_blocking().unwrap().outputs::<note>().unwrap().cloned().collect()
}

#[test]
fn a_body_registers_rules_without_a_name_when_its_rule_says_so() {
    let mut flow = Workflow::new("nested");
    let first = flow.add(item::new(1_u32));
    flow.rule(rule! {
        when done(first), adds [item, note, Rule],
        then |grow, _n| {
            let second = grow.add(item::new(2_u32));
            grow.rule(rule! {
                when done(second), adds [item, note, dagcore::Rule],
                then |grow, _n| {
                    let third = grow.add(item::new(3_u32));
                    grow.rule(rule! {
                        when done(third), adds [note],
                        then |grow, n| { grow.add(note::new(format!("level {n}"))); }
                    });
                }
            });
        }
    });
    assert_eq!(notes(flow), ["level 3"]);
}

#[test]
fn a_rule_without_a_name_must_not_declare_more_than_the_rule_that_registers_it() {
    let mut flow = Workflow::new("nested");
    let first = flow.add(item::new(1_u32));
    flow.rule(rule! {
        when done(first), adds [item, Rule],
        then |grow, _n| grow.rule(rule! { when count(item) >= 1, adds [note], then |_grow, _nodes| {} })
    });
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let said = report.rule_failures()[0].to_string();
    assert!(said.contains("which may add a `note` that"), "{said}");
}

#[test]
fn a_body_registers_the_rules_that_its_rule_names_and_they_add_what_they_declare() {
    let mut flow = Workflow::new("named").rules(rules![sum_up]);
    let first = flow.add(item::new(4_u32));
    flow.add(item::new(1_u32));
    flow.rule(rule! {
        when done(first), adds [tell],
        then |grow, n| if *n > 3 { grow.rules(rules![tell]); }
    });
    assert_eq!(summed_up(flow), "item 4, item 1");
}

#[test]
fn a_stage_is_open_as_long_as_a_rule_may_register_one_that_adds_it() {
    rule! {
        tell_all: when closed(item), adds [tell],
        then |grow, items| if items.len() > 1 { grow.rules(rules![tell]); }
    }
    rule! {
        begin: when count(item) >= 1, adds [tell_all],
        then |grow, _items| grow.rules(rules![tell_all,])
    }
    rule! {
        count_down: when each(item), adds [item] within 10,
        then |grow, _node, n| if *n > 0 { grow.add(item::new(n - 1)); }
    }
    for rules in [1_u32, 3] {
        let mut flow = Workflow::new("open").rules(rules![sum_up, begin, count_down]);
        flow.add(item::new(rules));
        let expected = (0..=rules).rev().map(|n| format!("item {n}")).collect::<Vec<_>>().join(", ");
        assert_eq!(summed_up(flow), expected);
    }
    let mut flow = Workflow::new("none").rules(rules![sum_up, begin, count_down]);
    flow.add(item::new(0_u32));
    assert_eq!(summed_up(flow), "");
}

#[test]
fn a_rule_may_name_itself_and_rules_may_name_each_other() {
    rule! {
        ping: when count_done(item) >= 1, adds [pong, item],
        then |grow, _items| { grow.add(item::new(1_u32)); grow.rules(rules![pong]); }
    }
    rule! {
        pong: when count_done(item) >= 2, adds [ping, note, pong],
        then |grow, _items| {
            let notes = grow.view(|view| view.count::<note>());
            grow.add(note::new(format!("pong {notes}")));
            if notes < 2 { grow.rules(rules![ping, pong]); }
        }
    }
    let mut flow = Workflow::new("table").rules(rules![ping]);
    flow.add(item::new(0_u32));
    let mut notes = notes(flow);
    notes.sort_unstable();
    assert_eq!(notes, ["pong 0", "pong 1", "pong 2", "pong 3", "pong 4"]);
}

#[test]
fn what_rules_declare_together_is_held_against_what_they_wait_for() {
    rule! {
        inner: when count(note) >= 1, adds [item],
        then |grow, _notes| { grow.add(item::new(1_u32)); }
    }
    let mut flow = Workflow::new("circle");
    flow.rule(rule! {
        when closed(item), adds [note, inner],
        then |grow, _items| { grow.add(note::new("x")); grow.rules(rules![inner]); }
    });
    let error = flow.run_blocking().unwrap_err().to_string();
    assert!(error.contains("` waits for `item` to close, and adds one itself"), "{error}");
}

#[test]
fn a_map_in_a_body_needs_no_declaration_but_its_stage() {
    #[stage]
    fn list() -> Vec<u32> {
        vec![3, 4]
    }
    let mut flow = Workflow::new("map").rules(rules![tell]);
    let list = flow.add(list::new());
    flow.rule(rule! {
        when done(list), adds [item],
        then |grow, _list| { grow.map(list, item::new); }
    });
    assert_eq!(notes(flow), ["item 3", "item 4"]);
}

#[test]
fn a_named_rule_for_each_node_is_registered_once_in_a_run() {
    rule! {
        large: when each(item), adds [note],
        then |grow, _node, n| { grow.add(note::new(format!("large {n}"))); }
    }
    let flow = |outer: fn() -> Rule| {
        let mut flow = Workflow::new("once");
        flow.add(item::new(1_u32));
        flow.rule(outer());
        flow.rule(outer());
        flow.run_blocking().or_else(Error::into_report).unwrap()
    };
    let report = flow(|| rule! { when count(item) >= 1, adds [large], then |grow, _items| grow.rules(rules![large]) });
    let said = report.rule_failures()[0].to_string();
    assert!(said.contains("registers rule `large`, which is registered already and would fire twice"), "{said}");
    assert_eq!(report.outputs::<note>().unwrap().count(), 1);
}
