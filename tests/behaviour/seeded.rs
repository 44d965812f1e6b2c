//! Runs whose order is determined by a seed or a schedule.

use super::growing::{leaf, tree};
use dagcore::prelude::*;
use dagcore::testing::{self, Mocks, Schedule};
use dagcore::{Error, Rule};
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::time::Duration;

#[stage]
async fn visit(n: u64) -> Result<u64, String> {
    for _ in 0..n % 4 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(n % 3)).await;
    if n % 11 == 5 { Err(format!("{n} is refused")) } else { Ok(n) }
}

#[stage]
fn label(n: &u64) -> String {
    format!("n{n}")
}

#[stage]
fn note(text: String) -> String {
    text
}

#[stage]
fn list(labels: Vec<String>) -> String {
    labels.join(" ")
}

#[stage]
fn parts(n: u64) -> Vec<u64> {
    (0..n % 4).collect()
}

#[stage]
async fn part(n: u64) -> Result<u64, String> {
    tokio::task::yield_now().await;
    if n == 2 { Err("two".to_owned()) } else { Ok(n) }
}

#[stage]
fn whole(parts: Gathered<u64>) -> usize {
    parts.outputs().count()
}

rule! {
    /// Numbers lead to numbers; each is visited once, whichever node leads to it first.
    follow: when each(visit), adds [visit by key, label, parts, part, whole, note, Rule],
    then |grow, node, n| {
        for next in [n * 3 + 1, n / 2] {
            if next < 40 { grow.add(visit::new(next).key(next)); }
        }
        grow.add(label::new(node));
        if n % 5 == 0 {
            let parts = grow.add(parts::new(node));
            let all = grow.map(parts, part::new);
            let whole = grow.add(whole::new(all));
            grow.rule(say(whole, "one"));
            grow.rule(say(whole, "two"));
        }
    }
}

rule! {
    refused: when each_failed(visit), adds [note],
    then |grow, _node, error| {
        let key = error.key().unwrap_or("none");
        grow.add(note::new(format!("refused: {key}")).named(key));
    }
}

rule! {
    summarise: when closed(label, note), adds [list],
    then |grow, labels, notes| { grow.add(list::new([labels, notes].concat())); }
}

/// A rule registered by a body.
fn say(whole: Node<usize>, what: &'static str) -> Rule {
    rule! { when done(whole), adds [note], then |grow, n| { grow.add(note::new(format!("{what} {n}"))); } }
}

fn program() -> Workflow {
    let mut flow = Workflow::new("numbers").rules(rules![follow, refused, summarise]);
    flow.add(visit::new(28_u64).key(28));
    flow.add(tree::new(2_u64));
    flow.add(visit::new(100_u64));
    flow
}

#[test]
fn rules_groups_of_all_kinds_and_failures_give_the_same_graph_under_a_thousand_seeds() {
    let first = testing::seeded(program(), 0).or_else(Error::into_report).unwrap();
    let graph = testing::graph_of(&first);
    for kind in
        ["list, succeeded", "visit, failed", "whole, succeeded", "gather, skipped", "label", "~2.0: note", "leaf"]
    {
        assert!(graph.contains(kind), "no {kind} in\n{graph}");
    }
    testing::seeds(0..1_000, program, |report| {
        (testing::graph_of(report), report.outputs::<label>().unwrap().cloned().collect::<Vec<_>>())
    });
}

#[test]
fn a_seeded_run_has_the_graph_of_an_ordinary_run() {
    let [seeded, ordinary] = [testing::seeded(program(), 9), program().run_blocking()]
        .map(|report| testing::graph_of(&report.or_else(Error::into_report).unwrap()));
    assert_eq!(seeded, ordinary);
}

#[test]
fn a_path_is_short_however_deep_its_node_is_and_another_one_for_each_node() {
    rule! {
        deeper: when each(parts), adds [parts, note, Rule] within 300,
        then |grow, node, _list| {
            grow.add(parts::new(1_u64));
            grow.rule(inner(node, 3));
        }
    }
    fn inner(node: Node<Vec<u64>>, depth: u32) -> Rule {
        rule! {
            when done(node), adds [note, Rule],
            then |grow, _list| {
                grow.add(note::new("text"));
                if depth > 0 { grow.rule(inner(node, depth - 1)); }
            }
        }
    }
    let mut flow = Workflow::new("deep").rules(rules![deeper]);
    flow.add(parts::new(1_u64));
    let graph = testing::graph_of(&testing::seeded(flow, 0).unwrap());
    let paths: BTreeSet<&str> = graph.lines().map(|line| line.split_once(": ").unwrap().0).collect();
    assert_eq!((paths.len(), graph.lines().count()), (1 + 300 * 5, 1 + 300 * 5));
    assert!(paths.iter().all(|path| path.len() < 1_000), "{graph}");
}

#[test]
fn seeds_try_many_orders() {
    let mut orders = BTreeSet::new();
    for seed in 0..100 {
        let mut flow = Workflow::new("orders");
        for n in 0..4_u64 {
            flow.add(leaf::new(n));
        }
        flow.rule(rule! { when count_done(leaf) >= 4, adds [], then |_grow, _nodes| {} });
        flow.rule(rule! {
            when |view| view.count_done::<leaf>() == 2, adds [note],
            then |grow| {
                let done = grow.view(|view| view.outputs::<leaf>().copied().collect::<Vec<_>>());
                grow.add(note::new(format!("{done:?}")));
            }
        });
        let report = testing::seeded(flow, seed).unwrap();
        orders.insert(report.only::<note>().cloned().unwrap_or_default());
    }
    // Each pair of nodes was first under some seed; with some seeds, so many nodes were handed in at once that no pair
    // was observed.
    let pairs = orders.iter().filter(|seen| seen.matches(',').count() == 1).count();
    assert!(pairs == 6 && orders.contains(""), "{orders:?}");
}

fn race() -> Workflow {
    let mut flow = Workflow::new("race");
    for n in 0..5_u64 {
        flow.add(leaf::new(n));
    }
    flow.rule(rule! {
        when count_done(leaf) >= 2, adds [label],
        then |grow, nodes| { grow.add(label::new(nodes[1])); }
    });
    flow
}

#[test]
fn a_program_that_depends_on_order_is_caught_with_a_schedule_that_replays_to_the_same_difference() {
    let look = |report: &dagcore::Report| report.only::<label>().unwrap().clone();
    let panic = catch_unwind(|| testing::seeds(0..1_000, race, look)).unwrap_err();
    let said = panic.downcast::<String>().unwrap();
    assert!(said.contains("gives another result than seed 0:\n  only with seed 0: n"), "{said}");
    let (_, schedule) = said.split_once('"').unwrap();
    let schedule: Schedule = schedule.split_once('"').unwrap().0.parse().unwrap();
    let seed = schedule.seed().unwrap();
    let [wanted, found] = [0, seed].map(|seed| look(&testing::seeded(race(), seed).unwrap()));
    assert_ne!(wanted, found);
    assert!(said.contains(&format!("only with seed {seed}: {found}\n")), "{said}");
    assert_eq!(look(&testing::replay(race(), &schedule).unwrap()), found);
}

#[test]
fn the_same_seed_gives_the_same_run_to_the_last_id() {
    for seed in 0..20 {
        let runs = [0; 2].map(|_| {
            let (report, schedule) = testing::recorded(program(), seed);
            let report = report.or_else(Error::into_report).unwrap();
            let nodes: Vec<_> =
                report.graph().nodes().map(|node| (report.graph().name(node), report.graph().ended(node))).collect();
            (nodes, schedule)
        });
        assert_eq!(runs[0], runs[1]);
        let again = testing::replay(program(), &runs[0].1).or_else(Error::into_report).unwrap();
        let names: Vec<_> = again.graph().nodes().map(|node| again.graph().name(node)).collect();
        assert_eq!(names, runs[0].0.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
    }
}

#[test]
fn a_schedule_that_does_not_match_is_an_error_with_the_step() {
    let (_, schedule) = testing::recorded(race(), 5);
    let text = schedule.to_string();
    let replay = |text: &str| match testing::replay(race(), &text.parse().unwrap()) {
        Err(Error::Schedule(error)) => (error.step(), error.to_string()),
        other => panic!("{other:?}"),
    };
    let (step, said) = replay(&format!("{text} 0"));
    assert_eq!(step, schedule.len() + 1);
    assert!(said.contains("comes after the end of the run"), "{said}");
    let (step, said) = replay(text.rsplit_once(' ').unwrap().0);
    assert_eq!((step, said.contains("is missing")), (schedule.len(), true), "{said}");
    let (step, said) = replay("0 9");
    assert_eq!(step, 2);
    assert!(said.contains("step 2 of the schedule chooses the possibility 9, and there are 5"), "{said}");
}

#[stage]
async fn wait(ms: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    ms
}

#[test]
fn timers_fire_in_the_order_of_virtual_time_under_every_seed() {
    let program = || {
        let mut flow = Workflow::new("timers");
        // The later one is started first, and the seed may select either.
        flow.add(wait::new(3_600_000_u64));
        flow.add(wait::new(10_u64));
        flow.rule(rule! {
            when count_done(wait) >= 1, adds [note],
            then |grow, nodes| {
                let first = grow.view(|view| view.output(nodes[0]).copied());
                grow.add(note::new(format!("{first:?}")));
            }
        });
        flow
    };
    let hour = Duration::from_secs(3_600);
    testing::seeds(0..100, program, move |report| {
        assert_eq!((report.only::<note>().unwrap().as_str(), report.duration()), ("Some(10)", hour));
    });
}

#[test]
fn nodes_that_wait_for_each_other_by_channels_work() {
    use std::sync::{Arc, Mutex};
    use tokio::sync::mpsc::{Receiver, Sender, channel};
    #[stage]
    async fn send(to: Arc<Sender<u64>>) -> u64 {
        for n in 0..5 {
            to.send(n).await.expect("the receiver exists");
        }
        5
    }
    #[stage]
    async fn receive(from: Arc<Mutex<Option<Receiver<u64>>>>) -> u64 {
        let mut from = from.lock().unwrap().take().unwrap();
        let mut sum = 0;
        for _ in 0..5 {
            sum += from.recv().await.unwrap_or_default();
        }
        sum
    }
    let program = || {
        let (to, from) = channel(1);
        let mut flow = Workflow::new("channel");
        flow.add(receive::new(Arc::new(Mutex::new(Some(from)))));
        flow.add(send::new(Arc::new(to)));
        flow
    };
    testing::seeds(0..100, program, |report| *report.only::<receive>().unwrap());
}

#[test]
fn tasks_and_threads_that_a_stage_starts_make_progress() {
    #[stage]
    async fn both(n: u64) -> u64 {
        let task = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(n)).await;
            n
        });
        let thread = tokio::task::spawn_blocking(move || n);
        let (done, woken) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || done.send(n));
        task.await.unwrap() + thread.await.unwrap() + woken.await.unwrap()
    }
    let mut flow = Workflow::new("tasks");
    for n in 0..10 {
        flow.add(both::new(n));
    }
    assert_eq!(testing::seeded(flow, 0).unwrap().outputs::<both>().unwrap().sum::<u64>(), 3 * 45);
}

#[test]
fn a_run_that_would_wait_forever_is_stopped_and_names_the_waiting_nodes() {
    #[stage]
    async fn never() {
        std::future::pending::<()>().await;
    }
    let mut flow = Workflow::new("stuck");
    flow.add(never::new().named("hopeless"));
    flow.add(leaf::new(1_u64));
    let report = testing::seeded(flow, 0).or_else(Error::into_report).unwrap();
    assert!(!report.is_success());
    assert!(report.stopped().unwrap().starts_with("`hopeless` would wait for ever"), "{report}");
    assert!(report.to_string().contains("\n  `hopeless` would wait for ever"), "{report}");
    assert_eq!(report.count(NodeState::Succeeded), 1);
}

#[test]
fn a_concurrency_limit_holds_in_a_seeded_run() {
    for seed in 0..50 {
        let mut flow = Workflow::new("limit").concurrency(2);
        for _ in 0..10 {
            flow.add(wait::new(100_u64));
        }
        assert_eq!(testing::seeded(flow, seed).unwrap().duration(), Duration::from_millis(500));
    }
}

#[test]
fn ten_thousand_nodes_wait_together_in_a_seeded_run() {
    let mut flow = Workflow::new("sleepers");
    for _ in 0..10_000 {
        flow.add(wait::new(100_u64));
    }
    assert_eq!(testing::seeded(flow, 0).unwrap().duration(), Duration::from_millis(100));
}

#[tokio::test]
async fn a_seeded_run_may_be_started_inside_a_runtime() {
    let mut flow = Workflow::new("inside");
    let node = flow.add(wait::new(10_u64));
    assert_eq!(*testing::seeded(flow, 0).unwrap().output(node).unwrap(), 10);
}

#[test]
fn a_thousand_seeds_of_fifty_nodes_take_few_choices_each() {
    rule! {
        spread: when each(visit), adds [label, parts],
        then |grow, node, _n| {
            grow.add(label::new(node));
            grow.add(parts::new(node));
        }
    }
    rule! { merge: when closed(label, parts), adds [list], then |grow, labels, _parts| { grow.add(list::new(labels)); } }
    let mocks = Mocks::new().mock::<visit>().returns(|n| *n);
    let mut most = 0;
    for seed in 0..1_000 {
        let mut flow = Workflow::new("fifty").rules(rules![spread, merge]).mocked(mocks.clone());
        for n in 0..16_u64 {
            flow.add(visit::new(n));
        }
        flow.add(leaf::new(1_u64));
        let (report, schedule) = testing::recorded(flow, seed);
        assert_eq!(report.unwrap().len(), 50);
        most = most.max(schedule.len());
    }
    // Per node: its start, its end, and whether another node ends with it; plus the bodies.
    assert!(most <= 3 * 50 + 17, "{most} choices");
}
