//! Mocks, dry runs, and contexts for functions that a test calls directly.

use super::growing::{leaf, tree};
use dagcore::Error;
use dagcore::prelude::*;
use dagcore::testing::{self, Mocks, TestContext};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[stage]
async fn fetch(url: String, times: u32) -> Result<String, std::io::Error> {
    panic!("`{url}` was to be fetched {times} times")
}

#[stage]
fn parse(page: &str) -> usize {
    panic!("`{page}` was to be parsed")
}

#[stage(blocking)]
fn store(count: usize) -> Result<(), String> {
    panic!("{count} was to be stored")
}

#[stage(inline)]
fn now() -> u64 {
    panic!("there is a clock")
}

#[stage]
fn real(n: &u64) -> u64 {
    n + 1
}

fn all() -> Mocks {
    Mocks::new()
        .mock::<fetch>()
        .returns_result(|url, times| if *times > 0 { Ok(format!("<{url}>")) } else { Err("no times") })
        .mock::<parse>()
        .returns(|page| page.len())
        .mock::<store>()
        .returns(|_count| ())
        .mock::<now>()
        .returns(|| 7)
}

#[test]
fn a_mock_runs_in_place_of_the_function_of_an_async_a_plain_a_blocking_and_an_inline_stage() -> Result<(), Error> {
    fn program() -> Workflow {
        let mut flow = Workflow::new("mocked").mocked(all());
        let page = flow.add(fetch::new("home", 1_u32));
        let size = flow.add(parse::new(page));
        flow.add(store::new(size));
        let now = flow.add(now::new());
        flow.add(real::new(now));
        flow
    }
    for report in [testing::seeded(program(), 3)?, program().run_blocking()?] {
        assert_eq!((report.only::<fetch>()?.as_str(), *report.only::<parse>()?), ("<home>", 6));
        assert_eq!(*report.only::<real>()?, 8, "a stage without a mock runs unchanged");
    }
    Ok(())
}

#[test]
fn a_mock_that_fails_or_panics_fails_its_node_and_nothing_else() -> Result<(), Error> {
    let mocks = all().mock::<parse>().returns(|_page| panic!("no number"));
    let mut flow = Workflow::new("failing").mocked(mocks);
    let refused = flow.add(fetch::new("home", 0_u32));
    let page = flow.add(fetch::new("home", 1_u32));
    let careless = flow.add(parse::new(page));
    let skipped = flow.add(store::new(careless));
    let report = testing::seeded(flow, 0).or_else(Error::into_report)?;
    let cause = |node| report.error(node).map(|error| error.cause().to_string());
    assert_eq!(cause(refused.untyped()).as_deref(), Some("no times"));
    assert_eq!(cause(careless.untyped()).as_deref(), Some("panicked: no number"));
    assert_eq!((report.state(skipped), report.state(page)), (Some(NodeState::Skipped), Some(NodeState::Succeeded)));
    Ok(())
}

#[test]
fn the_error_of_a_mock_is_available_with_its_type() -> Result<(), Error> {
    let mocks = Mocks::new().mock::<fetch>().returns_result(|_, _| "x".parse::<u32>().map(|n| n.to_string()));
    let mut flow = Workflow::new("typed").mocked(mocks);
    let node = flow.add(fetch::new("home", 1_u32));
    let report = testing::seeded(flow, 0).or_else(Error::into_report)?;
    let error = report.error(node).expect("x is no number");
    assert!(error.downcast_ref::<std::num::ParseIntError>().is_some(), "{error}");
    Ok(())
}

#[test]
fn a_mock_takes_outcomes_and_lists_and_shared_values() -> Result<(), Error> {
    #[stage]
    fn merge(all: Gathered<u64>, first: Outcome<String>, list: &[u64], shared: Arc<str>) -> String {
        panic!("{} {} {} {shared}", all.len(), first.is_success(), list.len())
    }
    let mocks = all().mock::<merge>().returns(|all, first, list, shared| {
        let first = first.error().map(|error| error.cause().to_string()).unwrap_or_default();
        format!("{} of {}, {first}, {list:?}, {shared}", all.outputs().count(), all.len())
    });
    let mut flow = Workflow::new("inputs").mocked(mocks);
    let (one, two) = (flow.add(now::new()), flow.add(now::new()));
    let bad = flow.add(fetch::new("home", 0_u32));
    let merged = flow.add(merge::new([one, two], bad, [one], Arc::<str>::from("text")));
    let report = testing::seeded(flow, 1).or_else(Error::into_report)?;
    assert_eq!(report.output(merged)?, "2 of 2, no times, [7], text");
    Ok(())
}

#[test]
fn the_last_of_two_mocks_of_a_stage_wins() -> Result<(), Error> {
    let mut flow = Workflow::new("twice").mocked(all().mock::<now>().returns(|| 8)).mocked(all());
    let first = flow.add(now::new());
    assert_eq!(*testing::seeded(flow, 0)?.output(first)?, 7);
    Ok(())
}

rule! {
    read: when each(fetch), adds [parse by key, real],
    then |grow, node, page| {
        grow.add(parse::new(node).key(page));
    }
}

rule! {
    keep: when each(parse), adds [store],
    then |grow, node, _size| { grow.add(store::new(node)); }
}

#[test]
fn a_dry_run_names_the_stages_that_are_not_mocked_and_starts_nothing() {
    static RAN: AtomicU32 = AtomicU32::new(0);
    let mocks = || {
        Mocks::new().mock::<fetch>().returns(|url, _times| {
            RAN.fetch_add(1, Ordering::Relaxed);
            url.clone()
        })
    };
    let program = || {
        let mut flow = Workflow::new("dry").rules(rules![read, keep]);
        flow.add(fetch::new("home", 1_u32));
        flow.add(now::new());
        flow
    };
    let Err(Error::Build(error)) = testing::dry_run(program().mocked(mocks())) else {
        panic!("the run must be refused")
    };
    assert_eq!(
        error.problems(),
        [
            "stage `now` is not mocked, and the program adds it: write `.mock::<now>()` in the mocks",
            "stage `parse` is not mocked, and rule `read` may add it: write `.mock::<parse>()` in the mocks",
            "stage `real` is not mocked, and rule `read` may add it: write `.mock::<real>()` in the mocks",
            "stage `store` is not mocked, and rule `keep` may add it: write `.mock::<store>()` in the mocks",
        ]
    );
    assert_eq!(RAN.load(Ordering::Relaxed), 0);
    let rest = all().mock::<real>().returns(|n| *n);
    let report = testing::dry_run(program().mocked(rest).mocked(mocks())).expect("all stages are mocked");
    assert_eq!((report.len(), RAN.load(Ordering::Relaxed)), (4, 1));
}

#[test]
fn a_dry_run_names_the_rules_that_do_not_declare_what_they_add() {
    let mut flow = Workflow::new("open").mocked(all());
    let first = flow.add(now::new());
    flow.rule(rule! { when done(first), then |grow, _n| { grow.add(now::new()); } });
    let said = testing::dry_run(flow).unwrap_err().to_string();
    assert!(said.contains("testing.rs:") && said.contains("does not declare what it adds"), "{said}");
}

#[test]
fn a_dry_run_reaches_the_elements_of_a_map_and_what_stages_add_while_they_run() {
    let mut flow = Workflow::new("map").mocked(all());
    let list = flow.add(numbers::new());
    flow.map(list, real::new);
    flow.add(tree::new(1_u64));
    let Err(Error::Build(error)) = testing::dry_run(flow) else { panic!("the run must be refused") };
    let missing = ["numbers", "tree", "real", "leaf"];
    assert_eq!(error.problems().len(), missing.len(), "{error}");
    for (said, stage) in error.problems().iter().zip(missing) {
        assert!(said.starts_with(&format!("stage `{stage}` is not mocked")), "{said}");
    }
}

#[stage]
fn numbers() -> Vec<u64> {
    vec![1, 2]
}

#[test]
fn a_function_is_called_with_a_detached_context() {
    #[stage]
    fn who(greeting: &str, context: &StageContext) -> String {
        format!(
            "{greeting}, {} of {} in {}, {}",
            context.node(),
            context.stage(),
            context.workflow(),
            context.attempt()
        )
    }
    assert_eq!(who("hello", &testing::context()), "hello, node of stage in test, 1");
}

#[test]
fn a_detached_context_keeps_its_additions_and_their_errors() {
    let context: TestContext<tree> = testing::context();
    assert_eq!((tree(3, &context), tree(2, &context)), (3, 2));
    assert_eq!((context.added::<leaf>(), context.added::<tree>()), (5, 0));
    assert_eq!(context.problems(), Vec::<String>::new());

    let elsewhere = Workflow::new("elsewhere").add(now::new());
    context.grow(|grow| {
        grow.add(leaf::new(elsewhere));
        grow.add(leaf::new(1_u64).key(1));
        context.grow(|grow| grow.add(leaf::new(2_u64)));
    });
    let problems = context.problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(
        problems[0].contains("called inside of `grow`") && problems[1].contains("uses a handle of"),
        "{problems:?}"
    );
    assert!(problems[2].contains("adds one with a key"), "{problems:?}");
}
