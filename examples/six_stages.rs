//! Six stages with dependencies: the tutorial of pydags, translated line by line.
//!
//!     cargo run --example six_stages
//!
//! Look at the times: stages 1 and 2 run concurrently, and stage 5 does not wait for 2, 3 or 4. The run takes as long
//! as its longest chain, 2 -> 4 -> 6.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;
use std::env;
use std::time::Duration;
use tokio::time::sleep;

#[stage]
async fn stage_1() {
    sleep(Duration::from_millis(200)).await;
    println!("Running stage 1");
}

#[stage]
async fn stage_2() {
    sleep(Duration::from_millis(300)).await;
    println!("Running stage 2");
}

#[stage]
async fn stage_3() {
    sleep(Duration::from_millis(100)).await;
    println!("Running stage 3");
}

#[stage]
async fn stage_4() {
    sleep(Duration::from_millis(200)).await;
    println!("Running stage 4");
}

#[stage]
async fn stage_5() {
    sleep(Duration::from_millis(150)).await;
    println!("Running stage 5");
}

#[stage]
async fn stage_6() {
    println!("Running stage 6");
}

#[tokio::main]
async fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("six");
    let one = flow.add(stage_1::new());
    let two = flow.add(stage_2::new());
    let three = flow.add(stage_3::new().after(two));
    let four = flow.add(stage_4::new().after(two));
    let five = flow.add(stage_5::new().after(one));
    flow.add(stage_6::new().after(three).after(four).after(five));

    let picture = env::temp_dir().join("six.svg");
    flow.visualize(&picture)?;
    println!("the graph is in {}", picture.display());

    let done = flow.concurrency(8).run().await?;
    println!("{done}");
    Ok(())
}
