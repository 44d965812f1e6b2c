//! Timing, in virtual time.

use dagcore::prelude::*;
use std::time::Duration;

#[stage]
async fn wait(ms: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    ms
}

fn at(ms: u64) -> Option<Duration> {
    Some(Duration::from_millis(ms))
}

#[tokio::test(start_paused = true)]
async fn two_chains_do_not_wait_for_each_other() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("chains");
    let one = flow.add(wait::new(50_u64));
    let one = flow.add(wait::new(400_u64).after(one));
    let two = flow.add(wait::new(400_u64));
    let two = flow.add(wait::new(50_u64).after(two));
    let report = flow.run().await?;
    assert_eq!((report.started(one), report.started(two)), (at(50), at(400)));
    assert_eq!(report.duration(), Duration::from_millis(450));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_stages_wait_together() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("sleepers");
    for _ in 0..10_000 {
        flow.add(wait::new(100_u64));
    }
    assert_eq!(flow.run().await?.duration(), Duration::from_millis(100));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn no_more_nodes_run_at_once_than_the_concurrency_says() -> Result<(), dagcore::Error> {
    for (limit, expected) in [(1, 1_000), (3, 400), (10, 100), (50, 100)] {
        let mut flow = Workflow::new("limited");
        for _ in 0..10 {
            flow.add(wait::new(100_u64));
        }
        let report = flow.concurrency(limit).run().await?;
        assert_eq!(report.duration(), Duration::from_millis(expected), "limit {limit}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_concurrency_of_one_does_not_deadlock_a_run_that_grows() -> Result<(), dagcore::Error> {
    #[stage]
    fn sum(all: Vec<u64>) -> u64 {
        all.iter().sum()
    }
    #[stage]
    fn list() -> Vec<u64> {
        vec![1, 2, 3]
    }
    rule! {
        total: when closed(wait), adds [sum],
        then |grow, nodes| { grow.add(sum::new(nodes)); }
    }
    let mut flow = Workflow::new("narrow").rules(rules![total]);
    let list = flow.add(list::new());
    flow.map(list, wait::new);
    assert_eq!(*flow.concurrency(1).run().await?.only::<sum>()?, 6);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_node_starts_when_its_last_parent_ends() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("diamond");
    let top = flow.add(wait::new(10_u64));
    let sides = [20_u64, 70].map(|ms| flow.add(wait::new(ms).after(top)));
    let bottom = flow.add(wait::new(5_u64).after(sides[0]).after(sides[1]));
    let report = flow.run().await?;
    assert_eq!((report.started(bottom), report.ended(bottom)), (at(80), at(85)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_rule_acts_at_the_moment_its_node_ends() -> Result<(), dagcore::Error> {
    rule! {
        follow: when each(wait), adds [echo],
        then |grow, node, _ms| { grow.add(echo::new(node)); }
    }
    #[stage]
    async fn echo(ms: u64) -> u64 {
        ms
    }
    let mut flow = Workflow::new("prompt").rules(rules![follow]);
    for ms in [30_u64, 10, 20] {
        flow.add(wait::new(ms));
    }
    let report = flow.run().await?;
    let echoes: Vec<_> = report.nodes::<echo>().map(|node| report.started(node)).collect();
    assert_eq!(echoes, [at(30), at(10), at(20)]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_time_that_a_body_takes_is_counted() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("slow body");
    let first = flow.add(wait::new(10));
    let runtime = tokio::runtime::Handle::current();
    flow.rule(rule! {
        when done(first), adds [wait],
        then |grow, _ms| {
            // The body takes as long as another thread needs to advance the clock.
            let runtime = runtime.clone();
            let turned = std::thread::spawn(move || {
                runtime.block_on(async { tokio::time::advance(Duration::from_millis(300)).await });
            });
            turned.join().expect("the clock can be advanced");
            grow.add(wait::new(5).named("second"));
        }
    });
    let report = flow.run().await?;
    let second = report.named::<wait>("second")?;
    assert_eq!((report.started(second), report.duration()), (at(310), Duration::from_millis(315)));
    Ok(())
}

/// The clock is read before the lock is acquired; a worker that waits for the lock must not start a node in the past.
#[test]
fn a_node_never_starts_before_its_dependencies_have_ended() {
    #[stage]
    fn twice(n: u64) -> u64 {
        std::hint::black_box((0..(n % 100) * 50).sum::<u64>())
    }

    #[stage]
    async fn both(one: u64, other: u64) -> u64 {
        one.wrapping_add(other)
    }

    for _ in 0..20 {
        let mut flow = Workflow::new("order");
        let mut before: Vec<Node<u64>> = (0..40_u64).map(|n| flow.add(twice::new(n))).collect();
        for _ in 0..6 {
            before =
                before.iter().zip(before.iter().rev()).map(|(one, other)| flow.add(both::new(*one, *other))).collect();
            before = before.iter().map(|node| flow.add(twice::new(*node))).collect();
        }
        let report = flow.run_blocking().unwrap();
        let graph = report.graph();
        for node in graph.nodes() {
            for edge in graph.parents(node) {
                assert!(graph.started(node) >= graph.ended(edge.from), "{} started too soon", graph.name(node));
            }
        }
    }
}
