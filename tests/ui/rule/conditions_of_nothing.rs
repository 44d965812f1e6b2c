#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

fn build(flow: &mut Workflow, node: Node<u64>) {
    flow.rule(rule! { when done(), then |grow| {} });
    flow.rule(rule! { when settled(), then |grow| {} });
    flow.rule(rule! { when failed(), then |grow| {} });
    flow.rule(rule! { when each(), then |grow| {} });
    flow.rule(rule! { when closed(), then |grow| {} });
    flow.rule(rule! { when count() >= 2, then |grow| {} });
    flow.rule(rule! { when named(), then |grow| {} });
    flow.rule(rule! { when each(a, a), then |grow, one, two| {} });
}

fn main() {}
