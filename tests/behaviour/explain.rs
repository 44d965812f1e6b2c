//! Explanations of what a node or a rule waits for and how it ended, as a sentence and as data.

use dagcore::dag::{NodeNow, RuleState};
use dagcore::prelude::*;
use dagcore::{Error, GrowthLimits, NodeExplanation, RuleExplanation, Run, Unfired};
use std::time::Duration;

#[stage]
async fn wait(ms: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    ms
}

#[stage]
async fn forever() -> u64 {
    std::future::pending().await
}

#[stage]
fn fails() -> Result<u64, String> {
    Err("no".to_owned())
}

#[stage]
fn next(n: u64) -> u64 {
    n + 1
}

#[stage]
fn sum(all: Vec<u64>) -> u64 {
    all.iter().sum()
}

/// Starts a workflow, and lets it run until it waits for time or has nothing to do.
async fn begun(flow: Workflow) -> Run {
    let run = flow.start().unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await; // virtual time: it advances when all tasks are idle
    run
}

fn rule(run: &Run, name: &str) -> RuleExplanation {
    let [rule] = run.explain_rule(name).try_into().expect("one rule has this name");
    rule
}

#[tokio::test(start_paused = true)]
async fn a_node_waits_for_the_nodes_that_have_not_ended() {
    let mut flow = Workflow::new("waits");
    let short = flow.add(wait::new(5).named("short"));
    let long: Vec<_> = (0..8).map(|n| flow.add(forever::new().named(format!("long {n}")))).collect();
    let after = flow.add(next::new(long[0]).after(long[0]).after(short).named("after"));
    let all = flow.add(sum::new(long).named("all"));
    let run = begun(flow).await;
    assert_eq!(run.explain(after).to_string(), "node `after` waits for `long 0` (running) and `short` (running)");
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(run.explain(after).to_string(), "node `after` waits for `long 0` (running)");
    assert_eq!(
        run.explain(all).to_string(),
        "node `all` waits for `long 0` (running), `long 1` (running), `long 2` (running), `long 3` (running), \
         `long 4` (running) and 3 more"
    );
    let NodeExplanation::Waiting { parents, .. } = run.explain(all) else { panic!("the node must be waiting") };
    assert_eq!((parents.count, parents.first.len()), (8, 5));
}

#[tokio::test(start_paused = true)]
async fn a_list_waits_for_the_rule_that_adds_its_elements() {
    #[stage]
    async fn numbers() -> Vec<u64> {
        tokio::time::sleep(Duration::from_millis(5)).await;
        vec![10, 20]
    }
    let mut flow = Workflow::new("map");
    let list = flow.add(numbers::new().named("numbers"));
    let waits = flow.map(list, wait::new);
    let run = begun(flow).await;
    assert_eq!(
        run.explain(waits).to_string(),
        "node `map of wait` waits for `numbers` (running), and for what rule `map of wait` adds"
    );
    tokio::time::sleep(Duration::from_millis(7)).await;
    assert_eq!(
        run.explain(waits).to_string(),
        "node `map of wait` waits for `wait#2` (running) and `wait#3` (running)"
    );
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(run.explain(waits).to_string(), "node `map of wait` waits for `wait#3` (running)");
}

#[tokio::test(start_paused = true)]
async fn a_node_reports_how_long_it_has_been_running_and_how_long_it_ran() {
    let mut flow = Workflow::new("runs");
    let node = flow.add(wait::new(2_000).named("two seconds"));
    let run = begun(flow).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(run.explain(node).to_string(), "node `two seconds` has been running for 1.5s");
    let report = run.wait().await.unwrap();
    assert_eq!(report.explain(node).to_string(), "node `two seconds` succeeded after 2.0s");
}

#[test]
fn a_skipped_node_names_the_path_to_its_failure() {
    let mut flow = Workflow::new("skips");
    let bad = flow.add(fails::new().named("bad"));
    let first = flow.add(next::new(bad).named("first"));
    let second = flow.add(next::new(first).named("second"));
    let mut last = second;
    for _ in 0..10 {
        last = flow.add(next::new(last));
    }
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(report.explain(bad).to_string(), "node `bad` failed: no");
    assert_eq!(report.explain(first).to_string(), "node `first` was skipped: it needs `bad`, which failed: no");
    assert_eq!(
        report.explain(second).to_string(),
        "node `second` was skipped: it needs `first`, which needs `bad`, which failed: no"
    );
    assert_eq!(
        report.explain(last).to_string(),
        "node `next#12` was skipped: it needs `next#11`, which needs `next#10`, which needs `next#9`, which needs \
         `next#8`, which needs `next#7`, and so on over 6 more nodes to `bad`, which failed: no"
    );
    let NodeExplanation::Skipped { through, because, .. } = report.explain(last) else {
        panic!("the node must be skipped")
    };
    assert_eq!((through.count, because.name()), (11, "bad"));
}

#[test]
fn a_handle_of_another_workflow_is_explained_as_foreign() {
    let mut other = Workflow::new("other");
    let foreign = other.add(next::new(1));
    let mut flow = Workflow::new("this");
    flow.add(next::new(1));
    let report = flow.run_blocking().unwrap();
    assert_eq!(
        report.explain(foreign).to_string(),
        "there is no such node: the handle belongs to workflow `other`, and this is the report of workflow `this`"
    );
}

#[tokio::test(start_paused = true)]
async fn a_rule_names_each_condition_that_does_not_hold() {
    let mut flow = Workflow::new("conditions");
    let slow = flow.add(forever::new().named("slow"));
    let quick = flow.add(wait::new(0).named("quick"));
    rule! {
        counts: when count(wait) >= 3 && count_done(forever) >= 1 && named("Godot"), adds [],
        then |_grow, _some, _done, _node| {}
    }
    flow.rule(rule! { when done(slow, quick) && settled(slow) && count(next) >= 1, adds [], then |_grow, _n, _m, _end, _next| {} });
    let line = line!() - 1;
    let run = begun(flow.rules(rules![counts])).await;
    assert_eq!(
        rule(&run, "counts").to_string(),
        "rule `counts` has not fired: it waits for 3 nodes of `wait`, and there is 1; it waits for 1 successful node of \
         `forever`, and there are 0; no node is named `Godot`"
    );
    let unnamed = rule(&run, &format!("{}:{line}", file!()));
    let told = unnamed.to_string();
    assert!(
        told.ends_with(
            "has not fired: it waits for `slow` to succeed, and that is running; it waits for `slow` to end, and that \
             is running; it waits for 1 node of `next`, and there are 0"
        ),
        "{told}"
    );
    let Unfired::Unsettled { node: NodeNow { node, state, .. }, wanted, .. } = &unnamed.waits[0] else {
        panic!("{told}")
    };
    assert_eq!((node.as_str(), *state, *wanted), ("slow", NodeState::Running, "succeed"));
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_waits_for_a_stage_to_close_names_what_keeps_it_open() {
    rule! { again: when each(forever), adds [wait], then |grow, node, _n| { grow.add(wait::new(node)); } }
    rule! { late: when named("Godot"), adds [forever], then |grow, _node| { grow.add(forever::new()); } }
    rule! { held: when each(next) && named("Godot"), adds [wait], then |grow, _n, _m, _g| { grow.add(wait::new(1)); } }
    rule! { total: when closed(wait), adds [sum], then |grow, all| { grow.add(sum::new(all)); } }
    let mut flow = Workflow::new("open").rules(rules![again, late, held, total]);
    flow.add(forever::new().named("first"));
    flow.add(forever::new().named("second"));
    flow.add(next::new(1).named("found"));
    let run = begun(flow).await;
    while run.progress().nodes.succeeded == 0 {
        tokio::task::yield_now().await; // the plain function runs on a separate thread
    }
    assert_eq!(
        rule(&run, "total").to_string(),
        "rule `total` has not fired: `wait` has not closed: `first` (running) and `second` (running) may lead to \
         another, rule `late` may still bring one about, rule `held` has found 1 node that it has not been applied to"
    );
    let waits = &rule(&run, "total").waits;
    let [Unfired::Open { stage: "wait", kept_open, .. }] = waits.as_slice() else { panic!("{waits:?}") };
    assert_eq!((kept_open.nodes.count, kept_open.rules.count, kept_open.found.count), (2, 1, 1));
    assert_eq!(
        rule(&run, "held").to_string(),
        "rule `held` has not fired: no node is named `Godot`; it has found `found`, and has not been applied to it"
    );
}

#[tokio::test(start_paused = true)]
async fn an_each_rule_reports_how_often_it_fired_and_what_may_come() {
    rule! {
        burst: when each(wait), adds [],
        then |_grow, _node, ms| if *ms == 12 { panic!("twelve is too much") }
    }
    let mut flow = Workflow::new("each").rules(rules![burst]);
    for ms in [11, 11, 12, 200] {
        flow.add(wait::new(ms));
    }
    let run = begun(flow).await;
    assert_eq!(
        rule(&run, "burst").to_string(),
        "rule `burst` has not fired: no node of `wait` has succeeded; it may still find `wait#0` (running), `wait#1` \
         (running), `wait#2` (running) and `wait#3` (running)"
    );
    tokio::time::sleep(Duration::from_millis(50)).await;
    let told = rule(&run, "burst");
    assert_eq!(
        told.to_string(),
        "rule `burst` has fired 2 times: 1 failure, the first: rule `burst` failed on node `wait#2`: panicked: twelve \
         is too much; it may still find `wait#3` (running)"
    );
    assert_eq!((told.state, told.fired, told.failures.count), (RuleState::Armed, 2, 1));
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    let told = report.explain_rule("burst")[0].to_string();
    assert!(told.starts_with("rule `burst` fired 3 times: 1 failure"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_waits_for_an_impossible_node_reports_it() {
    let mut flow = Workflow::new("dead");
    let good = flow.add(wait::new(5).named("good"));
    let slow = flow.add(forever::new());
    flow.rule(rule! { when failed(good) && done(slow), adds [], then |_grow, _error, _n| {} });
    let name = format!("{}:{}", file!(), line!() - 1);
    let run = begun(flow).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    let told = rule(&run, &name);
    assert_eq!(told.state, RuleState::Dead);
    let sentence = told.to_string();
    assert!(sentence.ends_with("can never fire: it waited for `good` to fail, but that succeeded"), "{sentence}");
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_has_fired_or_failed_reports_it() {
    rule! { fine: when count(wait) >= 1, adds [], then |_grow, _nodes| {} }
    rule! { fatal: when count(wait) >= 1, adds [], then |_grow, _nodes| panic!("oh") }
    let mut flow = Workflow::new("fired").rules(rules![fine, fatal]);
    flow.add(wait::new(1));
    let run = begun(flow).await;
    assert_eq!(rule(&run, "fine").to_string(), "rule `fine` has fired");
    assert_eq!(rule(&run, "fatal").to_string(), "rule `fatal` failed: panicked: oh");
    assert!(run.explain_rule("no such rule").is_empty());
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    assert_eq!(report.explain_rule("fine")[0].to_string(), "rule `fine` fired");
}

#[tokio::test(start_paused = true)]
async fn a_predicate_reports_what_it_read_when_it_was_last_false() {
    let mut flow = Workflow::new("predicates");
    let slow = flow.add(wait::new(500).named("slow"));
    flow.add(wait::new(20));
    flow.rule(rule! {
        when |view| {
            let enough = view.count_done::<wait>() > 5 || view.named("Godot").is_some() || view.len() > 5;
            enough || view.state(slow) == Some(NodeState::Failed)
        },
        adds [],
        then |_grow| {}
    });
    let name = format!("{}:{}", file!(), line!() - 8);
    flow.rule(rule! { when |_view| false, adds [], then |_grow| {} });
    let blind = format!("{}:{}", file!(), line!() - 1);
    let run = begun(flow).await;
    let saw = |run: &Run| rule(run, &name).to_string().split_once("last saw ").map(|(_, saw)| saw.to_owned());
    let others = "no node named `Godot`, 2 nodes in all";
    assert_eq!(saw(&run).unwrap(), format!("`slow` (running), 2 nodes of `wait` (0 succeeded), {others}"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(saw(&run).unwrap(), format!("`slow` (running), 2 nodes of `wait` (1 succeeded), {others}"));
    let told = rule(&run, &blind).to_string();
    assert!(told.ends_with("it read nothing of the graph, so that nothing lets it be asked again"), "{told}");

    let report = run.wait().await.unwrap();
    let (rule, why) = report.unfired().next().unwrap();
    assert_eq!(rule, name);
    assert_eq!(
        why[0].to_string(),
        format!(
            "its predicate never said yes: it last saw `slow` (succeeded), 2 nodes of `wait` \
             (2 succeeded), {others}"
        )
    );
    let Unfired::Predicate { last: Some(look), .. } = &why[0] else { panic!("{why:?}") };
    assert_eq!((look.nodes[0].state, look.stages[0].succeeded), (NodeState::Succeeded, 2));
    assert_eq!((look.names.as_slice(), look.all, look.more), (&[("Godot".to_owned(), false)][..], Some(2), false));
}

#[test]
fn reads_of_a_predicate_beyond_the_first_few_are_only_counted() {
    let mut flow = Workflow::new("much");
    let nodes: Vec<_> = (0..50).map(|n| flow.add(next::new(n))).collect();
    flow.rule(rule! {
        when |view| nodes.iter().chain(&nodes).all(|node| view.output(*node) != Some(&0)) && view.len() > 50,
        adds [],
        then |_grow| {}
    });
    let report = flow.run_blocking().unwrap();
    let (_, why) = report.unfired().next().unwrap();
    let Unfired::Predicate { last: Some(look), .. } = &why[0] else { panic!("{why:?}") };
    assert_eq!((look.nodes.len(), look.more), (5, true));
    assert!(why[0].to_string().ends_with("50 nodes in all, and more"), "{}", why[0]);
}

#[test]
fn the_report_of_a_stopped_run_names_what_had_not_ended() {
    let mut flow = Workflow::new("stopped").growth_limits(GrowthLimits::default().nodes(4));
    flow.rule(rule! { when each(next), then |grow, _node, n| { grow.add(next::new(*n)); } });
    let stays = flow.add(forever::new().named("stays"));
    let after = flow.add(next::new(stays).named("after"));
    flow.add(next::new(1));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(report.explain(after).to_string(), "node `after` was waiting when the run was stopped");
    let names: Vec<String> = report.unsettled().map(|node| node.to_string()).collect();
    assert!(names.len() >= 2 && names[1] == "node `after` was waiting when the run was stopped", "{names:?}");
    assert!(report.to_string().contains("\n  node `after` was waiting when the run was stopped"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn names_in_explanations_are_escaped() {
    let mut flow = Workflow::new("hostile");
    let bad = flow.add(forever::new().named("bad\u{1b}[2J"));
    let next = flow.add(next::new(bad).named("next\u{202e}"));
    let run = begun(flow).await;
    assert_eq!(run.explain(next).to_string(), r"node `next\u{202e}` waits for `bad\u{1b}[2J` (running)");
}
