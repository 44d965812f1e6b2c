#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn change(numbers: &mut Vec<u64>, by: u64) -> u64 {
    by
}

#[stage]
fn borrow(text: &str) -> &str {
    text
}

#[stage]
fn take((a, b): (u64, u64)) -> u64 {
    a + b
}

#[stage(adds(take))]
fn tree(n: &mut u64, context: &StageContext<tree>) -> u64 {
    context.grow(|grow| grow.add(take::new((1, 2))));
    1
}

#[stage]
fn sum(a: u64, b: u64, text: &str) -> u64 {
    a + b + text.len() as u64
}

rule! {
    follow: when each(borrow) && closed(take), adds [change, borrow],
    then |grow, node, text, taken| {
        grow.add(change::new(vec![1], 1));
        grow.add(borrow::new(node));
        println!("{}", text.len());
    }
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("numbers").rules(rules![follow]);
    let changed = flow.add(change::new(vec![1], 3));
    let borrowed = flow.add(borrow::new("text"));
    let taken = flow.add(take::new((1, 2)).named("taken").after(borrowed));
    flow.add(tree::new(taken));
    flow.add(sum::new(changed, taken, borrowed));
    let report = flow.run_blocking()?;
    println!("{} {}", report.output(borrowed)?, report.only::<change>()? + 1);
    Ok(())
}
