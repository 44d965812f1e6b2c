#![deny(warnings)]

use dagcore::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A program may have such a trait in scope.
trait Print {
    fn print(&self) -> String
    where
        Self: std::fmt::Debug,
    {
        format!("{self:?}")
    }

    fn prints() -> u8 {
        1
    }
}

impl<T> Print for T {}

#[derive(Clone, Hash)]
struct Hashed(u8);

#[derive(Clone)]
struct Not(#[expect(dead_code)] u8);

#[stage]
#[expect(clippy::too_many_arguments)]
fn every(
    hashed: Hashed,
    not: &Not,
    number: f64,
    texts: &[String],
    map: HashMap<u8, u8>,
    tree: &BTreeMap<u8, u8>,
    shared: Arc<Not>,
    text: &str,
    list: Vec<f64>,
) -> usize {
    let _ = (hashed, not, number, map, tree, shared, text);
    texts.len() + list.len()
}

fn call(text: &str) -> dagcore::Call<every> {
    let (map, tree) = (HashMap::from([(1, 2)]), BTreeMap::from([(1, 2)]));
    every::new(Hashed(1), Not(1), 0.5, ["a", "b"], map, tree, Not(2), text, vec![1.5]).key("every")
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("inputs");
    assert_eq!(flow.add(call("x")), flow.add(call("x")));
    assert_eq!(*flow.run_blocking()?.only::<every>()?, 3);
    assert_eq!((7.print(), u8::prints()), ("7".to_owned(), 1));

    let mut flow = Workflow::new("others");
    flow.add(call("x"));
    flow.add(call("y"));
    assert!(flow.run_blocking().unwrap_err().to_string().contains("with another input 8"));
    Ok(())
}
