//! Rules that can never fire are reported, before the run and in its report.

use dagcore::prelude::*;

#[stage]
fn item(n: u32) -> u32 {
    n
}

#[stage]
fn other(n: u32) -> u32 {
    n
}

#[stage]
fn last(n: u32) -> u32 {
    n
}

fn warnings(flow: &Workflow) -> Vec<String> {
    flow.possible().warnings().to_vec()
}

#[test]
fn a_rule_for_a_stage_that_nothing_can_add_can_never_fire() {
    rule! { one: when each(item), adds [], then |_grow, _node, _n| {} }
    rule! { two: when each_failed(item), adds [], then |_grow, _node, _error| {} }
    rule! { three: when count(item) >= 2, adds [], then |_grow, _nodes| {} }
    rule! { four: when count_done(item) >= 2 && closed(other), adds [], then |_grow, _nodes, _others| {} }
    let flow = Workflow::new("none").rules(rules![one, two, three, four]);
    let why =
        "and nothing can ever add one, so it can never fire: add a call of it, or let a rule declare it in `adds [..]`";
    assert_eq!(
        warnings(&flow),
        [
            format!("rule `one` fires for each `item`, {why}"),
            format!("rule `two` fires for each `item` that fails, {why}"),
            format!("rule `three` waits for nodes of `item`, {why}"),
            format!("rule `four` waits for nodes of `item`, {why}"),
        ]
    );
}

#[test]
fn a_rule_that_waits_for_such_a_stage_to_close_fires_without_a_warning() {
    rule! { none: when closed(item), adds [last], then |grow, items| { grow.add(last::new(items.len() as u32)); } }
    let flow = Workflow::new("closed").rules(rules![none]);
    assert_eq!(warnings(&flow), [""; 0]);
    assert_eq!(*flow.run_blocking().unwrap().only::<last>().unwrap(), 0);
}

#[test]
fn a_rule_that_would_have_to_add_its_first_node_itself_is_reported() {
    rule! { follow: when each(item), adds [item by key], then |_grow, _node, _n| {} }
    let flow = Workflow::new("chicken").rules(rules![follow]);
    assert_eq!(
        warnings(&flow),
        [
            "rule `follow` fires for each `item`, and nothing else adds the first, so it can never fire: add a call of it, \
          or let another rule declare it in `adds [..]`"
        ]
    );
}

#[test]
fn what_follows_from_a_rule_that_never_fires_never_fires_either_and_names_it() {
    rule! { one: when each(item), adds [other], then |_grow, _node, _n| {} }
    rule! { two: when each(other), adds [last], then |_grow, _node, _n| {} }
    let flow = Workflow::new("chain").rules(rules![two, one]);
    let told = warnings(&flow);
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[0],
        "rule `two` fires for each `other`, and what adds one can never come itself (rule `one`), so it can never fire: \
         add a call of it, or let that come"
    );
}

#[test]
fn an_unreachable_count_is_reported_with_the_actual_number() {
    rule! { many: when count(item) >= 3, adds [other], then |_grow, _nodes| {} }
    let mut flow = Workflow::new("few").rules(rules![many]);
    flow.add(item::new(1));
    assert_eq!(
        warnings(&flow),
        ["rule `many` waits for 3 nodes of `item`, the program adds 1, and nothing can add another, so it can never \
          fire: add more calls of it, or let a rule declare it in `adds [..]`"]
    );
    flow.add(item::new(2));
    flow.add(item::new(3));
    assert_eq!(warnings(&flow), [""; 0]);
}

#[test]
fn a_name_that_no_node_can_have_is_reported() {
    rule! { wait: when named("x"), adds [], then |_grow, _node| {} }
    let mut flow = Workflow::new("nameless").rules(rules![wait]);
    let first = flow.add(item::new(1).named("y"));
    assert_eq!(
        warnings(&flow),
        [
            "rule `wait` waits for a node named `x`, which no node is, and nothing can add another, so it can never fire: \
          name one with `.named(..)`, or let a rule that can fire add it"
        ]
    );
    // The additions of a rule may have any name.
    flow.rule(rule! { when done(first), adds [item], then |_grow, _n| {} });
    assert_eq!(warnings(&flow), [""; 0]);
}

#[test]
fn a_rule_that_declares_nothing_may_add_what_is_missing() {
    rule! { one: when each(item), adds [], then |_grow, _node, _n| {} }
    let mut flow = Workflow::new("opaque").rules(rules![one]);
    let first = flow.add(other::new(1));
    flow.rule(rule! { when done(first), then |grow, _n| { grow.add(item::new(1)); } });
    assert_eq!(warnings(&flow), [""; 0]);
    assert_eq!(flow.run_blocking().unwrap().warnings(), [""; 0]);
}

#[test]
fn the_report_of_a_run_has_the_warnings_and_shows_them() {
    rule! { one: when each(item), adds [], then |_grow, _node, _n| {} }
    let mut flow = Workflow::new("told").rules(rules![one]);
    flow.add(other::new(1));
    let before = warnings(&flow);
    let report = flow.run_blocking().unwrap();
    assert_eq!((before.len(), report.warnings()), (1, before.clone()));
    assert!(report.is_success());
    assert!(report.to_string().ends_with(&format!("\n  warning: {}", before[0])), "{report}");
}
