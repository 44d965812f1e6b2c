#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn over_a_type<T: Clone>(thing: T) -> T {
    thing
}

#[stage]
fn over_a_constant<const N: usize>(list: [u64; N]) -> usize {
    list.len()
}

#[stage]
fn over_a_lifetime<'a>(text: &'a str) -> usize {
    text.len()
}

#[stage]
fn over_a_parameter(thing: impl ToString) -> String {
    thing.to_string()
}

#[stage]
fn over_an_output() -> impl Iterator<Item = u64> {
    [1, 2, 3].into_iter()
}

#[stage]
fn over_a_lifetime_and_its_output<'a>(text: &'a str) -> std::borrow::Cow<'a, str> {
    text.into()
}

fn main() {
    let mut flow = Workflow::new("generic");
    let text = flow.add(over_a_parameter::new(7));
    flow.add(over_a_lifetime::new(text));
    flow.add(over_a_constant::new([1, 2, 3]));
}
