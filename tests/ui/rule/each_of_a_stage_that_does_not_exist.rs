#![allow(unused)]
use dagcore::prelude::*;

rule! { follow: when each(nowhere), adds [], then |grow, node, n| {} }

fn main() {}
