#![deny(warnings)]

use dagcore::prelude::*;

#[stage]
fn add(left: u64, right: u8, third: f32) -> u64 {
    left + u64::from(right) + third as u64
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("numbers");
    let sum = flow.add(add::new(1, 2, 3.0));
    assert_eq!(*flow.run_blocking()?.output(sum)?, 6);
    Ok(())
}
