//! Planned and actual: the possible graph after a run.

use super::{arrows, checked, crawl, follow, numbers, page, report, rules, stages, sum};
use dagcore::dag::{Multiplicity, PossibleStage};
use dagcore::prelude::*;
use dagcore::{Error, Rule};

#[test]
fn after_the_run_the_same_graph_has_the_actual_counts() {
    let before = crawl().possible();
    let done = crawl().run_blocking().or_else(Error::into_report).unwrap();
    let after = done.possible();
    assert_eq!(stages(&after), stages(&before));
    assert_eq!(rules(&after), rules(&before));
    let counts = |name| after.stage(name).unwrap().actual().unwrap();
    assert_eq!((counts("page").nodes, counts("page").succeeded), (11, 11));
    assert_eq!((counts("checked").nodes, counts("checked").succeeded, counts("checked").failed), (11, 10, 1));
    assert_eq!((counts("report").nodes, counts("report").unsettled), (1, 0));
    let fired: Vec<_> = after.rules().iter().map(|rule| rule.fired().unwrap()).collect();
    assert_eq!(fired, [11, 1]);
    // One page existed before any firing, and no key was added twice.
    assert!(arrows(&after).contains(&"follow -by key, +10-> page".to_owned()), "{:?}", arrows(&after));
    assert!(arrows(&after).contains(&"follow -+11-> checked".to_owned()));
}

#[test]
fn rules_that_a_loop_makes_are_one_and_their_chances_are_added_up() {
    let mut flow = Workflow::new("loop");
    for n in 0..3 {
        let node = flow.add(page::new(n));
        flow.rule(rule! { when done(node), adds [sum], then |grow, n| { grow.add(sum::new(vec![*n])); } });
    }
    let possible = flow.possible();
    assert_eq!(rules(&possible), [Multiplicity::AtMost(3)]);
    assert_eq!(possible.rules()[0].registered(), 3);
    assert_eq!(flow.run_blocking().unwrap().possible().rules()[0].fired(), Some(3));
}

#[test]
fn rules_that_bodies_register_are_there_after_the_run_one_for_each_name() {
    rule! {
        outer: when each(page), adds [sum, Rule],
        then |grow, node, _n| {
            grow.rule(rule! { when done(node), adds [sum], then |grow, n| { grow.add(sum::new(vec![*n])); } });
        }
    }
    let mut flow = Workflow::new("nested").rules(rules![outer]);
    for n in 0..4 {
        flow.add(page::new(n));
    }
    assert_eq!(flow.possible().rules().len(), 1);
    let after = flow.run_blocking().unwrap().possible();
    let [outer, inner] = after.rules() else { panic!("{after}") };
    assert_eq!((outer.is_nested(), outer.fired(), outer.multiplicity()), (false, Some(4), Multiplicity::AtMost(4)));
    assert_eq!((inner.is_nested(), inner.fired(), inner.registered()), (true, Some(4), 4));
    assert_eq!(inner.multiplicity(), Multiplicity::AnyNumber);
    let seen = arrows(&after);
    assert!(seen.contains(&format!("outer -registers, +4-> {}", inner.name())), "{seen:?}");
    assert!(seen.contains(&format!("{} -+4-> sum", inner.name())), "{seen:?}");
    assert!(after.to_string().contains(" (registered 4 times, by `outer`): any number of times"), "{after}");
}

#[test]
fn a_rule_that_registers_itself_again_is_recursive() {
    fn again(after: Node<u32>, left: u32) -> Rule {
        rule! {
            when done(after), adds [page, Rule],
            then |grow, _n| if left > 0 {
                let next = grow.add(page::new(left));
                grow.rule(again(next, left - 1));
            }
        }
    }
    let mut flow = Workflow::new("again");
    let first = flow.add(page::new(0));
    flow.rule(again(first, 5));
    let after = flow.run_blocking().unwrap().possible();
    assert_eq!(rules(&after), [Multiplicity::AtMost(1), Multiplicity::Recursive]);
    assert_eq!((after.rules()[0].fired(), after.rules()[1].fired()), (Some(1), Some(5)));
}

#[test]
fn it_is_the_same_in_every_run_whichever_node_ends_first() {
    let grown = |concurrency: usize| {
        rule! {
            nest: when each(checked), adds [sum, Rule],
            then |grow, node, n| {
                let odd = n % 2 == 1;
                grow.rule(rule! { when done(node), adds [sum], then |grow, n| { grow.add(sum::new(vec![*n])); } });
                if odd {
                    grow.rule(rule! { when settled(node), adds [], then |_grow, _n| {} });
                }
            }
        }
        let mut flow = Workflow::new("same").rules(rules![follow, nest]);
        flow.add(page::new(1_u32).key(1));
        let done = flow.concurrency(concurrency).run_blocking().or_else(Error::into_report).unwrap();
        (done.possible().to_string(), done.possible().to_svg())
    };
    let first = grown(1);
    for concurrency in [2, 3, 8, usize::MAX] {
        assert_eq!(grown(concurrency), first, "concurrency {concurrency}");
    }
}

/// Maps in bodies, nested rules, rules without declarations, names: no actual addition had been excluded.
#[test]
fn a_stage_that_really_got_nodes_was_never_excluded() {
    rule! {
        spread: when each(numbers), adds [page],
        then |grow, node, _list| { grow.map(node, page::new); }
    }
    rule! {
        late: when closed(page) && named("list"), adds [report, sum, Rule],
        then |grow, pages, _node| {
            grow.rule(rule! { when closed(report), adds [sum], then |grow, _r| { grow.add(sum::new(vec![1])); } });
            grow.add(report::new(pages));
        }
    }
    let mapped = || {
        let mut flow = Workflow::new("mapped").rules(rules![spread, late]);
        flow.add(numbers::new(4).named("list"));
        flow
    };
    let opaque = || {
        let mut flow = crawl();
        flow.rule(rule! { when count(page) >= 9, then |grow, _nodes| { grow.add(numbers::new(2)); } });
        flow
    };
    for flow in [crawl(), mapped(), opaque()] {
        let before = flow.possible();
        let after = flow.run_blocking().or_else(Error::into_report).unwrap().possible();
        for stage in after.stages().iter().filter(|stage| stage.actual().unwrap().nodes > 0) {
            let planned = before.stage(stage.name()).map(PossibleStage::multiplicity);
            let anything = before.rules().iter().any(|rule| !rule.declares());
            match planned {
                Some(planned) => assert_ne!(planned, Multiplicity::Never, "{before}"),
                None => assert!(anything, "`{}` was not in the planned graph:\n{before}", stage.name()),
            }
        }
        for rule in before.rules() {
            let fired = after.rule(rule.name()).unwrap().fired().unwrap();
            assert!(fired > 0 && rule.multiplicity() != Multiplicity::Never, "{after}");
        }
    }
}
