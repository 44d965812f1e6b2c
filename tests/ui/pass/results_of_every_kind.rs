#![deny(warnings)]

use dagcore::prelude::*;
use std::error::Error;

#[stage]
fn standard() -> Result<u8, std::num::ParseIntError> {
    "1".parse()
}

#[stage]
async fn any() -> anyhow::Result<u8> {
    Ok("1".parse()?)
}

#[stage]
fn boxed() -> Result<u8, Box<dyn Error + Send + Sync>> {
    Ok("1".parse()?)
}

#[stage]
fn boxed_with_a_lifetime() -> Result<u8, Box<dyn Error + Send + Sync + 'static>> {
    Ok(1)
}

#[stage]
fn io() -> std::io::Result<u8> {
    Ok(1)
}

#[stage]
fn text() -> Result<u8, String> {
    Ok(1)
}

#[stage]
fn slice() -> Result<u8, &'static str> {
    Ok(1)
}

#[stage]
fn nothing() -> anyhow::Result<()> {
    Ok(())
}

#[stage]
fn inside() -> Option<Result<u8, String>> {
    Some(Ok(1))
}

#[stage]
fn twice() -> anyhow::Result<Result<u8, String>> {
    Ok(Ok(1))
}

#[stage]
fn function() -> Box<dyn Fn(&u8) -> u8 + Send + Sync> {
    Box::new(|n| *n)
}

#[stage]
fn tuple() -> (u8, &'static str) {
    (1, "one")
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("results");
    flow.add(standard::new());
    flow.add(any::new());
    flow.add(boxed::new());
    flow.add(boxed_with_a_lifetime::new());
    flow.add(io::new());
    flow.add(text::new());
    flow.add(slice::new());
    flow.add(nothing::new());
    flow.add(inside::new());
    flow.add(twice::new());
    flow.add(function::new());
    flow.add(tuple::new());
    assert!(flow.run_blocking()?.is_success());
    Ok(())
}
