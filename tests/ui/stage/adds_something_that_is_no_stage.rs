#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

#[stage]
fn b(n: u64) -> u64 {
    n
}

rule! { follow: when each(a), adds [b], then |grow, node, n| { grow.add(b::new(node)); } }

fn plain() {}

#[stage(adds(follow))]
fn adds_a_rule(context: &StageContext<adds_a_rule>) {}

#[stage(adds(Rule))]
fn adds_any_rule(context: &StageContext<adds_any_rule>) {}

#[stage(adds(String))]
fn adds_a_type(context: &StageContext<adds_a_type>) {}

#[stage(adds(follow by key))]
fn adds_a_rule_by_key(context: &StageContext<adds_a_rule_by_key>) {}

#[stage(adds(plain))]
fn adds_a_function(context: &StageContext<adds_a_function>) {}

fn main() {}
