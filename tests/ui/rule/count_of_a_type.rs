#![allow(unused)]
use dagcore::prelude::*;

rule! { follow: when count(String) >= 2, adds [], then |grow, nodes| {} }

fn main() {}
