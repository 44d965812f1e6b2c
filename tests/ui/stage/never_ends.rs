#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn forever() -> ! {
    loop {}
}

fn main() {}
