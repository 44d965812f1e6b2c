//! Outputs that an armed rule can still read, because its condition will pass it the node.

use crate::waiting::{s, wait};
use dagcore::prelude::*;
use dagcore::{AnyNode, Error, Rule};

#[stage]
async fn seed() {}

#[stage]
async fn made() -> Vec<u32> {
    vec![1, 2, 3]
}

#[stage]
async fn reader(made: &[u32]) -> usize {
    made.len()
}

#[stage]
fn note(text: String) -> String {
    text
}

rule! {
    make: when each(seed), adds [made, reader],
    then |grow, _seed, _| {
        let made = grow.add(made::new().named("x"));
        grow.add(reader::new(made));
    }
}

/// Returns the length of the output of a node of `made`, read through the view.
fn seen<M: Allows<note>>(grow: &mut Growth<'_, M>, node: impl Into<AnyNode>) {
    let node = node.into();
    let seen = grow.view(|view| view.typed::<made>(node).and_then(|node| view.output(node)).map(Vec::len));
    grow.add(note::new(format!("{seen:?}")));
}

/// Runs a workflow in which the reader of `x` has ended long before the only `wait`, and returns the note of `rule`.
async fn noted(rule: Rule) -> String {
    let mut flow = Workflow::new("reads").rules(rules![make]);
    flow.add(seed::new());
    flow.add(wait::new(10_u64));
    flow.rule(rule);
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert!(report.is_success(), "{report}");
    report.only::<note>().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn an_output_is_kept_for_a_rule_that_will_be_given_its_node_by_name() {
    let rule = rule! {
        when named("x") && count_done(wait) >= 1, adds [note],
        then |grow, x, _waits| seen(grow, x)
    };
    assert_eq!(noted(rule).await, "Some(3)");
    let rule = rule! {
        when each(wait) && named("x"), adds [note],
        then |grow, _wait, _seconds, x| seen(grow, x)
    };
    assert_eq!(noted(rule).await, "Some(3)");
}

#[tokio::test(start_paused = true)]
async fn an_output_is_kept_for_a_rule_that_will_be_given_its_node_by_its_stage() {
    let rule = rule! {
        when count(made) >= 1 && count_done(wait) >= 1, adds [note],
        then |grow, made, _waits| seen(grow, made[0])
    };
    assert_eq!(noted(rule).await, "Some(3)");
    let rule = rule! {
        when count_done(made) >= 1 && count_done(wait) >= 1, adds [note],
        then |grow, made, _waits| seen(grow, made[0])
    };
    assert_eq!(noted(rule).await, "Some(3)");
    let rule = rule! {
        when closed(made) && count_done(wait) >= 1, adds [note],
        then |grow, made, _waits| seen(grow, made[0])
    };
    assert_eq!(noted(rule).await, "Some(3)");
    let rule = rule! {
        when closed(made) under each(seed) && count_done(wait) >= 1, adds [note],
        then |grow, _seed, made, _waits| seen(grow, made[0])
    };
    assert_eq!(noted(rule).await, "Some(3)");
    let rule = rule! {
        when each(made) && count_done(wait) >= 1, adds [note],
        then |grow, made, _output, _waits| seen(grow, made)
    };
    assert_eq!(noted(rule).await, "Some(3)");
}

#[tokio::test(start_paused = true)]
async fn an_output_is_kept_for_a_rule_that_is_registered_while_it_lives() -> Result<(), Error> {
    let mut flow = Workflow::new("late").rules(rules![make]);
    flow.add(seed::new());
    let last = flow.add(wait::new(10_u64));
    flow.rule(rule! {
        when named("x"), adds [note, reader, wait, Rule],
        then |grow, x| {
            let node = grow.view(|view| view.typed::<made>(x)).unwrap();
            let long = grow.add(wait::new(5_u64));
            grow.add(reader::new(node).after(long));
            grow.rule(rule! {
                when named("x") && done(last), adds [note],
                then |grow, x, _seconds| seen(grow, x)
            });
        }
    });
    let report = flow.run().await.or_else(Error::into_report)?;
    assert!(report.is_success(), "{report}");
    assert_eq!((report.only::<note>()?.as_str(), report.duration()), ("Some(3)", s(10)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_output_is_kept_for_a_rule_that_is_registered_by_the_last_rule_that_could_read_it() -> Result<(), Error> {
    let mut flow = Workflow::new("last").rules(rules![make]);
    flow.add(seed::new());
    let last = flow.add(wait::new(10_u64));
    flow.rule(rule! {
        when done(last), adds [note, Rule],
        then |grow, _seconds| grow.rule(rule! {
            when each(made), adds [note],
            then |grow, node, output| {
                assert_eq!(*output, [1, 2, 3]);
                seen(grow, node);
            }
        })
    });
    let report = flow.run().await.or_else(Error::into_report)?;
    assert!(report.is_success(), "{report}");
    assert_eq!(report.only::<note>()?, "Some(3)");
    Ok(())
}
