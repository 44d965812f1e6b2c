//! Lifetime of results.

use dagcore::prelude::*;
use dagcore::{Error, OutputError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An output that is counted while it exists.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(alive))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[stage]
fn first(alive: Arc<AtomicUsize>) -> Arc<AtomicUsize> {
    alive
}

#[stage]
fn make(alive: Arc<AtomicUsize>) -> Counted {
    Counted::new(&alive)
}

#[stage]
fn read(made: &Counted) -> usize {
    made.0.load(Ordering::SeqCst)
}

#[stage]
fn read_all(made: Gathered<Counted>) -> usize {
    made.outputs().count()
}

fn of(kind: fn(&Arc<AtomicUsize>) -> Workflow) -> (Report, usize) {
    let alive = Arc::new(AtomicUsize::new(0));
    let report = kind(&alive).run_blocking().or_else(Error::into_report).unwrap();
    let left = alive.load(Ordering::SeqCst);
    (report, left)
}

rule! {
    make_and_read: when each(first), adds [make, read],
    then |grow, _node, alive| {
        let made = grow.add(make::new(Arc::clone(alive)));
        grow.add(read::new(made));
    }
}

#[test]
fn an_output_is_dropped_when_every_node_that_needs_it_has_ended() {
    let (report, left) = of(|alive| {
        let mut flow = Workflow::new("dropped").rules(rules![make_and_read]);
        flow.add(first::new(Arc::clone(alive)));
        flow
    });
    assert_eq!((left, *report.only::<read>().unwrap()), (0, 1));
    let error = report.only::<make>().err().unwrap();
    assert!(matches!(error, OutputError::Dropped { stage: "make", .. }), "{error}");
    let said = error.to_string();
    assert!(said.starts_with("the output of `make#1` was dropped") && said.contains("keep::<make>()"), "{said}");
    assert!(report.outputs::<make>().is_err());
}

#[test]
fn an_output_that_no_node_needs_is_a_result_and_is_kept() {
    rule! { only_make: when each(first), adds [make], then |grow, _node, alive| { grow.add(make::new(Arc::clone(alive))); } }
    let (report, left) = of(|alive| {
        let mut flow = Workflow::new("kept").rules(rules![only_make]);
        flow.add(first::new(Arc::clone(alive)));
        flow
    });
    assert_eq!((left, report.outputs::<make>().unwrap().count()), (1, 1));
}

#[test]
fn the_programs_own_nodes_are_kept() {
    let (report, left) = of(|alive| {
        let mut flow = Workflow::new("own");
        let made = flow.add(make::new(Arc::clone(alive)));
        flow.add(read::new(made));
        flow
    });
    assert_eq!((left, report.outputs::<make>().unwrap().count()), (1, 1));
}

#[test]
fn outputs_that_are_marked_to_be_kept_are_kept() {
    let (report, left) = of(|alive| {
        let mut flow = Workflow::new("stage").rules(rules![make_and_read]).keep::<make>();
        flow.add(first::new(Arc::clone(alive)));
        flow
    });
    assert_eq!((left, report.outputs::<make>().unwrap().count()), (1, 1));

    rule! {
        keep_one: when each(first), adds [make, read],
        then |grow, _node, alive| for number in 0..3 {
            let made = grow.add(make::new(Arc::clone(alive)));
            if number == 1 {
                grow.keep(made);
            }
            grow.add(read::new(made));
        }
    }
    let (report, left) = of(|alive| {
        let mut flow = Workflow::new("node").rules(rules![keep_one]);
        flow.add(first::new(Arc::clone(alive)));
        flow
    });
    assert_eq!((left, report.nodes::<make>().count()), (1, 3));
    let there: Vec<bool> = report.nodes::<make>().map(|node| report.output(node).is_ok()).collect();
    assert_eq!(there, [false, true, false]);
}

#[test]
fn a_rule_that_will_be_given_the_nodes_of_a_stage_keeps_them_until_it_has_fired() {
    rule! {
        then_all: when closed(make) && closed(read), adds [read_all],
        then |grow, made, _read| { grow.add(read_all::new(made)); }
    }
    let (report, left) = of(|alive| {
        let mut flow = Workflow::new("closed").rules(rules![make_and_read, then_all]);
        flow.add(first::new(Arc::clone(alive)));
        flow.add(first::new(Arc::clone(alive)));
        flow
    });
    assert_eq!((left, *report.only::<read_all>().unwrap()), (0, 2), "{report}");
}

#[test]
fn a_predicate_that_was_never_true_keeps_the_outputs_it_could_read() {
    rule! { never: when |view| view.outputs::<make>().count() > 100, adds [], then |_grow| {} }
    let (report, left) = of(|alive| {
        let mut flow = Workflow::new("predicate").rules(rules![make_and_read, never]);
        flow.add(first::new(Arc::clone(alive)));
        flow
    });
    assert_eq!((left, report.outputs::<make>().unwrap().count()), (1, 1));
}

#[test]
fn an_output_is_dropped_before_the_run_ends() {
    #[stage]
    fn pass(made: &Counted) -> (usize, Arc<AtomicUsize>) {
        (made.0.load(Ordering::SeqCst), Arc::clone(&made.0))
    }

    rule! {
        start: when each(first), adds [make, pass],
        then |grow, _node, alive| {
            let made = grow.add(make::new(Arc::clone(alive)));
            grow.add(pass::new(made));
        }
    }

    rule! {
        step: when each(pass), adds [make, pass] within 20,
        then |grow, node, (_, alive)| {
            let made = grow.add(make::new(Arc::clone(alive)).after(node));
            grow.add(pass::new(made));
        }
    }

    let (report, left) = of(|alive| {
        let mut flow = Workflow::new("early").rules(rules![start, step]).keep::<pass>();
        flow.add(first::new(Arc::clone(alive)));
        flow
    });
    let alive: Vec<usize> = report.outputs::<pass>().unwrap().map(|(count, _)| *count).collect();
    assert_eq!((left, alive), (0, vec![1; 21]));
}

#[test]
fn a_list_with_a_failed_element_keeps_its_elements_for_gathering_nodes() {
    #[stage]
    fn odd(n: u32) -> Result<u32, String> {
        if n % 2 == 1 { Ok(n) } else { Err("even".to_owned()) }
    }

    #[stage]
    fn ends(all: Gathered<u32>) -> usize {
        all.outputs().count()
    }

    #[stage]
    fn list() -> Vec<u32> {
        (0..5).collect()
    }

    let mut flow = Workflow::new("broken");
    let list = flow.add(list::new());
    let all = flow.map(list, odd::new);
    let first = flow.add(ends::new(all));
    let second = flow.add(ends::new(all).after(first));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!((*report.output(first).unwrap(), *report.output(second).unwrap()), (2, 2));
}

#[test]
fn a_node_with_a_key_is_kept_because_its_key_may_be_added_again() {
    #[stage]
    fn source(n: u32) -> u32 {
        n
    }

    #[stage]
    fn shared() -> u32 {
        7
    }

    #[stage]
    fn reads(n: u32) -> u32 {
        n
    }

    rule! {
        share: when each(source), adds [shared by key, reads],
        then |grow, _node, _n| {
            let shared = grow.add(shared::new().key("one"));
            grow.add(reads::new(shared));
        }
    }

    let flow = || {
        let mut flow = Workflow::new("shared").rules(rules![share]);
        for n in 0..4_u32 {
            flow.add(source::new(n));
        }
        flow
    };
    dagcore::testing::seeds(0..100, flow, |report| report.outputs::<reads>().unwrap().sum::<u32>());
}

#[test]
fn a_body_that_reads_a_dropped_output_fails() {
    rule! {
        look_back: when closed(read), adds [],
        then |grow, _read| {
            grow.view(|view| view.outputs::<make>().count());
        }
    }
    let (report, _) = of(|alive| {
        let mut flow = Workflow::new("gone").rules(rules![make_and_read]);
        let first = flow.add(first::new(Arc::clone(alive)));
        let later = flow.add(first::new(Arc::clone(alive)).after(first));
        // Registered by a body after the first outputs have been dropped.
        flow.rule(rule! {
            when done(later) && count_done(read) >= 1, adds [look_back],
            then |grow, _alive, _reads| grow.rules(rules![look_back])
        });
        flow
    });
    let said = report.rule_failures().first().expect("an output is gone").to_string();
    assert!(
        said.contains("a view read an output that is gone: the output of `make#") && said.contains("keep::<make>()"),
        "{said}"
    );
}
