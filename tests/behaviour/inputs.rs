//! Inputs and outputs of stages.

use dagcore::prelude::*;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

#[stage]
fn number(n: u32) -> u32 {
    n
}

#[stage]
async fn text(n: &u32) -> String {
    format!("number {n}")
}

#[stage]
fn parse(text: &str) -> Result<u32, Box<dyn Error + Send + Sync>> {
    Ok(text.trim_start_matches("number ").parse()?)
}

#[stage]
#[expect(clippy::too_many_arguments, reason = "one of each kind")]
fn all_kinds(
    value: u32,
    borrowed: &u32,
    slice: &[u32],
    list: Vec<u32>,
    text: &str,
    path: &Path,
    shared: Arc<String>,
    ends: Gathered<u32>,
    end: Outcome<u32>,
    context: &StageContext,
) -> String {
    let ends = ends.outputs().sum::<u32>() + end.output().copied().unwrap_or_default();
    let lists = slice.iter().chain(&list).sum::<u32>();
    format!("{value} {borrowed} {lists} {text} {} {shared} {ends} {}", path.display(), context.node())
}

#[test]
fn a_parameter_takes_a_value_or_a_handle_or_a_list_of_handles() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("inputs");
    let [one, two, three] = [1_u32, 2, 3].map(|n| flow.add(number::new(n)));
    let words = flow.add(text::new(two));
    let by_handle = flow.add(
        all_kinds::new(one, two, [one, two], vec![two, three], words, "a/b", words, &[one, three][..], three)
            .named("by handle"),
    );
    let by_value = flow.add(
        all_kinds::new(1_u32, 2_u32, vec![1, 2], vec![2, 3], "t", Path::new("p"), "s".to_owned(), vec![one], one)
            .named("by value"),
    );
    let report = flow.run_blocking()?;
    assert_eq!(report.output(by_handle)?, "1 2 8 number 2 a/b number 2 7 by handle");
    assert_eq!(report.output(by_value)?, "1 2 8 t p s 2 by value");
    Ok(())
}

#[tokio::test]
async fn a_stage_is_still_a_function() {
    assert_eq!(text(&3).await, "number 3");
    assert_eq!(parse("number 4").unwrap(), 4);
}

#[test]
fn async_plain_blocking_and_inline_stages_follow_each_other() -> Result<(), dagcore::Error> {
    #[stage]
    async fn on_async(n: u32) -> u32 {
        tokio::task::yield_now().await;
        n + 1
    }
    #[stage]
    fn on_compute(n: u32) -> u32 {
        n + 1
    }
    #[stage(blocking)]
    fn on_blocking(n: u32) -> u32 {
        n + 1
    }
    #[stage(inline)]
    fn on_hand(n: u32) -> u32 {
        n + 1
    }
    let mut flow = Workflow::new("places");
    let mut last = flow.add(on_async::new(0_u32));
    for _ in 0..50 {
        last = flow.add(on_compute::new(last));
        last = flow.add(on_hand::new(last));
        last = flow.add(on_blocking::new(last));
        last = flow.add(on_hand::new(last));
        last = flow.add(on_async::new(last));
    }
    assert_eq!(*flow.run_blocking()?.output(last)?, 251);
    Ok(())
}

#[test]
fn an_output_is_shared_and_not_copied_when_it_is_borrowed() -> Result<(), dagcore::Error> {
    struct NotClone(u32);
    #[stage]
    fn make() -> NotClone {
        NotClone(7)
    }
    #[stage]
    fn look(it: &NotClone) -> u32 {
        it.0
    }
    #[stage]
    fn hold(it: Arc<NotClone>) -> u32 {
        it.0
    }
    let mut flow = Workflow::new("shared");
    let it = flow.add(make::new());
    let seen = [flow.add(look::new(it)), flow.add(hold::new(it))];
    let report = flow.run_blocking()?;
    assert_eq!(seen.map(|node| *report.output(node).unwrap()), [7, 7]);
    Ok(())
}

#[test]
fn a_value_without_other_readers_is_moved_and_not_cloned() -> Result<(), dagcore::Error> {
    #[derive(Debug)]
    struct Loud;
    impl Clone for Loud {
        fn clone(&self) -> Self {
            panic!("the output must not be cloned")
        }
    }
    #[stage]
    fn take(_it: Loud) -> u32 {
        1
    }
    let mut flow = Workflow::new("moved");
    let node = flow.add(take::new(Loud));
    assert_eq!(*flow.run_blocking()?.output(node)?, 1);
    Ok(())
}

mod elsewhere {
    use dagcore::prelude::*;

    /// A stage in another module, with its own name, a version and a `where` clause.
    #[stage(name = "other number", version = 2)]
    pub(crate) fn number(n: u32) -> u32
    where
        u32: Copy,
    {
        n * 100
    }
}

#[test]
fn a_stage_keeps_its_visibility_and_takes_its_declared_name() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("names");
    let (here, there) = (flow.add(number::new(1_u32)), flow.add(elsewhere::number::new(1_u32)));
    let report = flow.run_blocking()?;
    assert_eq!((*report.output(here)?, *report.output(there)?), (1, 100));
    assert_eq!(report.graph().name(there.id()), "other number#1");
    Ok(())
}

#[test]
fn a_plain_stage_may_use_a_pool_of_its_own() -> Result<(), dagcore::Error> {
    #[stage]
    fn total(n: u64) -> u64 {
        let half = |low: u64, high: u64| (low..high).fold(0_u64, |sum, n| sum.wrapping_add(n.wrapping_mul(n)));
        let (left, right) = rayon::join(|| half(0, n * 1_000), || half(n * 1_000, n * 2_000));
        left.wrapping_add(right)
    }
    let mut flow = Workflow::new("nested pool");
    let nodes: Vec<_> = (0..200_u64).map(|n| flow.add(total::new(n))).collect();
    let report = flow.run_blocking()?;
    for (n, node) in nodes.into_iter().enumerate() {
        let expected = (0..n as u64 * 2_000).fold(0_u64, |sum, n| sum.wrapping_add(n.wrapping_mul(n)));
        assert_eq!(*report.output(node)?, expected);
    }
    Ok(())
}
