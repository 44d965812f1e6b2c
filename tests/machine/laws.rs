//! The laws of rule sets: which sets are rejected, with which messages, and which are accepted.

use super::told::stage_id;
use dagcore::dag::{
    Addition, Adds, Below, Condition, Each, Keying, NodeId, Place, RuleSpec, StageId, StageInfo, unlawful,
};
use std::sync::LazyLock;

const NAMES: [&str; 9] = ["a", "b", "c", "d", "tree", "opens", "ping", "pong", "crawl"];
const A: usize = 0;
const B: usize = 1;
const C: usize = 2;
const D: usize = 3;
/// A stage that adds more nodes of itself while it runs, one that adds an `a`, two that add each other, and one that
/// adds more nodes of itself by key.
const TREE: usize = 4;
const OPENS: usize = 5;
const PING: usize = 6;
const PONG: usize = 7;
const CRAWL: usize = 8;

fn info(stage: StageId) -> StageInfo {
    static ADDS: LazyLock<[Adds; 5]> =
        LazyLock::new(|| [free([TREE]), free([A]), free([PONG]), free([PING]), keyed(CRAWL, Keying::Run)]);
    let info = StageInfo::new(NAMES[stage.index()], Place::Async);
    match stage.index().checked_sub(TREE) {
        Some(at) => info.adding(&ADDS[at]),
        None => info,
    }
}

fn free<const N: usize>(stages: [usize; N]) -> Adds {
    Adds::only(stages.map(stage_id))
}

fn keyed(stage: usize, keying: Keying) -> Adds {
    Adds::Only(vec![Addition::new(stage_id(stage), keying)])
}

/// A rule that fires for each node of a stage.
fn each(name: &str, of: usize, adds: Adds) -> RuleSpec {
    RuleSpec::new(name, adds).each(Each::Succeeded(stage_id(of)))
}

fn failed(name: &str, of: usize, adds: Adds) -> RuleSpec {
    RuleSpec::new(name, adds).each(Each::Failed(stage_id(of)))
}

fn closed(name: &str, of: usize, adds: Adds) -> RuleSpec {
    RuleSpec::new(name, adds).when(Condition::Closed(stage_id(of)))
}

fn count(name: &str, of: usize, adds: Adds) -> RuleSpec {
    RuleSpec::new(name, adds).when(Condition::Count(stage_id(of), 3))
}

/// A rule that waits for a stage below each node of another.
fn below(name: &str, of: usize, group: usize, below: Below, adds: Adds) -> RuleSpec {
    RuleSpec::new(name, adds).each(Each::Under(stage_id(group))).under(stage_id(of), below)
}

/// Compares the reported problems of the rules with the expected ones.
fn check<const N: usize>(rules: &[RuleSpec], expected: [&str; N]) {
    assert_eq!(unlawful(rules, [], info), expected);
}

#[test]
fn a_rule_that_waits_for_the_closing_of_what_it_adds_is_refused() {
    let told = "rule `itself` waits for `a` to close, and adds one itself: let it add another stage, or wait for \
                something else";
    check(&[closed("itself", A, free([A]))], [told]);
    check(&[closed("itself", A, keyed(A, Keying::Run))], [told]);
    check(&[closed("itself", A, free([B, A]))], [told]);
    check(&[each("itself", A, free([B])).when(Condition::Closed(stage_id(B)))], [&told.replace("`a`", "`b`")]);
}

#[test]
fn the_reported_cycle_is_the_shortest() {
    let (one, two) = (closed("one", A, free([B])), each("two", B, free([C])));
    let three = count("three", C, free([D, A]));
    let end = "break the circle, or let the rule wait for something else";
    let told = format!(
        "rule `one` waits for `a` to close, and may bring one about itself: it adds `b`, and for each `b` rule `two` adds \
         `c`, and for enough of `c` rule `three` adds `a`: {end}"
    );
    check(&[one.clone(), two.clone(), three.clone()], [&told]);
    let told = format!(
        "rule `one` waits for `a` to close, and may bring one about itself: it adds `b`, and for each `b` that fails rule \
         `short` adds `a`: {end}"
    );
    check(&[one, two, three, failed("short", B, free([A]))], [&told]);
}

#[test]
fn rules_that_wait_for_each_others_stage_are_both_reported() {
    check(
        &[closed("one", A, free([B])), closed("two", B, free([A]))],
        [
            "rule `one` waits for `a` to close, and may bring one about itself: it adds `b`, and once there is no more \
             `b` rule `two` adds `a`: break the circle, or let the rule wait for something else",
            "rule `two` waits for `b` to close, and may bring one about itself: it adds `a`, and once there is no more \
             `a` rule `one` adds `b`: break the circle, or let the rule wait for something else",
        ],
    );
}

#[test]
fn additions_of_running_nodes_are_part_of_the_cycle() {
    check(
        &[closed("merge", A, free([B])), each("again", B, free([OPENS]))],
        [
            "rule `merge` waits for `a` to close, and may bring one about itself: it adds `b`, and for each `b` rule `again` \
          adds `opens`, and each `opens` adds `a` while it runs: break the circle, or let the rule wait for something \
          else",
        ],
    );
    // Only the stage in between connects the two rules.
    check(
        &[closed("volley", PING, free([PONG]))],
        [
            "rule `volley` waits for `ping` to close, and may bring one about itself: it adds `pong`, and each `pong` adds \
          `ping` while it runs: break the circle, or let the rule wait for something else",
            "stage `ping` feeds itself without end: each `ping` adds `pong` while it runs, and each `pong` adds `ping` while \
          it runs: bound one of them with `by key`",
        ],
    );
}

#[test]
fn what_is_waited_for_below_a_node_must_not_be_added_there() {
    let rules = |how| [below("merge", A, B, how, free([A])), each("cut", B, free([A]))];
    let end = "and adds one itself: let it add another stage, or wait for something else";
    check(&rules(Below::Closed), [&format!("rule `merge` waits for `a` to close below each `b`, {end}")]);
    check(&rules(Below::Settled), [&format!("rule `merge` waits for `a` to settle below each `b`, {end}")]);
    check(&rules(Below::Done), [&format!("rule `merge` waits for `a` to be done below each `b`, {end}")]);
    check(
        &[below("refine", A, B, Below::Done, free([B])).within(3), each("cut", B, free([A]))],
        ["rule `refine` waits for `a` to be done below each `b`, and may bring one about itself: it adds `b`, and \
          for each `b` rule `cut` adds `a`: break the circle, or let the rule wait for something else"],
    );
    check(
        &[below("one", A, D, Below::Settled, free([B])), below("two", B, D, Below::Done, free([A]))],
        [
            "rule `one` waits for `a` to settle below each `d`, and may bring one about itself: it adds `b`, and once \
          every `b` is done below a `d` rule `two` adds `a`: break the circle, or let the rule wait for something else",
            "rule `two` waits for `b` to be done below each `d`, and may bring one about itself: it adds `a`, and once \
          every `a` has ended below a `d` rule `one` adds `b`: break the circle, or let the rule wait for something else",
        ],
    );
}

#[test]
fn what_is_added_elsewhere_may_be_waited_for_below_a_node() {
    let cut = || each("cut", B, free([A]));
    // The additions of a rule that fires once in the whole run are below no node.
    check(&[below("merge", A, B, Below::Closed, free([C])), cut(), count("enough", C, free([A]))], []);
    // This does not hold for the additions of a rule about one node, which may be below the other.
    let about = count("enough", C, free([A])).when(Condition::Done(NodeId::from_index(0)));
    check(
        &[below("merge", A, B, Below::Closed, free([C])), about],
        ["rule `merge` waits for `a` to close below each `b`, and may bring one about itself: it adds `c`, and for \
          enough of `c` rule `enough` adds `a`: break the circle, or let the rule wait for something else"],
    );
}

#[test]
fn what_is_added_elsewhere_may_let_a_rule_fire_that_waits_below_a_node() {
    let late = each("late", B, free([A])).when(Condition::Count(stage_id(D), 1));
    check(
        &[below("merge", A, B, Below::Closed, free([C])), count("enough", C, free([D])), late],
        [
            "rule `merge` waits for `a` to close below each `b`, and may bring one about itself: it adds `c`, and for enough \
          of `c` rule `enough` adds `d`, and for enough of `d` rule `late` adds `a`: break the circle, or let the rule \
          wait for something else",
        ],
    );
}

#[test]
fn a_rule_that_feeds_itself_without_bound_is_refused() {
    check(
        &[each("on", A, free([A]))],
        ["rule `on` feeds itself without end: for each `a` it adds another: bound it with `by key` or `within N`"],
    );
    check(
        &[failed("retry", A, free([A]))],
        ["rule `retry` feeds itself without end: for each `a` that fails it adds another: bound it with `by key` or \
          `within N`"],
    );
    check(
        &[below("deeper", A, B, Below::Closed, free([B]))],
        ["rule `deeper` feeds itself without end: for each `b` it adds another: bound it with `by key` or `within N`"],
    );
    check(&[each("on", A, keyed(A, Keying::Run)), failed("retry", A, free([A])).within(3)], []);
}

#[test]
fn rules_that_feed_each_other_without_bound_are_reported_once_per_cycle() {
    let one = |adds| each("one", A, adds);
    let (two, three) = (|| each("two", B, free([C])), || failed("three", C, free([A])));
    check(
        &[one(free([B])), two(), three()],
        [
            "rule `one` feeds itself without end: for each `a` it adds `b`, and for each `b` rule `two` adds `c`, and for \
          each `c` that fails rule `three` adds `a`: bound one of them with `by key` or `within N`",
        ],
    );
    check(&[one(keyed(B, Keying::Run)), two(), three()], []);
    check(&[one(free([B])), two().within(1), three()], []);
    check(
        &[one(free([A, B])), each("back", B, free([A]))],
        [
            "rule `one` feeds itself without end: for each `a` it adds another: bound it with `by key` or `within N`",
            "rule `back` feeds itself without end: for each `b` it adds `a`, and for each `a` rule `one` adds `b`: bound one \
          of them with `by key` or `within N`",
        ],
    );
}

#[test]
fn the_cycle_starts_with_the_reported_rule() {
    check(
        &[each("short", A, free([A])), each("long", A, free([C])), each("back", C, free([A])).within(1)],
        ["rule `short` feeds itself without end: for each `a` it adds another: bound it with `by key` or `within N`"],
    );
    check(
        &[each("one", A, free([A])), each("two", A, free([C])), each("back", C, free([A]))],
        [
            "rule `one` feeds itself without end: for each `a` it adds another: bound it with `by key` or `within N`",
            "rule `two` feeds itself without end: for each `a` it adds `c`, and for each `c` rule `back` adds `a`: bound one \
          of them with `by key` or `within N`",
        ],
    );
    check(
        &[each("both", A, free([B])).when(Condition::Closed(stage_id(A))), each("back", B, keyed(A, Keying::Run))],
        [
            "rule `both` waits for `a` to close, and may bring one about itself: it adds `b`, and for each `b` rule `back` \
          adds `a`: break the circle, or let the rule wait for something else",
        ],
    );
}

#[test]
fn rules_that_fire_once_do_not_feed_themselves() {
    check(&[count("enough", A, free([A]))], []);
    check(&[each("one", A, free([B])), count("enough", B, free([A]))], []);
}

#[test]
fn a_key_below_each_node_of_a_stage_bounds_what_does_not_add_that_stage() {
    let under = |stage, group| keyed(stage, Keying::Under(stage_id(group)));
    check(&[each("visit", A, under(A, B))], []);
    check(&[each("visit", A, under(A, B)), each("open", C, free([B])), each("late", A, free([C])).within(2)], []);
    // Nodes that are added after a node are not above it.
    check(&[each("visit", A, under(A, B)), each("leave", A, free([B]))], []);
    check(
        &[each("visit", A, under(C, B)), each("leave", C, free([B])), each("enter", B, free([A]))],
        [
            "rule `visit` feeds itself without end: for each `a` it adds `c`, and for each `c` rule `leave` adds `b`, and for \
          each `b` rule `enter` adds `a`: bound one of them with `by key` or `within N`; `by key under` does not bound \
          it, because another `b` comes each time round",
        ],
    );
    // Two keys, each of which is bounded only if the other is.
    check(
        &[each("one", A, under(B, C)), each("two", B, under(C, B)), each("three", C, free([A]))],
        [
            "rule `one` feeds itself without end: for each `a` it adds `b`, and for each `b` rule `two` adds `c`, and for \
          each `c` rule `three` adds `a`: bound one of them with `by key` or `within N`; `by key under` does not bound \
          it, because another `b` comes each time round",
        ],
    );
}

#[test]
fn stages_that_feed_themselves_are_reported_even_if_no_rule_names_them() {
    let told = "stage `tree` feeds itself without end: each `tree` adds another while it runs: bound it with `by key`";
    assert_eq!(unlawful(&[], [stage_id(TREE)], info), [told]);
    assert!(unlawful(&[], [stage_id(CRAWL), stage_id(A)], info).is_empty());
    check(&[each("plant", A, free([TREE]))], [told]);
    check(
        &[each("open", A, free([OPENS]))],
        [
            "rule `open` feeds itself without end: for each `a` it adds `opens`, and each `opens` adds `a` while it runs: \
          bound one of them with `by key` or `within N`",
        ],
    );
}

#[test]
fn rules_without_declared_additions_are_ignored() {
    check(&[each("on", A, Adds::Anything), closed("itself", A, Adds::Anything)], []);
    check(&[closed("one", A, free([B])), each("two", B, Adds::Anything)], []);
}

#[test]
fn all_mistakes_are_reported_and_each_rule_only_once() {
    let rules: Vec<RuleSpec> = (0..10_000).map(|_| closed("itself", A, free([A]))).collect();
    assert_eq!(unlawful(&rules, [], info).len(), 1);
    let both = each("both", A, free([A, B])).when(Condition::Closed(stage_id(B)));
    let told = unlawful(&[both, each("on", C, free([C]))], [stage_id(TREE)], info);
    let starts = ["rule `both` waits", "rule `both` feeds", "rule `on` feeds", "stage `tree` feeds"];
    assert!(told.iter().zip(starts).all(|(told, start)| told.starts_with(start)) && told.len() == 4, "{told:#?}");
}

#[test]
fn a_cycle_of_two_hundred_stages_is_reported() {
    let describe = |_| StageInfo::new("step", Place::Async);
    let rules = (0..200).map(|n| each(&format!("rule {n}"), n, free([(n + 1) % 200])));
    let told = unlawful(&rules.collect::<Vec<_>>(), [], describe);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].matches("for each").count(), 200);
}
