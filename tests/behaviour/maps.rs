//! Fan-outs over lists that are known only at run time.

use dagcore::Error;
use dagcore::prelude::*;

#[stage]
async fn list(n: u32) -> Vec<u32> {
    (0..n).collect()
}

#[stage]
async fn square(n: u32) -> Result<u32, String> {
    for _ in 0..n % 7 {
        tokio::task::yield_now().await;
    }
    if n == 13 { Err("13 is unlucky".to_owned()) } else { Ok(n * n) }
}

#[stage]
fn sum(all: &[u32]) -> u32 {
    all.iter().sum()
}

#[test]
fn a_map_returns_the_outputs_in_the_order_of_the_list() -> Result<(), Error> {
    let mut flow = Workflow::new("map");
    let numbers = flow.add(list::new(12_u32));
    let squares = flow.map(numbers, square::new);
    let total = flow.add(sum::new(squares));
    let report = flow.run_blocking()?;
    assert_eq!(*report.output(squares)?, (0..12).map(|n| n * n).collect::<Vec<_>>());
    assert_eq!(*report.output(total)?, 506);
    let parents: Vec<_> = report.graph().parents(squares.id()).map(|edge| edge.from).collect();
    let nodes = report.nodes::<square>().map(Node::id);
    assert_eq!(parents, std::iter::once(numbers.id()).chain(nodes).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn an_empty_list_fans_out_to_nothing_and_still_merges() -> Result<(), Error> {
    let mut flow = Workflow::new("nothing");
    let numbers = flow.add(list::new(0_u32));
    let squares = flow.map(numbers, square::new);
    let total = flow.add(sum::new(squares));
    assert_eq!(*flow.run_blocking()?.output(total)?, 0);
    Ok(())
}

#[test]
fn an_element_that_fails_skips_what_needs_the_list_and_not_the_others() {
    let mut flow = Workflow::new("unlucky");
    let numbers = flow.add(list::new(20_u32));
    let squares = flow.map(numbers, square::new);
    let total = flow.add(sum::new(squares));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(report.outputs::<square>().unwrap().count(), 19);
    assert_eq!(report.state(total), Some(NodeState::Skipped));
    assert!(report.output(squares).unwrap_err().to_string().contains("13 is unlucky"));
}

#[test]
fn a_map_over_a_list_that_failed_is_skipped() {
    #[stage]
    fn no_list() -> Result<Vec<u32>, String> {
        Err("no list".to_owned())
    }
    let mut flow = Workflow::new("no list");
    let numbers = flow.add(no_list::new());
    let squares = flow.map(numbers, square::new);
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(report.state(squares), Some(NodeState::Skipped));
    assert_eq!(report.len(), 2);
}

#[test]
fn a_map_whose_closure_panics_fails_the_list() {
    let mut flow = Workflow::new("bad map");
    let numbers = flow.add(list::new(3_u32));
    let squares = flow.map(numbers, |n| if n == 2 { panic!("two") } else { square::new(n) });
    let total = flow.add(sum::new(squares));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(report.error(squares).unwrap().to_string(), "node `map of square` failed: panicked: two");
    assert_eq!(report.state(total), Some(NodeState::Skipped));
}

#[test]
fn an_element_cannot_need_the_list_it_is_part_of() {
    use std::sync::{Arc, OnceLock};
    #[stage]
    fn needs(n: u32, total: u32) -> u32 {
        n + total
    }
    let later: Arc<OnceLock<Node<u32>>> = Arc::default();
    let mut flow = Workflow::new("circle");
    let numbers = flow.add(list::new(3_u32));
    let known = Arc::clone(&later);
    let circle = flow.map(numbers, move |n| needs::new(n, *known.get().expect("the node is set before the run")));
    let total = flow.add(sum::new(circle));
    later.set(total).expect("the node is set once");
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let said = report.rule_failures()[0].to_string();
    assert!(said.contains("needs `sum#2`, which was added after it"), "{said}");
    assert_eq!(report.state(total), Some(NodeState::Skipped));
}

#[test]
fn maps_can_be_made_of_maps() -> Result<(), Error> {
    let mut flow = Workflow::new("maps");
    let sizes = flow.add(list::new(5_u32));
    let lists = flow.map(sizes, list::new);
    let sums = flow.map(lists, sum::new);
    let total = flow.add(sum::new(sums));
    assert_eq!(*flow.run_blocking()?.output(total)?, 10);
    Ok(())
}

#[test]
fn the_list_of_a_map_can_be_gathered_with_its_failures() {
    #[stage]
    fn tell(all: Gathered<u32>) -> String {
        format!(
            "{} of {}, {:?}",
            all.outputs().count(),
            all.len(),
            all.errors().map(NodeError::stage).collect::<Vec<_>>()
        )
    }
    #[stage]
    fn no_list() -> Result<Vec<u32>, String> {
        Err("no list".to_owned())
    }
    let mut flow = Workflow::new("gathered");
    let numbers = flow.add(list::new(20_u32));
    let squares = flow.map(numbers, square::new);
    let some = flow.add(tell::new(squares));
    let plain = flow.add(tell::new(numbers));
    let missing = flow.add(no_list::new());
    let missing = flow.map(missing, square::new);
    let none = flow.add(tell::new(missing));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(report.output(some).unwrap(), r#"19 of 20, ["square"]"#);
    assert_eq!(report.output(plain).unwrap(), "20 of 20, []");
    assert_eq!(report.output(none).unwrap(), r#"0 of 1, ["no_list"]"#);
}

#[test]
fn a_body_can_map_a_list_with_declared_additions_only() -> Result<(), Error> {
    rule! {
        fan: when each(list), adds [square, sum],
        then |grow, node, _numbers| {
            let squares = grow.map(node, square::new);
            grow.add(sum::new(squares));
        }
    }
    #[stage]
    fn last(sums: Vec<u32>) -> u32 {
        sums.iter().sum()
    }
    rule! {
        finish: when closed(sum), adds [last],
        then |grow, sums| { grow.add(last::new(sums)); }
    }
    let mut flow = Workflow::new("grown maps").rules(rules![fan, finish]);
    for n in [3, 0, 5] {
        flow.add(list::new(n));
    }
    assert_eq!(*flow.run_blocking()?.only::<last>()?, 1 + 4 + 1 + 4 + 9 + 16);
    Ok(())
}

#[test]
fn a_stage_may_be_called_like_the_list_of_a_map_and_a_list_that_never_was_did_not_start() {
    #[stage]
    fn gather(n: u32) -> u32 {
        n
    }
    let mut flow = Workflow::new("gather");
    let numbers = flow.add(list::new(3));
    let all = flow.map(numbers, gather::new);
    let broken = flow.map(numbers, |n| if n == 1 { panic!("one") } else { gather::new(n) });
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(*report.output(all).unwrap(), [0, 1, 2]);
    assert_eq!((report.state(broken), report.started(broken)), (Some(NodeState::Failed), None));
}
