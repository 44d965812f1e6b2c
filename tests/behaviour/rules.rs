//! When rules fire, and with which arguments.

use dagcore::Error;
use dagcore::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

#[stage]
async fn item(n: u32) -> u32 {
    for _ in 0..n % 5 {
        tokio::task::yield_now().await;
    }
    n
}

#[stage]
fn sum(all: Vec<u32>) -> u32 {
    all.iter().sum()
}

#[stage]
fn note(text: String) -> String {
    text
}

fn notes(flow: Workflow) -> Vec<String> {
    let report = flow.run_blocking().unwrap();
    report.outputs::<note>().unwrap().cloned().collect()
}

#[test]
fn done_fires_once_when_all_its_nodes_have_succeeded() {
    let mut flow = Workflow::new("done");
    let (one, two) = (flow.add(item::new(1_u32)), flow.add(item::new(2_u32)));
    flow.rule(rule! {
        when done(one, two), adds [note],
        then |grow, one, two| { grow.add(note::new(format!("{one} and {two}"))); }
    });
    assert_eq!(notes(flow), ["1 and 2"]);
}

#[test]
fn each_fires_once_for_every_node_also_for_those_that_rules_add() {
    rule! {
        count_down: when each(item), adds [item] within 20,
        then |grow, _node, n| if *n > 0 { grow.add(item::new(n - 1)); }
    }
    let mut flow = Workflow::new("each").rules(rules![count_down]);
    flow.add(item::new(3_u32));
    flow.add(item::new(1_u32));
    let report = flow.run_blocking().unwrap();
    assert_eq!(report.outputs::<item>().unwrap().copied().collect::<Vec<_>>(), [3, 2, 1, 0, 1, 0]);
}

#[test]
fn within_counts_the_firings_along_a_lineage() {
    rule! {
        double: when each(item), adds [item] within 3,
        then |grow, node, _n| { grow.add(item::new(node)); grow.add(item::new(node)); }
    }
    let mut flow = Workflow::new("within").rules(rules![double]);
    flow.add(item::new(0_u32));
    assert_eq!(flow.run_blocking().unwrap().len(), 1 + 2 + 4 + 8);
}

#[test]
fn a_rule_that_within_held_back_is_in_the_report_with_how_often_and_where() {
    rule! {
        down: when each(item), adds [item] within 2,
        then |grow, node, _n| { grow.add(item::new(node)); }
    }
    let mut flow = Workflow::new("within").rules(rules![down]);
    for n in 0..9_u32 {
        flow.add(item::new(n));
    }
    let report = flow.run_blocking().unwrap();
    let held_back: Vec<_> = report.held_back().map(|(rule, nodes)| (rule, nodes.count, nodes.first.len())).collect();
    assert_eq!(held_back, [("down", 9, 5)]);
    // Those are the last nodes of each chain: they have no dependents.
    let graph = report.graph();
    let last: Vec<String> =
        graph.nodes().filter(|node| graph.children(*node).next().is_none()).map(|node| graph.name(node)).collect();
    assert!(report.held_back().all(|(_, nodes)| nodes.first.iter().all(|node| last.contains(node))));
    let text = report.to_string();
    assert!(text.contains("\n  rule `down` was held back 9 times by its `within`: for `item#"), "{text}");
    assert!(text.ends_with(" and 4 more"), "{text}");
    let explained = report.explain_rule("down")[0].to_string();
    assert!(explained.contains("its `within` kept it from 9 further nodes: `item#"), "{explained}");
}

#[test]
fn count_fires_when_n_nodes_exist_and_count_done_when_n_nodes_succeeded() {
    let mut flow = Workflow::new("count");
    for n in 0..4_u32 {
        flow.add(item::new(n));
    }
    flow.rule(rule! {
        when count(item) >= 3, adds [note],
        then |grow, nodes| { grow.add(note::new(format!("{} exist", nodes.len()))); }
    });
    flow.rule(rule! {
        when count_done(item) >= 4, adds [note],
        then |grow, nodes| { grow.add(note::new(format!("{} done", nodes.len()))); }
    });
    assert_eq!(notes(flow), ["3 exist", "4 done"]);
}

#[test]
fn named_fires_when_a_node_of_the_name_appears() {
    let mut flow = Workflow::new("named");
    let first = flow.add(item::new(1_u32));
    flow.rule(rule! {
        when named("second"), adds [note],
        then |grow, node| { grow.add(note::new("it came".to_owned()).after(node)); }
    });
    flow.rule(rule! {
        when done(first), adds [item],
        then |grow, _n| { grow.add(item::new(2_u32).named("second")); }
    });
    assert_eq!(notes(flow), ["it came"]);
}

#[test]
fn conditions_joined_by_and_hold_when_all_of_them_do() {
    let mut flow = Workflow::new("and");
    let (one, two) = (flow.add(item::new(1_u32)), flow.add(item::new(2_u32)));
    flow.rule(rule! {
        when done(one) && settled(two) && count(item) >= 2 && |view| view.count_done::<item>() == 2,
        adds [note],
        then |grow, one, two, nodes| {
            grow.add(note::new(format!("{one} {} {}", two.output().unwrap(), nodes.len())));
        }
    });
    assert_eq!(notes(flow), ["1 2 2"]);
}

#[test]
fn an_each_rule_holds_what_it_found_until_its_other_conditions_hold() {
    let mut flow = Workflow::new("held");
    flow.add(item::new(0_u32));
    flow.add(item::new(1_u32));
    let gate = flow.add(note::new("open".to_owned()));
    #[stage]
    fn passed(n: &u32, gate: &str) -> String {
        format!("{n} {gate}")
    }
    flow.rule(rule! {
        when each(item) && done(gate), adds [passed],
        then |grow, node, _n, text| { grow.add(passed::new(node, text.clone())); }
    });
    let report = flow.run_blocking().unwrap();
    assert_eq!(report.outputs::<passed>().unwrap().collect::<Vec<_>>(), ["0 open", "1 open"]);
}

#[test]
fn closed_fires_when_no_rule_can_add_another_and_hands_over_all() {
    rule! {
        spread: when each(item), adds [item by key],
        then |grow, _node, n| for next in [n * 2, n * 3] {
            if next < 100 { grow.add(item::new(next).key(next)); }
        }
    }
    rule! {
        total: when closed(item), adds [sum],
        then |grow, items| { grow.add(sum::new(items)); }
    }
    let mut flow = Workflow::new("closed").rules(rules![spread, total]);
    flow.add(item::new(1_u32).key(1));
    let report = flow.run_blocking().unwrap();
    let smooth = (1..100_u32).filter(|n| {
        let mut n = *n;
        while n % 2 == 0 {
            n /= 2
        }
        while n % 3 == 0 {
            n /= 3
        }
        n == 1
    });
    assert_eq!(*report.only::<sum>().unwrap(), smooth.sum::<u32>());
}

#[test]
fn closed_fires_with_an_empty_list_when_nothing_came() {
    rule! {
        total: when closed(item, note), adds [sum],
        then |grow, items, notes| { assert!(notes.is_empty()); grow.add(sum::new(items)); }
    }
    let flow = Workflow::new("none").rules(rules![total]);
    assert_eq!(*flow.run_blocking().unwrap().only::<sum>().unwrap(), 0);
}

#[test]
fn closing_rules_follow_each_other_stratum_by_stratum() {
    #[stage]
    fn last(sums: Vec<u32>) -> String {
        format!("{sums:?}")
    }
    rule! { one: when closed(item), adds [sum], then |grow, items| { grow.add(sum::new(items)); } }
    rule! { two: when closed(sum), adds [last], then |grow, sums| { grow.add(last::new(sums)); } }
    let mut flow = Workflow::new("strata").rules(rules![two, one]);
    flow.add(item::new(1_u32));
    flow.add(item::new(2_u32));
    assert_eq!(flow.run_blocking().unwrap().only::<last>().unwrap(), "[3]");
}

#[test]
fn a_stage_that_a_waiting_rule_keeps_open_closes_when_the_run_is_at_rest() {
    let mut flow = Workflow::new("rest");
    flow.add(item::new(1_u32));
    flow.rule(rule! { when |view| view.count::<item>() > 5, adds [item], then |grow| { grow.add(item::new(9_u32)); } });
    flow.rule(rule! { when closed(item), adds [sum], then |grow, items| { grow.add(sum::new(items)); } });
    let report = flow.run_blocking().unwrap();
    assert_eq!(*report.only::<sum>().unwrap(), 1);
    assert_eq!(report.unfired().count(), 1);
}

#[test]
fn adding_to_a_closed_stage_is_an_error_with_the_rule_and_the_time() {
    let mut flow = Workflow::new("late");
    flow.add(item::new(1_u32));
    flow.rule(rule! { when closed(item), adds [sum], then |grow, items| { grow.add(sum::new(items)); } });
    flow.rule(rule! { when |view| view.count_done::<sum>() > 0, then |grow| { grow.add(item::new(9_u32)); } });
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let said = report.rule_failures()[0].to_string();
    assert!(
        said.contains("adds a `item` (event ") && said.contains("closed when the run was at rest (event "),
        "{said}"
    );
}

#[test]
fn a_predicate_is_evaluated_only_when_something_it_read_has_changed() {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let mut flow = Workflow::new("asked");
    let watched = flow.add(note::new("watched".to_owned()));
    for n in 0..1_000_u32 {
        flow.add(item::new(n));
    }
    flow.rule(rule! {
        when |view| { ASKED.fetch_add(1, Ordering::Relaxed); view.output(watched).is_some_and(|text| text == "watched") },
        adds [],
        then |_grow| {}
    });
    let report = flow.run_blocking().unwrap();
    assert_eq!(report.unfired().count(), 0);
    let asked = ASKED.load(Ordering::Relaxed);
    assert!(asked <= 4, "evaluated {asked} times while one node went from ready to done");
}

#[test]
fn a_predicate_that_read_the_children_of_a_node_is_evaluated_again_when_a_child_is_added() {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let mut flow = Workflow::new("children");
    let (first, other) = (flow.add(item::new(1_u32)), flow.add(item::new(2_u32)));
    for _ in 0..100 {
        flow.rule(rule! { when done(other), adds [item], then |grow, n| { grow.add(item::new(*n)); } });
    }
    flow.rule(rule! { when done(first), adds [sum], then |grow, _n| { grow.add(sum::new([first])); } });
    flow.rule(rule! {
        when |view| {
            ASKED.fetch_add(1, Ordering::Relaxed);
            !view.children(first).is_empty()
        },
        adds [note],
        then |grow| { grow.add(note::new("it has a child".to_owned())); }
    });
    let report = flow.run_blocking().unwrap();
    assert_eq!(report.only::<note>().unwrap(), "it has a child");
    let asked = ASKED.load(Ordering::Relaxed);
    assert!(asked <= 6, "evaluated {asked} times, with a hundred nodes that are not its children");
}

#[test]
fn a_key_must_be_declared_and_set() {
    let mut flow = Workflow::new("keys");
    let first = flow.add(item::new(1_u32));
    flow.rule(rule! { when done(first), adds [note by key], then |grow, _n| { grow.add(note::new("x".to_owned())); } });
    flow.rule(rule! { when done(first), adds [note], then |grow, _n| { grow.add(note::new("x".to_owned()).key(1)); } });
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let said = report.rule_failures().iter().map(ToString::to_string).collect::<String>();
    assert!(
        said.contains("write `note::new(..).key(..)`") && said.contains("write `note by key` in its `adds [..]`"),
        "{said}"
    );
}

#[test]
fn a_body_sees_the_graph_as_it_is() {
    let mut flow = Workflow::new("view");
    let (one, two) = (flow.add(item::new(1_u32).named("one")), flow.add(item::new(2_u32)));
    let both = flow.add(sum::new([one, two]));
    flow.rule(rule! {
        when done(both), adds [note],
        then |grow, _sum| {
            let text = grow.view(|view| {
                let named = view.named("one").expect("the node exists");
                format!(
                    "{} nodes, {} of item, parents {:?}, children {:?}, {:?}, {:?}",
                    view.len(), view.count::<item>(), view.parents(both).len(), view.children(named).len(),
                    view.output(two), view.state(named),
                )
            });
            grow.add(note::new(text));
        }
    });
    assert_eq!(notes(flow), ["3 nodes, 2 of item, parents 2, children 1, Some(2), Some(Succeeded)"]);
}
