//! Explanations of ready nodes that wait for a worker.

use dagcore::NodeExplanation;
use dagcore::dag::Hold;
use dagcore::prelude::*;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

#[stage]
async fn forever() -> u64 {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_ready_node_reports_that_the_limit_is_reached() {
    let mut flow = Workflow::new("limit").concurrency(2);
    let nodes = [(); 3].map(|()| flow.add(forever::new()));
    let run = flow.start().unwrap();
    let NodeExplanation::Ready { hold: Hold::Nothing, .. } = run.explain(nodes[0]) else {
        panic!("no worker must have started")
    };
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(
        run.explain(nodes[2]).to_string(),
        "node `forever#2` is ready: 2 of 2 nodes run, which is the concurrency limit"
    );
}

#[tokio::test]
async fn a_ready_node_reports_that_all_threads_for_its_stage_are_busy() {
    #[stage]
    fn holds(begun: &Semaphore, gate: &Mutex<Receiver<()>>) {
        begun.add_permits(1);
        let _opened = gate.lock().unwrap().recv();
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (opener, gate) = channel::<()>();
    let (begun, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Mutex::new(gate)));
    let mut flow = Workflow::new("threads");
    for _ in 0..threads {
        flow.add(holds::new(Arc::clone(&begun), Arc::clone(&gate)));
    }
    let last = flow.add(holds::new(Arc::clone(&begun), Arc::clone(&gate)).named("last"));
    let run = flow.start().unwrap();
    let _all = begun.acquire_many(u32::try_from(threads).unwrap()).await.unwrap();
    let all = if threads == 1 { "the only one is".to_owned() } else { format!("all {threads} are") };
    assert_eq!(
        run.explain(last).to_string(),
        format!("node `last` is ready: it waits for a thread for plain stages, and {all} at work")
    );
    drop(opener);
    run.wait().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_ready_node_reports_that_an_async_stage_blocks_the_only_worker() {
    #[stage]
    async fn blocks(begun: &Semaphore, gate: &Mutex<Receiver<()>>) {
        begun.add_permits(1);
        let _opened = gate.lock().unwrap().recv();
    }
    let (opener, gate) = channel::<()>();
    let (begun, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Mutex::new(gate)));
    let mut flow = Workflow::new("stuck");
    flow.add(blocks::new(Arc::clone(&begun), Arc::clone(&gate)));
    let last = flow.add(blocks::new(Arc::clone(&begun), Arc::clone(&gate)).named("last"));
    let run = flow.start().unwrap();
    let _one = begun.acquire().await.unwrap();
    let said = async {
        loop {
            match run.explain(last) {
                NodeExplanation::Ready { hold: Hold::Nothing, .. } => tokio::task::yield_now().await, // may return
                explained => return explained.to_string(),
            }
        }
    };
    assert_eq!(
        tokio::time::timeout(Duration::from_secs(10), said).await.unwrap(),
        "node `last` is ready: it waits for an async worker, and the only one is at work"
    );
    drop(opener);
    run.wait().await.unwrap();
}
