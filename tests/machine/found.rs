//! Small programs for cases that random programs seldom reach.

use super::driver::run;
use super::program::{Every, Fails, InsidePlan, NodePlan, Program, RulePlan, When, Whom};
use dagcore::dag::{Below, Need};

const A: usize = 0;
const B: usize = 1;
const C: usize = 2;
const D: usize = 3;
const E: usize = 4;

fn node(stage: usize) -> NodePlan {
    let (edges, name, key, under, map) = (Vec::new(), None, None, None, None);
    NodePlan { stage, edges, name, key, under, fails: Fails::Never, open: false, map }
}

fn rule(when: impl IntoIterator<Item = When<Whom>>, body: impl IntoIterator<Item = NodePlan>) -> RulePlan {
    RulePlan { when: when.into_iter().collect(), ..RulePlan::adding(body.into_iter().collect()) }
}

fn needs_bound(stage: usize) -> NodePlan {
    NodePlan { edges: vec![(Whom::Bound, Need::Success)], ..node(stage) }
}

fn program(nodes: impl IntoIterator<Item = NodePlan>, rules: impl IntoIterator<Item = RulePlan>) -> Program {
    let (nodes, rules) = (nodes.into_iter().collect(), rules.into_iter().collect());
    Program { nodes, rules, inside: Vec::new(), reaching: false }
}

/// Runs the program in several orders, and checks that the results agree. Returns the paths of its nodes.
fn check(program: Program) -> Vec<String> {
    let outcomes = (0..8).map(|order| match run(&program, order) {
        Ok(driver) => driver.expect("a small program").outcome(),
        Err(why) => panic!("{why}"),
    });
    let outcomes: Vec<_> = outcomes.collect();
    super::end::all_the_same(&outcomes).unwrap_or_else(|why| panic!("{why}"));
    outcomes[0].nodes.iter().map(|(path, _)| path.clone()).collect()
}

/// `a` stays open for nodes that are never added. At rest it closes first, before `d`: the rule that waits for it adds
/// a `c`, and the count of `c`, or its name, leads to a `d`.
#[test]
fn at_rest_a_stage_that_a_count_may_still_add_closes_later() {
    let never = rule([When::Named(0, 9)], [node(A)]);
    let late = rule([When::Closed(D)], [node(E)]);
    let early = rule([When::Closed(A)], [node(C)]);
    let counted = rule([When::Count(C, 1)], [node(D)]);
    check(program([node(A)], [never, late, early, counted]));
}

#[test]
fn at_rest_a_stage_that_a_name_may_still_add_closes_later() {
    let never = rule([When::Count(B, 9)], [node(A)]);
    let late = rule([When::Closed(D)], [node(E)]);
    let named = NodePlan { name: Some(0), ..node(C) };
    let early = rule([When::Closed(A)], [named]);
    let named = rule([When::Named(1, 0)], [node(D)]);
    check(program([node(A)], [never, late, early, named]));
}

#[test]
fn a_rule_for_each_node_that_failed_on_its_only_one_has_no_reason_not_to_fire() {
    let fails = RulePlan { every: Every::Succeeded(A), fails: Fails::Always, ..rule([], []) };
    check(program([node(A)], [fails]));
}

/// One element is skipped at once, the other ends later.
#[test]
fn a_list_with_a_broken_element_is_skipped_when_all_of_its_elements_have_ended() {
    let broken = NodePlan { edges: vec![(Whom::Initial(0), Need::Success)], ..node(A) };
    let list = NodePlan { open: true, edges: vec![(Whom::Sibling(1), Need::Success)], ..node(A) };
    let feeds = RulePlan { feeds: Some(2), ..rule([When::Done(Whom::Sibling(1))], [broken, node(A)]) };
    check(program([NodePlan { fails: Fails::Always, ..node(A) }, node(A), list], [feeds]));
}

/// At rest, `b` closes below the first node, for the rule that adds a `c` there; that node then attempts to add a `b`.
#[test]
fn a_node_that_runs_adds_nothing_below_a_node_below_which_that_has_closed() {
    let below = rule([], [node(C)]);
    let below = RulePlan { every: Every::Under(A), below: vec![(B, Below::Closed)], ..below };
    let never = rule([When::Done(Whom::Initial(0)), When::Named(0, 9)], [node(B)]);
    let steps = vec![vec![needs_bound(D)], vec![needs_bound(B)]];
    let inside = vec![InsidePlan { stage: C, steps, extra: None, anything: false }];
    let nodes = check(Program { nodes: vec![node(A)], rules: vec![never, below], inside, reaching: true });
    assert_eq!(nodes, ["program#0", "program.1(program#0)#0", "program.1(program#0)#0+#0"]);
}
