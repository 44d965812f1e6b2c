//! Approval hooks and stepwise runs.

use crate::waiting::s;
use dagcore::prelude::*;
use dagcore::{Choice, Decider, Error};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[stage]
async fn half(n: u32) -> u32 {
    tokio::time::sleep(s(1)).await;
    n / 2
}

#[stage]
fn sum(all: Vec<u32>) -> u32 {
    all.iter().sum()
}

rule! {
    again: when each(half), adds [half] within 9,
    then |grow, node, n| if *n > 0 { grow.add(half::new(node)); }
}

rule! {
    add_up: when closed(half), adds [sum],
    then |grow, all| { grow.add(sum::new(all)); }
}

fn halves(n: u32) -> Workflow {
    let mut flow = Workflow::new("halves").rules(rules![again, add_up]);
    flow.add(half::new(n));
    flow
}

/// Records each query, and answers it with the given function.
#[derive(Clone)]
struct Asked<F>(Arc<Mutex<Vec<String>>>, F);

impl<F: FnMut(&Choice, usize) -> bool + Send + 'static> Decider for Asked<F> {
    async fn decide(&mut self, choice: &Choice) -> bool {
        tokio::time::sleep(s(1)).await; // simulates a person who takes a second
        let asked = {
            let mut asked = self.0.lock().unwrap();
            asked.push(choice.to_string());
            asked.len()
        };
        (self.1)(choice, asked)
    }

    fn again(&self) -> Duration {
        s(10)
    }
}

type Said = Arc<Mutex<Vec<String>>>;

fn asked<F: FnMut(&Choice, usize) -> bool + Send + 'static>(answer: F) -> (Said, Asked<F>) {
    let said = Said::default();
    (Arc::clone(&said), Asked(said, answer))
}

#[tokio::test(start_paused = true)]
async fn a_decider_is_queried_before_rules_nodes_and_the_end() -> Result<(), Error> {
    let (said, decider) = asked(|_, _| true);
    let report = halves(1).decide(decider).run().await?;
    assert_eq!(*report.only::<sum>()?, 0);
    assert_eq!(
        *said.lock().unwrap(),
        [
            "start node `half#0` of `half`",
            "apply rule `again` to `half#0`",
            "apply rule `add_up`",
            "start node `sum#1` of `sum`",
            "end the run"
        ]
    );
    assert_eq!(report.duration().as_secs(), 6); // five queries, and one node that waits
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn refused_choices_are_decided_again_after_an_event_or_a_delay() -> Result<(), Error> {
    let mut flow = Workflow::new("refused");
    let (first, second) = (flow.add(half::new(8_u32).named("first")), flow.add(half::new(8_u32).named("second")));
    // The first choice is refused until the second has ended, and the end of the run is refused once.
    let mut ends = 0;
    let (said, decider) = asked(move |choice, asked| match choice {
        Choice::StartNode { name, .. } => name == "second" || asked > 2,
        _ => {
            ends += 1;
            ends > 1
        }
    });
    let report = flow.decide(decider).run().await?;
    assert!(report.started(first) > report.started(second));
    let said = said.lock().unwrap();
    assert_eq!(said[..2], ["start node `first` of `half`", "start node `second` of `half`"]);
    assert_eq!(said.iter().filter(|said| *said == "end the run").count(), 2);
    assert!(report.duration() >= s(10), "{:?}", report.duration());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn running_nodes_continue_while_a_decider_is_slow() -> Result<(), Error> {
    struct Slow;
    impl Decider for Slow {
        async fn decide(&mut self, choice: &Choice) -> bool {
            if matches!(choice, Choice::ApplyRule { .. }) {
                tokio::time::sleep(s(100)).await;
            }
            true
        }
    }
    let mut flow = Workflow::new("slow").rules(rules![again]).decide(Slow);
    let nodes = [0_u32, 0, 0].map(|n| flow.add(half::new(n)));
    let report = flow.run().await?;
    assert!(nodes.iter().all(|node| report.ended(*node).unwrap() == s(1)));
    assert_eq!(report.duration(), s(301));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_decider_that_panics_stops_the_run() {
    struct Panics;
    impl Decider for Panics {
        async fn decide(&mut self, _: &Choice) -> bool {
            panic!("I cannot decide")
        }
    }
    let report = halves(1).decide(Panics).run().await.or_else(Error::into_report).unwrap();
    assert_eq!(report.stopped(), Some("the decider panicked: I cannot decide"));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_ends_without_a_decision() {
    let (said, decider) = asked(|_, _| false);
    let run = halves(1).decide(decider).start().unwrap();
    tokio::time::sleep(s(5)).await;
    run.cancel();
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    assert_eq!((report.count(NodeState::Cancelled), report.duration()), (1, s(5)));
    assert_eq!(said.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stepwise_run_takes_the_chosen_steps() -> Result<(), Error> {
    let mut flow = Workflow::new("steps").rules(rules![again]).stepwise();
    let nodes = [1_u32, 1].map(|n| flow.add(half::new(n)));
    let run = flow.start()?;
    tokio::time::sleep(s(5)).await;
    let choices = run.choices();
    let said: Vec<_> = choices.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["start node `half#0` of `half`", "start node `half#1` of `half`"]);
    assert!(run.choose(&choices[1]) && !run.choose(&choices[1]));
    tokio::time::sleep(s(5)).await;
    let said: Vec<_> = run.choices().iter().map(ToString::to_string).collect();
    assert_eq!(said, ["apply rule `again` to `half#1`", "start node `half#0` of `half`"]);
    while run.step().await.is_some() {}
    let report = run.wait().await?;
    assert_eq!(nodes.map(|node| report.started(node).unwrap().as_secs()), [10, 5]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_stepwise_run_accepts_additions_before_it_ends() -> Result<(), Error> {
    let run = Workflow::new("empty").stepwise().start()?;
    tokio::time::sleep(s(1)).await;
    assert_eq!(run.choices(), [Choice::EndRun]);
    let node = run.append(|grow| grow.add(half::new(4_u32)))?;
    tokio::task::yield_now().await;
    assert_eq!(run.choices().len(), 1);
    while run.step().await.is_some() {}
    assert_eq!(*run.wait().await?.output(node)?, 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_run_that_would_take_too_many_steps_is_cancelled() {
    for (most, succeeded) in [(0, 0), (1, 1), (3, 2)] {
        let report = halves(100).max_steps(most).grace(s(9)).run().await.or_else(Error::into_report).unwrap();
        assert_eq!(report.count(NodeState::Succeeded), succeeded, "{report}");
        assert_eq!(report.stopped(), Some("the run has taken as many steps as it was to"));
    }
    assert!(halves(1).max_steps(100).run().await.is_ok());
}

#[tokio::test]
async fn a_stepwise_workflow_is_refused_by_run() {
    let refused = halves(1).stepwise().run().await.unwrap_err().to_string();
    assert!(refused.contains("start it with `start`"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn limits_hold_for_approved_nodes() -> Result<(), Error> {
    let (_, decider) = asked(|_, _| true);
    let mut flow = Workflow::new("limits").concurrency(1).stage_concurrency::<half>(1).decide(decider);
    for n in 0..4_u32 {
        flow.add(half::new(n));
    }
    assert_eq!(flow.run().await?.count(NodeState::Succeeded), 4);
    Ok(())
}

/// Refuses, and panics when the retry delay is queried.
struct Impatient;

impl Decider for Impatient {
    async fn decide(&mut self, _: &Choice) -> bool {
        false
    }

    fn again(&self) -> Duration {
        panic!("no time")
    }
}

#[tokio::test(start_paused = true)]
async fn a_decider_that_panics_in_again_stops_the_run_with_its_message() {
    let report = halves(1).decide(Impatient).run().await.or_else(Error::into_report).unwrap();
    assert_eq!(report.stopped(), Some("the decider panicked: no time"));
}

#[test]
fn a_runtime_without_timers_is_not_reported_as_a_panic_of_the_decider() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    struct Refuses;
    impl Decider for Refuses {
        async fn decide(&mut self, _: &Choice) -> bool {
            false
        }
    }
    let report = runtime.block_on(halves(1).decide(Refuses).run()).or_else(Error::into_report).unwrap();
    assert!(report.stopped().unwrap().contains("build it with `enable_time()`"), "{report}");
}

#[test]
fn a_stepwise_run_does_not_end_during_an_append() {
    #[stage]
    async fn leaf() {}

    tests::watchdog::within(Duration::from_secs(10), || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut flow = Workflow::new("appended").stepwise();
            flow.add(leaf::new());
            let run = Arc::new(flow.start().unwrap());
            run.step().await.unwrap();
            assert_eq!(run.next_choices().await, [Choice::EndRun]);
            let (inside, is_inside) = std::sync::mpsc::channel();
            let own = Arc::clone(&run);
            let appends = std::thread::spawn(move || {
                own.append(|grow| {
                    inside.send(()).unwrap();
                    std::thread::yield_now();
                    grow.add(leaf::new());
                })
            });
            is_inside.recv().unwrap();
            assert!(!run.choose(&Choice::EndRun), "the run continues with the appended nodes");
            appends.join().unwrap().unwrap();
            let mut taken = Vec::new();
            while let Some(choice) = run.step().await {
                taken.push(choice.to_string());
            }
            assert_eq!(taken, ["start node `leaf#1` of `leaf`", "end the run"]);
        });
    });
}

#[tokio::test(start_paused = true)]
async fn no_step_is_taken_inside_of_a_body() {
    use futures::FutureExt;
    use std::sync::OnceLock;

    let run: Arc<OnceLock<Arc<dagcore::Run>>> = Arc::default();
    let mut flow = Workflow::new("inside").stepwise();
    let first = flow.add(half::new(4_u32));
    flow.add(half::new(2_u32));
    let (own, steps) = (Arc::clone(&run), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&steps);
    flow.rule(rule! {
        when done(first), adds [half],
        then |_grow, _n| noted.lock().unwrap().push(own.get().unwrap().step().now_or_never())
    });
    assert!(run.set(Arc::new(flow.start().unwrap())).is_ok());
    let run = run.get().unwrap();
    while run.step().await.is_some() {}
    assert_eq!(*steps.lock().unwrap(), [Some(None)]);
}
