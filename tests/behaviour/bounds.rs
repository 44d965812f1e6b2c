//! Runs that exceed their caps.

use super::growing::tree;
use dagcore::prelude::*;
use dagcore::{Backoff, Error, GrowthLimits};
use std::time::Duration;

#[stage]
async fn count(n: u64) -> u64 {
    n
}

#[stage]
async fn waits() -> u64 {
    std::future::pending().await
}

/// Does not declare its additions; a declared rule would be refused before it ran.
fn on_and_on() -> Rule {
    rule! { when each(count), then |grow, _node, n| { grow.add(count::new(n + 1)); } }
}

fn stopped(growth_limits: GrowthLimits) -> Report {
    let mut flow = Workflow::new("endless").growth_limits(growth_limits);
    flow.rule(on_and_on());
    flow.add(count::new(0).named("first"));
    flow.add(waits::new());
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert!(!report.is_success());
    report
}

#[test]
fn a_rule_that_never_ends_stops_the_run_with_its_name_and_the_chain_of_its_firings() {
    let report = stopped(GrowthLimits::default().nodes(6));
    assert_eq!(report.len(), 6);
    let why = report.stopped().unwrap();
    let rule = why.split('`').nth(1).unwrap();
    assert!(rule.starts_with(file!()), "{why}");
    let why = why.replace(rule, "on_and_on");
    let expected = "rule `on_and_on` would bring the run to more than 6 nodes, which is where it is stopped: bound the \
                    rule by a condition, `by key` or `within N`, or raise the limit. It fired on `count#5`, which rule \
                    `on_and_on` added on `count#4`, which rule `on_and_on` added on `count#3`, which rule `on_and_on` \
                    added on `count#2`, which rule `on_and_on` added on `first`, which the program added";
    assert_eq!(why, expected);
    assert!(report.rule_failures()[0].to_string().contains("more than 6 nodes"), "{report}");
    assert!(report.to_string().starts_with("workflow `endless` was stopped after "), "{report}");
}

#[test]
fn a_long_chain_is_abbreviated() {
    let why = stopped(GrowthLimits::default().nodes(1_000)).stopped().unwrap().to_owned();
    assert!(why.ends_with(" added and so on, 999 firings deep"), "{why}");
}

#[test]
fn firings_and_their_depth_have_limits_of_their_own() {
    let why = stopped(GrowthLimits::default().firings(10)).stopped().unwrap().to_owned();
    assert!(why.contains("more than 10 firings, "), "{why}");
    let why = stopped(GrowthLimits::default().depth(10)).stopped().unwrap().to_owned();
    assert!(why.contains("more than 10 firings one after another, "), "{why}");
}

#[test]
fn rules_that_register_rules_stop_at_the_growth_limit() {
    fn again() -> Rule {
        rule! { when count(count) >= 1, then |grow, _nodes| grow.rule(again()) }
    }
    let mut flow = Workflow::new("rules").growth_limits(GrowthLimits::default().rules(50));
    flow.add(count::new(0));
    flow.rule(again());
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let why = report.stopped().unwrap();
    assert!(why.contains("more than 50 rules, ") && why.ends_with("It fired for the whole run"), "{why}");
}

#[test]
fn a_node_that_exceeds_a_growth_limit_while_it_runs_stops_the_run_with_an_error() {
    let mut flow = Workflow::new("inside").growth_limits(GrowthLimits::default().nodes(5));
    flow.add(tree::new(9_u64));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert!(!report.is_success());
    assert!(report.to_string().contains("\n  node `tree#0` would bring the run to more than 5 nodes, "), "{report}");
}

#[test]
fn a_program_that_exceeds_a_growth_limit_itself_is_refused_before_it_runs() {
    let mut flow = Workflow::new("much").growth_limits(GrowthLimits::default().nodes(2));
    for n in 0..3 {
        flow.add(count::new(n));
    }
    let error = flow.run_blocking().unwrap_err().to_string();
    assert!(error.contains("the program adds 3 nodes, and the limit is 2"), "{error}");
}

#[test]
fn a_run_that_stays_within_its_growth_limits_is_not_stopped() {
    let mut flow = Workflow::new("enough").growth_limits(GrowthLimits::default().nodes(2).firings(1).rules(1).depth(1));
    let first = flow.add(count::new(0));
    flow.rule(rule! { when done(first), adds [count], then |grow, n| { grow.add(count::new(n + 1)); } });
    let report = flow.run_blocking().unwrap();
    assert_eq!((report.len(), report.stopped()), (2, None));
}

/// Fails until the attempt with this number.
#[stage(backoff = Backoff::fixed(Duration::ZERO))]
async fn fails(until: u32, context: &StageContext) -> Result<u32, String> {
    if context.attempt() < until { Err("too soon".to_owned()) } else { Ok(until) }
}

#[tokio::test(start_paused = true)]
async fn retries_without_a_delay_stop_at_the_limit_of_failed_attempts() {
    let mut flow = Workflow::new("retries").growth_limits(GrowthLimits::default().attempts(100));
    let often = flow.add(fails::new(u32::MAX).named("often").retries(u32::MAX));
    let needs = flow.add(count::new(1).after(often));
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert_eq!((report.failed_attempts(often).len(), report.state(often)), (100, Some(NodeState::Failed)));
    assert_eq!(report.state(needs), Some(NodeState::Cancelled));
    assert_eq!(
        report.stopped(),
        Some(
            "node `often` failed 101 times, and another attempt would exceed the limit of 100 failed attempts: make the delays \
             longer with `backoff`, lower `retries`, or raise `GrowthLimits::attempts`"
        )
    );
    assert!(report.error(often).unwrap().to_string().ends_with("the run has reached its limit of failed attempts"));
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_failed_attempts_counts_all_nodes_but_no_final_attempts() {
    let program = |most| {
        let mut flow = Workflow::new("retries").growth_limits(GrowthLimits::default().attempts(most));
        for _ in 0..10 {
            flow.add(fails::new(4_u32).retries(3));
            flow.add(fails::new(9_u32));
        }
        flow
    };
    let report = program(30).run().await.or_else(Error::into_report).unwrap();
    assert_eq!((report.stopped(), report.count(NodeState::Succeeded)), (None, 10));
    let report = program(29).run().await.or_else(Error::into_report).unwrap();
    assert!(report.stopped().is_some_and(|why| why.contains("the limit of 29 failed attempts")), "{report}");
}
