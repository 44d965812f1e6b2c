#![allow(unused)]
use dagcore::prelude::*;
use std::collections::BTreeMap;

trait Shape {}

struct Scene {
    name: String,
    shapes: BTreeMap<String, Box<dyn Shape>>,
}

#[stage]
fn draw(scale: u64, scene: &Scene) -> String {
    scene.name.clone()
}

fn main() {}
