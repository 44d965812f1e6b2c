#![allow(unused)]
use dagcore::prelude::*;

#[stage]
async fn a(n: u64) -> u64 {
    n
}

rule! { follow: when |view| a(1).await > 2, adds [a], then |grow| {} }

rule! { asynchronous: when async |view| true, adds [a], then |grow| {} }

fn main() {}
