#![allow(unused)]
use dagcore::prelude::*;

rule! { follow: when each(String), adds [], then |grow, node, n| {} }

fn main() {}
