//! Stages that grow the graph while they run.

use dagcore::prelude::*;
use dagcore::{Error, GrowthLimits, Report};
use std::time::Duration;

#[stage]
async fn leaf(n: u64) -> u64 {
    n
}

#[stage]
fn sum(leaves: Gathered<u64>) -> u64 {
    leaves.outputs().sum()
}

/// Adds leaves over a period of time, and then fails if it is configured to.
#[stage(adds(leaf))]
async fn tree(leaves: u64, ms: u64, context: &StageContext<tree>) -> Result<u64, String> {
    context.grow(|grow| {
        for n in 0..leaves {
            grow.add(leaf::new(n));
        }
    });
    tokio::time::sleep(Duration::from_millis(ms)).await;
    if ms == 13 { Err("13 is unlucky".to_owned()) } else { Ok(leaves) }
}

rule! {
    add_up: when closed(leaf), adds [sum],
    then |grow, leaves| { grow.add(sum::new(leaves)); }
}

async fn ended(flow: Workflow) -> Report {
    flow.run().await.or_else(Error::into_report).unwrap()
}

fn failure(report: &Report) -> String {
    report.failures().next().expect("the node failed").to_string()
}

#[tokio::test(start_paused = true)]
async fn additions_of_a_node_start_when_the_node_has_succeeded() {
    let mut flow = Workflow::new("after");
    let tree = flow.add(tree::new(3, 100));
    let report = ended(flow).await;
    assert_eq!(report.outputs::<leaf>().unwrap().copied().collect::<Vec<_>>(), [0, 1, 2]);
    for leaf in report.nodes::<leaf>() {
        assert_eq!(report.started(leaf), Some(Duration::from_millis(100)));
        assert_eq!(report.graph().lineage_parent(leaf.id()), Some(tree.id()));
    }
}

#[tokio::test(start_paused = true)]
async fn additions_of_a_node_are_skipped_when_the_node_fails() {
    let mut flow = Workflow::new("failed");
    flow.add(tree::new(2, 13));
    let report = ended(flow).await;
    assert_eq!((report.nodes::<leaf>().count(), report.count(NodeState::Skipped)), (2, 2));
    assert!(report.skipped().all(|(_, because)| because.stage() == "tree"));
}

#[tokio::test(start_paused = true)]
async fn a_stage_is_open_while_a_node_runs_that_may_add_to_it() {
    let mut flow = Workflow::new("open").rules(rules![add_up]);
    flow.add(leaf::new(10));
    flow.add(tree::new(3, 50));
    let long = flow.add(tree::new(4, 500));
    let report = ended(flow).await;
    assert_eq!(*report.only::<sum>().unwrap(), 10 + (1 + 2) + (1 + 2 + 3));
    let added_up = report.nodes::<sum>().next().unwrap();
    assert_eq!(report.started(added_up), report.ended(long));
}

#[tokio::test(start_paused = true)]
async fn a_node_adds_any_number_of_times_and_sees_the_graph() {
    #[stage(adds(leaf))]
    async fn slow(context: &StageContext<slow>) -> Vec<usize> {
        let mut seen = Vec::new();
        for n in 0..3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            seen.push(context.grow(|grow| {
                let first = grow.add(leaf::new(n));
                grow.add(leaf::new(first));
                grow.view(|view| view.count::<leaf>())
            }));
        }
        seen
    }
    let mut flow = Workflow::new("thrice").rules(rules![add_up]).keep::<leaf>();
    let slow = flow.add(slow::new());
    let report = ended(flow).await;
    assert_eq!(report.output(slow).unwrap(), &[0, 2, 4]);
    assert_eq!(report.outputs::<leaf>().unwrap().copied().collect::<Vec<_>>(), [0, 0, 1, 1, 2, 2]);
    assert_eq!(*report.only::<sum>().unwrap(), 6);
}

#[test]
fn every_kind_of_stage_can_grow() {
    #[stage(adds(leaf))]
    fn plain(n: u64, context: &StageContext<plain>) -> u64 {
        context.grow(|grow| grow.add(leaf::new(n)));
        n
    }
    #[stage(blocking, adds(leaf))]
    fn blocks(n: u64, context: &StageContext<blocks>) -> u64 {
        context.grow(|grow| grow.add(leaf::new(n)));
        n
    }
    #[stage(inline, adds(leaf))]
    fn inline(n: u64, context: &StageContext<inline>) -> u64 {
        context.grow(|grow| grow.add(leaf::new(n)));
        n
    }
    #[stage(adds(leaf))]
    async fn waits(n: u64, context: &StageContext<waits>) -> u64 {
        tokio::task::yield_now().await;
        context.grow(|grow| grow.add(leaf::new(n)));
        n
    }
    let flow = || {
        let mut flow = Workflow::new("kinds").rules(rules![add_up]);
        for n in 0..100_u64 {
            flow.add(plain::new(n));
            flow.add(blocks::new(n));
            flow.add(inline::new(n));
            flow.add(waits::new(n));
        }
        flow
    };
    let here = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reports = [
        flow().run_blocking().unwrap(),
        here.block_on(flow().run()).unwrap(),
        flow().concurrency(1).run_blocking().unwrap(),
    ];
    for report in reports {
        assert_eq!(report.nodes::<leaf>().count(), 400);
        assert_eq!(*report.only::<sum>().unwrap(), 4 * 99 * 100 / 2);
    }
}

#[test]
fn a_stage_may_add_itself_by_key() {
    #[stage(adds(halve by key))]
    fn halve(n: u64, path: &str, context: &StageContext<halve>) -> u64 {
        if n > 1 {
            context.grow(|grow| {
                for side in ["left", "right"] {
                    let path = format!("{path}/{side}");
                    grow.add(halve::new(n / 2, path.clone()).key(path));
                }
            });
        }
        n
    }
    rule! {
        all: when closed(halve), adds [sum],
        then |grow, nodes| { grow.add(sum::new(nodes)); }
    }
    let mut flow = Workflow::new("halves").rules(rules![all]).keep::<halve>();
    flow.add(halve::new(8_u64, ""));
    let report = flow.run_blocking().unwrap();
    assert_eq!((report.nodes::<halve>().count(), *report.only::<sum>().unwrap()), (15, 32));
    assert_eq!(report.outputs::<halve>().unwrap().sum::<u64>(), 32);
}

#[test]
fn a_node_adds_by_key_in_the_whole_run_and_under_a_node() {
    #[stage]
    fn site() {}
    #[stage(adds(page by key under site, image by key))]
    fn page(links: &[u64], context: &StageContext<page>) -> usize {
        context.grow(|grow| {
            for link in links {
                grow.add(page::new(Vec::<u64>::new()).key(link));
                grow.add(image::new(*link).key(link));
            }
        });
        links.len()
    }
    #[stage]
    fn image(n: u64) -> u64 {
        n
    }
    rule! {
        enter: when each(site), adds [page by key under site],
        then |grow, _site, ()| { grow.add(page::new([1, 2, 1]).key("home")); }
    }
    let mut flow = Workflow::new("pages").rules(rules![enter]);
    flow.add(site::new());
    flow.add(site::new());
    let report = flow.run_blocking().unwrap();
    assert_eq!((report.nodes::<page>().count(), report.nodes::<image>().count()), (2 * 3, 2));
}

#[test]
fn grow_inside_of_grow_fails_the_node() {
    #[stage(adds(leaf))]
    fn nested(context: &StageContext<nested>) -> u64 {
        context.grow(|grow| {
            grow.add(leaf::new(1));
            context.grow(|inner| inner.add(leaf::new(2)));
            3
        })
    }
    let mut flow = Workflow::new("nested");
    flow.add(nested::new());
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let expected = "node `nested#0` failed: `grow` was called inside of `grow`: add everything through the one growth";
    assert_eq!(failure(&report), expected);
    assert!(report.nodes::<leaf>().all(|leaf| report.state(leaf) == Some(NodeState::Skipped)));
}

#[test]
fn a_panic_inside_of_grow_fails_the_node_and_adds_nothing() {
    #[stage(adds(leaf))]
    fn careless(context: &StageContext<careless>) -> u64 {
        context.grow(|grow| {
            grow.add(leaf::new(1));
            panic!("in the middle")
        })
    }
    let mut flow = Workflow::new("panic").rules(rules![add_up]);
    flow.add(careless::new());
    flow.add(tree::new(2, 0));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(failure(&report), "node `careless#0` failed: panicked: in the middle");
    assert_eq!((report.nodes::<leaf>().count(), *report.only::<sum>().unwrap()), (2, 1));
}

#[test]
fn a_node_that_adds_an_undeclared_stage_fails() {
    #[stage(adds(leaf, tree by key))]
    fn wrong(handle: &Node<u64>, context: &StageContext<wrong>) -> u64 {
        context.grow(|grow| {
            grow.add(leaf::new(1).key("leaf"));
            grow.add(tree::new(1, 0));
            grow.add(leaf::new(*handle));
        });
        1
    }
    let mut other = Workflow::new("other");
    let foreign = other.add(leaf::new(1));
    let mut flow = Workflow::new("wrong");
    flow.add(wrong::new(foreign));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let told = failure(&report);
    for part in [
        "stage `wrong` declares `leaf` and adds one with a key: write `leaf by key` in its `adds(..)`",
        "stage `wrong` declares `tree by key` and adds one without a key: write `tree::new(..).key(..)`",
        "uses a handle of workflow `other`",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(report.nodes::<leaf>().count(), 0);
}

#[test]
fn a_node_that_grows_beyond_a_growth_limit_stops_the_run() {
    let mut flow = Workflow::new("much").growth_limits(GrowthLimits::default().nodes(5));
    flow.add(tree::new(10, 0).named("tall"));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let why = report.stopped().expect("ten leaves are too many");
    assert!(why.contains("more than 5 nodes") && why.contains("`tall`"), "{why}");
}

#[test]
fn the_chain_of_firings_that_led_to_a_growth_limit_names_the_node_that_added_one() {
    let mut flow = Workflow::new("much").growth_limits(GrowthLimits::default().nodes(2));
    flow.rule(rule! { when each(leaf), then |grow, _node, n| { grow.add(leaf::new(*n)); } });
    flow.add(tree::new(1, 0).named("tall"));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let why = report.stopped().expect("a second leaf is too many");
    assert!(why.ends_with("on `leaf#1`, which node `tall` added on `tall`, which the program added"), "{why}");
}

#[test]
fn rules_see_what_nodes_add() {
    rule! {
        double: when each(leaf), adds [tree by key],
        then |grow, node, n| if *n == 2 { grow.add(tree::new(node, 0).key(n)); }
    }
    rule! {
        grown: when closed(leaf) under each(tree), adds [sum],
        then |grow, _tree, leaves| { grow.add(sum::new(leaves)); }
    }
    let mut flow = Workflow::new("seen").rules(rules![double, grown]);
    flow.add(tree::new(3, 1));
    let report = flow.run_blocking().unwrap();
    assert_eq!(report.outputs::<sum>().unwrap().copied().collect::<Vec<_>>(), [1 + 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_addition_of_an_attempt_does_not_fail_the_next_attempt() {
    #[stage(adds(leaf))]
    async fn foreign(node: std::sync::Arc<Node<u64>>, context: &StageContext<foreign>) -> u32 {
        if context.attempt() == 1 {
            context.grow(|grow| grow.add(leaf::new(*node))); // refused: a handle of another workflow
            tokio::time::sleep(Duration::from_secs(100)).await;
        }
        context.attempt()
    }
    let mut other = Workflow::new("other");
    let handle = std::sync::Arc::new(other.add(leaf::new(1_u64)));
    let mut flow = Workflow::new("attempts");
    let node = flow.add(foreign::new(handle).retries(1).timeout(Duration::from_secs(1)));
    let report = flow.run().await.unwrap();
    assert_eq!(*report.output(node).unwrap(), 2);
}

#[test]
fn an_attempt_that_took_too_long_does_not_fail_the_one_that_runs() {
    use std::sync::mpsc::channel;
    use std::sync::{Arc, Mutex};

    /// The first attempt continues after its timeout, and makes an invalid addition while the second one runs.
    #[stage(blocking, adds(leaf))]
    fn nests(
        turns: Arc<[Mutex<std::sync::mpsc::Receiver<()>>; 2]>,
        next: Arc<Turns>,
        context: &StageContext<nests>,
    ) -> u32 {
        if context.attempt() == 1 {
            turns[0].lock().unwrap().recv().unwrap(); // the second attempt runs
            context.grow(|_| context.grow(|_| ()));
            next.0[1].lock().unwrap().send(()).unwrap();
        } else {
            next.0[0].lock().unwrap().send(()).unwrap();
            turns[1].lock().unwrap().recv().unwrap(); // the first one has added
        }
        context.attempt()
    }
    struct Turns([Mutex<std::sync::mpsc::Sender<()>>; 2]);

    tests::watchdog::within(Duration::from_secs(10), || {
        let (first, second) = (channel(), channel());
        let (next, turns) =
            (Turns([Mutex::new(first.0), Mutex::new(second.0)]), [Mutex::new(first.1), Mutex::new(second.1)]);
        let mut flow = Workflow::new("attempts");
        let call = nests::new(Arc::new(turns), Arc::new(next));
        let node = flow
            .add(call.retries(1).timeout(Duration::from_millis(1)).backoff(dagcore::Backoff::fixed(Duration::ZERO)));
        let report = flow.run_blocking().or_else(Error::into_report).unwrap();
        assert!(report.error(node).is_none_or(|error| !error.to_string().contains("inside of `grow`")), "{report}");
    });
}
