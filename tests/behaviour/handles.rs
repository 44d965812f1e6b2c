//! Handles, names and the report.

use dagcore::prelude::*;
use dagcore::{Error, OutputError};

#[stage]
fn one() -> u32 {
    1
}

#[stage]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[test]
fn a_handle_of_another_workflow_is_an_error_that_names_both() {
    let mut other = Workflow::new("left");
    let foreign = other.add(one::new());
    let mut flow = Workflow::new("right");
    let own = flow.add(one::new());
    flow.add(add::new(own, foreign));
    flow.rule(rule! { when done(foreign), adds [], then |_grow, _one| {} });
    flow.add(one::new().after(foreign));
    let error = flow.run_blocking().unwrap_err().to_string();
    assert!(error.contains("a call of `add` in workflow `right` uses a handle of workflow `left`"), "{error}");
    assert!(error.contains("a call of `one` in workflow `right`"), "{error}");
    assert!(error.contains("the condition of rule"), "{error}");
}

#[test]
fn a_handle_of_another_workflow_used_in_a_body_fails_the_rule_and_adds_nothing() {
    let mut other = Workflow::new("left");
    let foreign = other.add(one::new());
    let mut flow = Workflow::new("right");
    let own = flow.add(one::new());
    flow.rule(rule! { when done(own), adds [add], then |grow, _one| { grow.add(add::new(own, foreign)); } });
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(report.len(), 1);
    assert!(report.rule_failures()[0].to_string().contains("of workflow `left`"), "{report}");
}

#[test]
fn the_report_of_another_run_does_not_know_a_handle() {
    let mut first = Workflow::new("first");
    let node = first.add(one::new());
    first.run_blocking().unwrap();
    let mut second = Workflow::new("second");
    second.add(one::new());
    let report = second.run_blocking().unwrap();
    assert_eq!(
        report.output(node).unwrap_err().to_string(),
        "the handle belongs to a workflow that is gone, and this is the report of workflow `second`"
    );
    assert_eq!(report.state(node), None);
}

#[test]
fn reading_the_only_output_reports_whether_there_are_none_or_several() {
    let mut flow = Workflow::new("only");
    flow.add(one::new().named("a"));
    flow.add(one::new().named("a"));
    let sum = flow.add(add::new(1_u32, 2_u32).named("sum"));
    #[stage]
    fn never() {}
    let report = flow.run_blocking().unwrap();
    assert_eq!(*report.only::<add>().unwrap(), 3);
    assert_eq!(report.named::<add>("sum").unwrap(), sum);
    assert!(matches!(report.only::<never>(), Err(OutputError::None { stage: "never", .. })));
    assert!(matches!(report.named::<add>("some"), Err(OutputError::None { .. })));
    assert_eq!(
        report.named::<one>("a").unwrap_err().to_string(),
        "there are 2 nodes of stage `one` named `a`, and exactly one is expected: one#0 `a`, one#1 `a`"
    );
    assert!(report.only::<one>().unwrap_err().to_string().starts_with("there are 2 nodes of stage `one`"));
}

#[test]
fn adding_a_call_with_a_known_key_returns_the_existing_node() {
    let mut flow = Workflow::new("keys");
    let first = flow.add(add::new(1_u32, 2_u32).key("x"));
    let again = flow.add(add::new(1_u32, 2_u32).key("x"));
    let other = flow.add(add::new(1_u32, 2_u32).key('y'));
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert_eq!(flow.run_blocking().unwrap().len(), 2);
}

#[test]
fn two_stages_of_one_name_are_refused_before_anything_runs() {
    mod twin {
        use dagcore::prelude::*;
        #[stage]
        pub(crate) fn one() -> u32 {
            panic!("the run must be refused")
        }
    }
    let mut flow = Workflow::new("twins");
    flow.add(one::new());
    flow.add(twin::one::new());
    let error = flow.run_blocking().unwrap_err().to_string();
    assert!(error.contains("two stages are called `one`, in `behaviour::handles"), "{error}");
}

#[test]
fn names_are_shown_with_control_characters_escaped() {
    #[stage]
    fn fails() -> Result<u32, String> {
        Err("red \u{1b}[31m alert\u{7}".to_owned())
    }
    let mut flow = Workflow::new("esc\u{1b}c");
    flow.add(fails::new().named("a\u{1b}[2J\nb\u{202e}"));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let shown = report.to_string();
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    assert!(shown.contains(r"a\u{1b}[2J\nb\u{202e}") && shown.contains(r"red \u{1b}[31m alert\u{7}"), "{shown}");
}

#[test]
fn concurrency_zero_is_refused() {
    let error = Workflow::new("none").concurrency(0).run_blocking().unwrap_err().to_string();
    assert_eq!(error, "workflow `none` cannot run: `concurrency(0)` lets nothing run: write at least 1");
}

#[test]
fn run_and_run_blocking_report_a_wrong_context() {
    let mut run = Box::pin(Workflow::new("outside").run());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = run.as_mut().poll(&mut context) else { panic!("the run must be refused") };
    assert!(error.to_string().contains("use `run_blocking`"), "{error}");

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime.block_on(async { Workflow::new("inside").run_blocking() }).unwrap_err();
    assert!(error.to_string().contains("use `run().await`"), "{error}");
}

#[test]
fn an_empty_workflow_runs_and_reports_it() {
    let report = Workflow::new("empty").run_blocking().unwrap();
    assert!(report.is_success() && report.is_empty());
    assert!(report.to_string().starts_with("workflow `empty` succeeded after "), "{report}");
}

#[test]
fn a_call_comes_after_each_node_of_a_list() {
    let mut flow = Workflow::new("after");
    let list: Vec<Node<u32>> = (0..3).map(|_| flow.add(one::new())).collect();
    let mixed = [list[0].untyped(), flow.add(add::new(1_u32, 2_u32)).untyped()];
    let nodes = [
        flow.add(one::new().after(list.clone())),
        flow.add(one::new().after(&list)),
        flow.add(one::new().after(&list[1..])),
        flow.add(one::new().after([list[2], list[0]])),
        flow.add(one::new().after(mixed).after(list[1])),
        flow.add(one::new().after(Vec::<Node<u32>>::new())),
    ];
    let report = flow.run_blocking().unwrap();
    let graph = report.graph();
    let needs = |node: Node<u32>| graph.parents(node.id()).map(|edge| edge.from.index()).collect::<Vec<_>>();
    let expected: [&[usize]; 6] = [&[0, 1, 2], &[0, 1, 2], &[1, 2], &[2, 0], &[0, 3, 1], &[]];
    assert_eq!(nodes.map(needs), expected.map(<[usize]>::to_vec));
}
