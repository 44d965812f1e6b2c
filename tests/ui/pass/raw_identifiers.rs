#![deny(warnings)]

use dagcore::prelude::*;

#[stage]
fn r#type(r#match: u64, r#fn: &str) -> u64 {
    r#match + r#fn.len() as u64
}

#[stage(name = "as written")]
fn r#async(r#in: u64) -> u64 {
    r#in
}

rule! {
    r#loop: when each(r#type), adds [r#async],
    then |r#grow, r#box, _n| { r#grow.add(r#async::new(r#box)); }
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("raw").rules(rules![r#loop]);
    flow.add(r#type::new(1_u64, "one"));
    assert_eq!(*flow.run_blocking()?.only::<r#async>()?, 4);
    Ok(())
}
