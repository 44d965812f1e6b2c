//! Growing runs: the same nodes in the same order, whichever node ends first.

use dagcore::prelude::*;

#[stage]
async fn visit(n: u64) -> u64 {
    // Spreads the ends of nodes over time, differently in each run on several threads.
    for _ in 0..n.wrapping_mul(2_654_435_761) % 13 {
        tokio::task::yield_now().await;
    }
    n
}

#[stage]
fn label(n: &u64) -> String {
    format!("n{n}")
}

#[stage]
fn list(labels: Vec<String>) -> String {
    labels.join(" ")
}

rule! {
    /// Numbers lead to numbers; each is visited once, whichever node leads to it first.
    follow: when each(visit), adds [visit by key, label],
    then |grow, node, n| {
        grow.add(label::new(node));
        for next in [n * 3 + 1, n / 2, n * 7 % 97] {
            if next < 400 {
                grow.add(visit::new(next).key(next));
            }
        }
    }
}

rule! {
    summarise: when closed(label), adds [list],
    then |grow, labels| { grow.add(list::new(labels)); }
}

fn grown(concurrency: usize) -> String {
    let mut flow = Workflow::new("growth").rules(rules![follow, summarise]);
    flow.add(visit::new(27_u64).key(27));
    flow.concurrency(concurrency).run_blocking().unwrap().only::<list>().unwrap().clone()
}

#[test]
fn the_same_nodes_are_added_in_the_same_order_whichever_node_ends_first() {
    let first = grown(1);
    assert!(first.split(' ').count() > 100, "{first}");
    for concurrency in [1, 2, 3, 8, 64, usize::MAX] {
        assert_eq!(grown(concurrency), first, "concurrency {concurrency}");
    }
}

#[test]
fn many_threads_lose_no_node_and_no_wake_up() {
    #[stage]
    async fn short(n: u64) -> u64 {
        n + 1
    }
    #[stage]
    fn plain(n: u64) -> u64 {
        n + 1
    }
    rule! {
        alternate: when each(short), adds [plain], then |grow, node, _n| { grow.add(plain::new(node)); }
    }
    for round in 0..50_u64 {
        let mut flow = Workflow::new("busy").rules(rules![alternate]);
        for n in 0..100 {
            flow.add(short::new(n + round));
        }
        let report = flow.run_blocking().unwrap();
        assert_eq!(report.outputs::<plain>().unwrap().count(), 100);
    }
}
