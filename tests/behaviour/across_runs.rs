//! Runs that append to each other, and runs nested inside nodes of other runs.

use dagcore::prelude::*;
use dagcore::{Error, Run};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, Condvar, Mutex, OnceLock};
use std::time::Duration;
use tests::watchdog::within;
use tokio::runtime::Builder;
use tokio::sync::Semaphore;

const LIMIT: Duration = Duration::from_secs(10);

type Handle = Arc<OnceLock<Arc<Run>>>;
type Answers = Arc<Mutex<Vec<Result<(), String>>>>;

#[stage]
async fn gated(gate: Arc<Semaphore>) {
    gate.acquire().await.unwrap().forget();
}

#[stage]
async fn step() {}

/// Appends one node named `x` to a run, and records the result.
fn append_to(run: &Handle, answers: &Answers) {
    let answer = run.get().unwrap().append(|grow| {
        grow.add(step::new().named("x"));
    });
    answers.lock().unwrap().push(answer.map_err(|error| error.to_string()));
}

fn on_threads<R: Send + 'static, F: Future<Output = R>>(body: impl FnOnce() -> F + Send + 'static) -> R {
    within(LIMIT, || Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap().block_on(body()))
}

/// Checks that accepted nodes exist, and that refusals state a reason.
fn check(answers: &Answers, runs: &[&Handle], nodes: usize) {
    let answers = answers.lock().unwrap();
    assert_eq!(answers.len(), 2, "{answers:?}");
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    let known: usize = runs.iter().map(|run| run.get().unwrap().progress().nodes.succeeded).sum();
    assert_eq!(known, nodes + accepted, "{answers:?}");
    assert!(answers.iter().flat_map(|answer| answer.as_ref().err()).all(|why| why.len() > 20), "{answers:?}");
}

#[test]
fn a_view_or_a_predicate_that_queries_its_own_run_panics_instead_of_deadlocking() {
    on_threads(|| async {
        let handle = Handle::default();
        let mut flow = Workflow::new("own");
        let gate = Arc::new(Semaphore::new(0));
        let first = flow.add(gated::new(Arc::clone(&gate)));
        let (own, asked) = (Arc::clone(&handle), Arc::clone(&handle));
        flow.rule(rule! {
            when done(first) && |_view| asked.wait().progress().nodes.known > 0, adds [],
            then |_grow, _first| {}
        });
        assert!(handle.set(Arc::new(flow.start().unwrap())).is_ok());
        gate.add_permits(1); // only now is the predicate evaluated, which uses the handle
        let viewed = catch_unwind(AssertUnwindSafe(|| {
            own.wait().append(|grow| grow.view(|_view| own.wait().progress().nodes.known))
        }));
        let message = viewed
            .unwrap_err()
            .downcast::<String>()
            .map_or_else(|panic| panic.downcast::<&str>().unwrap().to_string(), |text| *text);
        assert!(message.contains("query the run before the closure"), "{message}");
        let run = handle.wait();
        run.ended().await;
        let explained = run.explain_rule(run.possible().rules()[0].name())[0].to_string();
        assert!(explained.contains("query the run before the closure"), "{explained}");
    });
}

#[test]
fn two_runs_whose_bodies_append_to_each_other_end_and_refuse_a_deadlock() {
    on_threads(|| async {
        let gate = Arc::new(Semaphore::new(0));
        let runs = [Handle::default(), Handle::default()];
        let (answers, both) = (Answers::default(), Arc::new(Barrier::new(2)));
        for (own, other) in [(0, 1), (1, 0)] {
            let mut flow = Workflow::new(["one", "two"][own]);
            let first = flow.add(gated::new(Arc::clone(&gate)));
            let (other, answers, both) = (Arc::clone(&runs[other]), Arc::clone(&answers), Arc::clone(&both));
            flow.rule(rule! {
                when done(first), adds [step],
                then |grow, _first| {
                    both.wait(); // both runs are in the middle of a body
                    append_to(&other, &answers);
                    grow.add(step::new());
                }
            });
            runs[own].set(Arc::new(flow.start().unwrap())).unwrap();
        }
        gate.add_permits(2);
        for run in &runs {
            run.get().unwrap().ended().await;
        }
        check(&answers, &[&runs[0], &runs[1]], 4);
    });
}

#[test]
fn a_body_that_runs_inside_of_another_runs_body_appends_to_that_run_or_is_refused() {
    on_threads(|| async {
        let (gate, stop) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (outer, inner) = (Handle::default(), Handle::default());
        let answers = Answers::default();

        // Its rule fires as soon as the node is added: while the other run's body appends it.
        let mut flow = Workflow::new("inner");
        flow.add(gated::new(Arc::clone(&stop)));
        let (back, own) = (Arc::clone(&outer), Arc::clone(&answers));
        flow.rule(rule! {
            when named("x"), adds [step],
            then |grow, _x| {
                append_to(&back, &own);
                grow.add(step::new());
            }
        });
        inner.set(Arc::new(flow.start().unwrap())).unwrap();

        let mut flow = Workflow::new("outer");
        let first = flow.add(gated::new(Arc::clone(&gate)));
        let (into, own) = (Arc::clone(&inner), Arc::clone(&answers));
        flow.rule(rule! {
            when done(first), adds [step],
            then |grow, _first| {
                append_to(&into, &own);
                grow.add(step::new());
            }
        });
        outer.set(Arc::new(flow.start().unwrap())).unwrap();

        gate.add_permits(1);
        outer.get().unwrap().ended().await;
        stop.add_permits(1);
        inner.get().unwrap().ended().await;
        check(&answers, &[&outer, &inner], 4);
    });
}

#[test]
fn a_body_that_runs_inside_of_a_node_of_another_run_appends_to_that_run_or_is_refused() {
    on_threads(|| async {
        let (outer, inner) = (Handle::default(), Handle::default());
        let (stop, answers) = (Arc::new(Semaphore::new(0)), Answers::default());

        #[stage(adds(step))]
        async fn grows(into: Handle, answers: Answers, gate: Arc<Semaphore>, context: &StageContext<grows>) {
            gate.acquire().await.unwrap().forget();
            context.grow(|grow| {
                append_to(&into, &answers);
                grow.add(step::new());
            });
        }

        let mut flow = Workflow::new("inner");
        flow.add(gated::new(Arc::clone(&stop)));
        let (back, own) = (Arc::clone(&outer), Arc::clone(&answers));
        flow.rule(rule! { when named("x"), adds [], then |_grow, _x| append_to(&back, &own) });
        inner.set(Arc::new(flow.start().unwrap())).unwrap();

        let gate = Arc::new(Semaphore::new(0));
        let mut flow = Workflow::new("outer");
        flow.add(grows::new(Arc::clone(&inner), Arc::clone(&answers), Arc::clone(&gate)));
        outer.set(Arc::new(flow.start().unwrap())).unwrap();
        gate.add_permits(1);
        outer.get().unwrap().ended().await;
        stop.add_permits(1);
        inner.get().unwrap().ended().await;
        check(&answers, &[&outer, &inner], 3);
    });
}

#[stage]
fn leaf(n: usize) -> usize {
    n
}

#[stage(blocking)]
fn blocking_leaf(n: usize) -> usize {
    n
}

/// Lets threads wait for each other, but with a limit, since some of the others may have been refused.
#[derive(Default)]
struct Meeting(Mutex<usize>, Condvar);

impl Meeting {
    fn arrive(&self, all: usize) {
        let mut arrived = self.0.lock().unwrap();
        *arrived += 1;
        self.1.notify_all();
        drop(self.1.wait_timeout_while(arrived, Duration::from_secs(2), |arrived| *arrived < all).unwrap());
    }
}

type Meetings = Arc<Vec<Meeting>>;

/// The maximum number of blocking nodes that a run starts at once.
const AT_ONCE: usize = 256;
const NODES: usize = AT_ONCE + 4;

/// Waits for all others of its level, and runs a nested workflow on the surrounding runtime.
#[stage(blocking)]
fn nested(n: usize, level: usize, meetings: Meetings) -> Result<usize, Error> {
    meetings[level].arrive(AT_ONCE);
    let mut flow = Workflow::new("nested");
    let last = if level == 0 {
        let first = flow.add(leaf::new(n));
        flow.add(blocking_leaf::new(first))
    } else {
        flow.add(nested::new(n, level - 1, meetings))
    };
    let report = tokio::runtime::Handle::current().block_on(flow.run())?;
    Ok(*report.output(last)?)
}

fn nested_runs(level: usize) -> Report {
    within(Duration::from_secs(30), move || {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let report = runtime.block_on(async {
            let meetings = Arc::new((0..=level).map(|_| Meeting::default()).collect::<Vec<_>>());
            let mut flow = Workflow::new("outer");
            for n in 0..NODES {
                flow.add(nested::new(n, level, Arc::clone(&meetings)));
            }
            flow.run().await.or_else(Error::into_report).unwrap()
        });
        runtime.shutdown_background();
        report
    })
}

#[test]
fn the_maximum_number_of_blocking_nodes_can_each_run_a_nested_run() {
    let report = nested_runs(0);
    assert_eq!(report.count(NodeState::Succeeded), NODES, "{report}");
}

#[test]
fn nested_runs_that_need_more_threads_than_there_are_end_or_are_refused_with_a_message() {
    let report = nested_runs(1);
    let refused: Vec<String> = report.failures().map(|error| error.cause().to_string()).collect();
    assert_eq!(report.count(NodeState::Succeeded) + refused.len(), NODES, "{report}");
    assert!(refused.iter().all(|why| why.len() > 20), "{refused:?}");
}

#[test]
fn a_workflow_does_not_run_to_its_end_inside_of_a_body_that_adds_to_another_run() {
    within(LIMIT, || {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let gate = Arc::new(Semaphore::new(0));
        let run = runtime.block_on(async {
            let mut flow = Workflow::new("outer");
            flow.add(gated::new(Arc::clone(&gate)));
            flow.start().unwrap()
        });
        // This thread has no runtime, so `run_blocking` would run the workflow if it were not inside a body.
        let inner = run.append(|_| Workflow::new("inner").run_blocking().unwrap_err().to_string()).unwrap();
        assert!(inner.contains("inside of a body that adds to another run"), "{inner}");
        gate.add_permits(1);
        assert!(runtime.block_on(run.wait()).is_ok());
    });
}
