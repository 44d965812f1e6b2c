#![deny(warnings)]

use dagcore::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[stage]
fn nothing() {}

#[stage]
fn twelve(
    a: u8,
    b: &u8,
    c: &str,
    d: &[u8],
    e: &Path,
    f: Arc<u8>,
    g: Arc<str>,
    h: Gathered<u8>,
    i: Outcome<u8>,
    j: BTreeMap<u8, Vec<(u8, Option<u8>)>>,
    k: Cow<'static, str>,
    l: &'_ fn(&u8) -> u8,
    context: &StageContext,
) -> usize {
    let numbers = usize::from(a + *b + *f) + d.len() + h.len() + j.len() + usize::from(l(&1));
    numbers + c.len() + g.len() + k.len() + e.as_os_str().len() + usize::from(i.is_success()) + context.node().len()
}

#[stage]
fn one() -> u8 {
    1
}

#[stage]
async fn many(mut list: Vec<u8>, #[allow(unused)] path: PathBuf) -> Vec<u8> {
    list.push(1);
    list
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("inputs");
    flow.add(nothing::new());
    let one = flow.add(one::new());
    let list = flow.add(many::new([one, one], "path"));
    let same = |n: &u8| *n;
    let node = twelve::new(
        one,
        1_u8,
        "text",
        list,
        Path::new("path"),
        Arc::new(1_u8),
        Arc::<str>::from("text"),
        vec![one, one],
        one,
        BTreeMap::from([(1_u8, Vec::new())]),
        Cow::Borrowed("text"),
        same as fn(&u8) -> u8,
    );
    let node = flow.add(node.named("node").after(list));
    assert_eq!(*flow.run_blocking()?.output(node)?, 3 + 3 + 2 + 1 + 1 + 4 + 4 + 4 + 4 + 1 + 4);
    Ok(())
}
