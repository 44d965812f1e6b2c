//! Failures, and the parts of a run that continue.

use dagcore::prelude::*;
use dagcore::{Cause, Error, Event, NodeExplanation, Report, RunSnapshot, Tracker};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

#[stage]
fn fine(n: u32) -> u32 {
    n
}

#[stage]
fn fails() -> Result<u32, std::num::ParseIntError> {
    "x".parse()
}

#[stage]
fn panics() -> u32 {
    panic!("the {} was {}", "flux", 3)
}

#[stage]
async fn panics_later() -> u32 {
    tokio::task::yield_now().await;
    panic!("later")
}

#[stage]
fn panics_without_text() -> u32 {
    std::panic::panic_any(7_u8)
}

#[stage]
fn next(n: &u32) -> u32 {
    n + 1
}

#[stage]
fn merge(all: Gathered<u32>) -> String {
    format!("{} of {}, {} failed", all.outputs().sum::<u32>(), all.len(), all.errors().count())
}

fn failed(flow: Workflow) -> Report {
    let result = flow.run_blocking();
    assert!(matches!(result, Err(Error::Failed(_))), "the run must return a failure");
    result.or_else(Error::into_report).unwrap()
}

#[test]
fn a_failed_node_skips_its_dependents_and_nothing_else() {
    let mut flow = Workflow::new("contained");
    let bad = flow.add(fails::new());
    let skipped = flow.add(next::new(bad));
    let skipped_too = flow.add(next::new(skipped));
    let after = flow.add(fine::new(1_u32).after(bad));
    let good = flow.add(fine::new(2_u32));
    let more = flow.add(next::new(good));
    let merged = flow.add(merge::new([bad, skipped_too, more]));
    let report = failed(flow);
    let state = |node| report.state(node).unwrap();
    assert_eq!([bad, skipped, skipped_too, after, good, more].map(state), {
        use NodeState::{Failed, Skipped, Succeeded};
        [Failed, Skipped, Skipped, Skipped, Succeeded, Succeeded]
    });
    assert_eq!(report.output(merged).unwrap(), "3 of 3, 2 failed");
    let because: Vec<_> = report.skipped().map(|(node, because)| (node, because.name().to_owned())).collect();
    let expected = ["next#1", "next#2", "fine#3"].map(|node| (node.to_owned(), "fails#0".to_owned()));
    assert_eq!(because, expected);
    assert!(report.error(bad).unwrap().downcast_ref::<std::num::ParseIntError>().is_some());
}

#[test]
fn a_panic_is_a_failure_with_the_name_of_the_node() {
    let mut flow = Workflow::new("panics");
    let nodes = [
        flow.add(panics::new().named("first")),
        flow.add(panics_later::new().named("second")),
        flow.add(panics_without_text::new().named("third")),
    ];
    let good = flow.add(fine::new(1_u32));
    let report = failed(flow);
    assert_eq!(*report.output(good).unwrap(), 1);
    let said = nodes.map(|node| report.error(node).unwrap().to_string());
    assert_eq!(said[0], "node `first` failed: panicked: the flux was 3");
    assert_eq!(said[1], "node `second` failed: panicked: later");
    assert_eq!(said[2], "node `third` failed: panicked: a value that is no text");
}

#[test]
fn a_panic_while_the_captures_of_a_stage_are_dropped_is_a_failure() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("dropped");
            }
        }
    }
    #[stage]
    async fn holds() -> u32 {
        let _bomb = Bomb;
        tokio::task::yield_now().await;
        1
    }
    let mut flow = Workflow::new("bomb");
    let node = flow.add(holds::new());
    let report = failed(flow);
    assert_eq!(report.error(node).unwrap().to_string(), "node `holds#0` failed: panicked: dropped");
}

#[test]
fn a_panic_in_a_body_fails_that_firing_and_adds_nothing() {
    rule! {
        burst: when each(fine), adds [next],
        then |grow, node, n| {
            grow.add(next::new(node));
            if *n == 2 { panic!("two is too much") }
        }
    }
    let mut flow = Workflow::new("bodies").rules(rules![burst]);
    for n in [1_u32, 2, 3] {
        flow.add(fine::new(n));
    }
    let report = failed(flow);
    assert_eq!(report.outputs::<next>().unwrap().copied().collect::<Vec<_>>(), [2, 4]);
    let failures: Vec<_> = report.rule_failures().iter().map(ToString::to_string).collect();
    assert_eq!(failures, ["rule `burst` failed on node `fine#1`: panicked: two is too much"]);
    assert_eq!(report.unfired().count(), 0);
}

#[test]
fn an_error_of_a_body_is_a_failure_of_the_rule() {
    let mut flow = Workflow::new("bodies");
    let start = flow.add(fine::new(1_u32));
    flow.rule(rule! {
        when done(start), adds [],
        then |_grow, _n| -> Result<(), std::num::ParseIntError> {
            "y".parse::<u32>()?;
            Ok(())
        }
    });
    let report = failed(flow);
    let said = report.rule_failures()[0].to_string();
    assert!(said.contains("failures.rs:") && said.ends_with("invalid digit found in string"), "{said}");
}

#[test]
fn a_panic_in_a_predicate_is_a_failure_of_the_rule() {
    let mut flow = Workflow::new("predicates");
    flow.add(fine::new(1_u32));
    flow.rule(rule! { when |view| view.count_done::<fine>() > 0 && panic!("why ask"), adds [], then |_grow| {} });
    let report = failed(flow);
    assert!(report.rule_failures()[0].to_string().ends_with("panicked: why ask"), "{report}");
}

#[test]
fn failed_rules_and_settled_rules_see_how_nodes_ended() {
    static SEEN: AtomicU32 = AtomicU32::new(0);
    let mut flow = Workflow::new("ends");
    let bad = flow.add(fails::new());
    let skipped = flow.add(next::new(bad));
    let good = flow.add(fine::new(1_u32));
    flow.rule(rule! {
        when failed(bad), adds [fine],
        then |grow, error| {
            assert_eq!(error.stage(), "fails");
            grow.add(fine::new(10_u32).named("instead"));
        }
    });
    flow.rule(rule! {
        when settled(bad, skipped, good), adds [],
        then |_grow, bad, skipped, good| {
            assert!(matches!(bad, Outcome::Failed(_)));
            assert!(matches!(skipped, Outcome::Skipped(because) if because.stage() == "fails"));
            assert_eq!(good.output(), Some(&1));
            SEEN.fetch_add(1, Ordering::Relaxed);
        }
    });
    let report = failed(flow);
    assert_eq!(report.rule_failures().len(), 0, "{report}");
    assert_eq!(SEEN.load(Ordering::Relaxed), 1);
    assert_eq!(*report.output(report.named::<fine>("instead").unwrap()).unwrap(), 10);
}

#[test]
fn each_failed_fires_for_every_failure() {
    #[stage]
    fn odd(n: u32) -> Result<u32, String> {
        if n % 2 == 1 { Ok(n) } else { Err(format!("{n} is even")) }
    }
    rule! {
        again: when each_failed(odd), adds [fine],
        then |grow, _node, error| { grow.add(fine::new(error.to_string().len() as u32)); }
    }
    let mut flow = Workflow::new("odd").rules(rules![again]);
    for n in 1..=6_u32 {
        flow.add(odd::new(n));
    }
    let report = failed(flow);
    assert_eq!(report.outputs::<fine>().unwrap().count(), 3);
    assert_eq!(report.failures().count(), 3);
}

#[test]
fn a_rule_that_never_fired_is_in_the_report_with_the_reason() {
    let mut flow = Workflow::new("unfired");
    let bad = flow.add(fails::new());
    let good = flow.add(fine::new(1_u32));
    #[stage]
    fn absent() {}
    flow.rule(rule! { when done(bad), adds [], then |_grow, _n| {} });
    flow.rule(rule! { when failed(good), adds [], then |_grow, _error| {} });
    flow.rule(rule! { when count(fine) >= 2, adds [], then |_grow, _nodes| {} });
    flow.rule(rule! { when named("Godot"), adds [], then |_grow, _node| {} });
    flow.rule(rule! { when each(absent), adds [], then |_grow, _node, _output| {} });
    flow.rule(rule! { when |view| view.is_empty(), adds [], then |_grow| {} });
    let report = failed(flow);
    let reasons: Vec<String> = report.unfired().map(|(_, why)| why.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(
        reasons,
        [
            "it waited for `fails#0` to succeed, but that failed",
            "it waited for `fine#1` to fail, but that succeeded",
            "it waited for 2 nodes of `fine`, and there were 1",
            "no node was named `Godot`",
            "no node of `absent` succeeded",
            "its predicate never said yes: it last saw 2 nodes in all",
        ]
    );
}

#[test]
fn a_long_chain_of_skips_does_not_overflow_the_stack() {
    let mut flow = Workflow::new("skips");
    let bad = flow.add(fails::new());
    let mut last = flow.add(next::new(bad));
    for _ in 0..100_000 {
        last = flow.add(next::new(last));
    }
    let report = failed(flow);
    assert_eq!(report.state(last), Some(NodeState::Skipped));
    let shown = report.to_string();
    assert_eq!(shown.lines().count(), 1 + 1 + 20 + 1);
    assert!(shown.ends_with("and 99981 more like this"), "{shown}");
}

#[test]
fn dropping_a_run_drops_its_waiting_nodes_and_starts_nothing_more() {
    struct Held(Arc<AtomicU32>);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    #[stage]
    async fn forever(dropped: Arc<AtomicU32>) -> u32 {
        let _held = Held(dropped);
        std::future::pending().await
    }
    #[stage(blocking)]
    fn blocks(started: &AtomicU32, gate: &Mutex<()>) {
        started.fetch_add(1, Ordering::SeqCst);
        drop(gate.lock());
    }
    let (dropped, started) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let gate = Arc::new(Mutex::new(()));
    let closed = gate.lock().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut flow = Workflow::new("given up");
        for _ in 0..10 {
            flow.add(forever::new(Arc::clone(&dropped)));
        }
        for _ in 0..1_000 {
            flow.add(blocks::new(Arc::clone(&started), Arc::clone(&gate)));
        }
        assert!(tokio::time::timeout(std::time::Duration::from_millis(20), flow.run()).await.is_err());
    });
    drop(closed);
    drop(runtime); // waits for the running threads
    assert_eq!(dropped.load(Ordering::SeqCst), 10);
    assert!(started.load(Ordering::SeqCst) <= 256, "{started:?} of 1000 started");
}

#[test]
fn a_failure_knows_the_key_of_its_node() {
    #[stage]
    fn odd(n: u32) -> Result<u32, String> {
        if n % 2 == 1 { Ok(n) } else { Err(format!("{n} is even")) }
    }
    rule! {
        instead: when each_failed(odd), adds [fine],
        then |grow, _node, error| -> Result<(), std::num::ParseIntError> {
            let key = error.key().unwrap_or_default().parse::<u32>()?;
            grow.add(fine::new(key));
            Ok(())
        }
    }
    let mut flow = Workflow::new("keys").rules(rules![instead]);
    for n in [1_u32, 2, 3, 4] {
        flow.add(odd::new(n).key(n));
    }
    let report = failed(flow);
    assert_eq!(report.outputs::<fine>().unwrap().copied().collect::<Vec<_>>(), [2, 4]);
}

/// The address of a failure's message in memory.
fn place(error: &NodeError) -> usize {
    match error.cause() {
        Cause::Error { message, .. } => message.as_ptr().addr(),
        other => panic!("expected a returned error, found: {other}"),
    }
}

/// Records the address of each failure's message.
struct Noting(Arc<Mutex<Vec<usize>>>);

impl Tracker for Noting {
    fn event(&mut self, happened: &Event, _: &RunSnapshot) {
        if let Event::Failed { error, .. } = happened {
            self.0.lock().unwrap().push(place(error));
        }
    }
}

#[test]
fn a_failure_is_shared_by_all_that_read_it_and_its_message_is_never_copied() {
    #[stage]
    fn large() -> Result<u32, String> {
        Err("x".repeat(1 << 20))
    }
    #[stage]
    fn read(end: Outcome<u32>) -> usize {
        end.error().map_or(0, place)
    }
    #[stage]
    fn read_all(ends: Gathered<u32>) -> Vec<usize> {
        ends.errors().map(place).collect()
    }
    let told = Arc::default();
    let mut flow = Workflow::new("shared").track(Noting(Arc::clone(&told)));
    let bad = flow.add(large::new());
    let skipped = flow.add(next::new(bad));
    let mut nodes: Vec<_> = (0..20).map(|_| flow.add(read::new(bad))).collect();
    nodes.push(flow.add(read::new(skipped)));
    let all = flow.add(read_all::new([bad, skipped]));
    flow.rule(rule! {
        when failed(bad), adds [read],
        then |grow, error| { grow.add(read::new(bad).named(place(error).to_string())); }
    });
    let report = failed(flow);
    let one = place(report.error(bad).unwrap());
    assert!(nodes.into_iter().chain(report.nodes::<read>()).all(|node| *report.output(node).unwrap() == one));
    assert_eq!((report.output(all).unwrap(), &*told.lock().unwrap()), (&vec![one, one], &vec![one]));
    assert_eq!(report.graph().named(&one.to_string()).len(), 1);
    let NodeExplanation::Failed { error, .. } = report.explain(bad) else { panic!("the node must have failed") };
    let NodeExplanation::Skipped { because, .. } = report.explain(skipped) else { panic!("the node must be skipped") };
    assert_eq!((place(&error), place(&because), place(&error.clone().keyed(Some("key")))), (one, one, one));
}
