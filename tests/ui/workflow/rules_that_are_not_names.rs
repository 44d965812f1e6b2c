#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn page(n: u64) -> u64 {
    n
}

rule! { follow: when each(page), adds [], then |grow, node, page| {} }
rule! { split: when each(page), adds [], then |grow, node, page| {} }

fn main() {
    let _ = Workflow::new("rules").rules(rules![follow()]);
    let _ = Workflow::new("rules").rules(rules![follow {}]);
    let _ = Workflow::new("rules").rules(rules!["follow"]);
    let _ = Workflow::new("rules").rules(rules![follow split]);
    let _ = Workflow::new("rules").rules(rules![follow; split]);
    let _ = Workflow::new("rules").rules(rules![when each(page), adds [], then |grow, node, page| {}]);
}
