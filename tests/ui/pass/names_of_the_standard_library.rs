#![deny(warnings)]
#![allow(non_camel_case_types, reason = "they are named like types on purpose")]

use dagcore::prelude::*;

#[stage]
fn u32(n: u64) -> u64 {
    n
}

#[stage]
fn option(n: u64) -> Option<u64> {
    Some(n)
}

#[stage]
#[expect(non_snake_case)]
fn Result(n: u64) -> core::result::Result<u64, std::io::Error> {
    Ok(n)
}

#[stage]
fn str(n: Option<u64>) -> u64 {
    n.unwrap_or(0)
}

rule! {
    follow: when each(self::u32) && closed(option), adds [Result],
    then |grow, node, _n, _options| { grow.add(Result::new(node)); }
}

fn main() {
    let mut flow = Workflow::new("names").rules(rules![follow]);
    flow.add(self::u32::new(3_u64));
    let some = flow.add(option::new(4_u64));
    flow.add(str::new(some));
    let report = flow.run_blocking().unwrap();
    assert_eq!(*report.only::<Result>().unwrap() + *report.only::<str>().unwrap(), 7);
}
