#![deny(warnings)]
//! What a type is decides how it is passed, and not what it is called.

use dagcore::prelude::*;
use std::ffi::{CStr, CString, OsStr, OsString};

type Text = str;
type Bytes = [u8];
type Share<T> = std::sync::Arc<T>;
type Parsed<T = u64> = Result<T, std::num::ParseIntError>;

/// Types of the user that have the names of others.
mod own {
    #[derive(Clone)]
    pub struct Path(pub u64);

    #[derive(Clone)]
    pub struct Arc<T>(pub T);

    #[derive(Clone)]
    pub struct Outcome<T>(pub T);

    #[derive(Clone)]
    pub struct Gathered<T>(pub T);

    #[derive(Clone)]
    pub struct Option<T>(pub T);

    pub struct Result<T>(pub T);

    pub struct Ratio<T, E>(pub T, pub E);
}

#[stage]
fn borrowed(text: &Text, bytes: &Bytes, os: &OsStr, c: &CStr, path: &own::Path) -> u64 {
    (text.len() + bytes.len() + os.len() + c.count_bytes()) as u64 + path.0
}

#[stage]
fn taken(
    path: own::Path,
    arc: own::Arc<u64>,
    outcome: own::Outcome<u64>,
    gathered: own::Gathered<u64>,
    option: own::Option<u64>,
) -> u64 {
    path.0 + arc.0 + outcome.0 + gathered.0 + option.0
}

#[stage]
fn shared(alias: Share<u64>, std: std::sync::Arc<u64>, text: Share<str>) -> Share<u64> {
    Share::new(*alias + *std + text.len() as u64)
}

#[stage]
fn shares_a_share(share: Share<u64>, lent: &Share<u64>, number: &u64) -> u64 {
    *share + **lent + *number
}

#[stage]
fn parse(text: &str) -> Parsed {
    text.parse()
}

#[stage]
async fn io(n: u64) -> std::io::Result<u64> {
    Ok(n)
}

#[stage]
async fn any(n: u64) -> anyhow::Result<u64> {
    Ok(n)
}

#[stage]
fn written(n: u64) -> std::fmt::Result {
    use std::fmt::Write;
    write!(String::new(), "{n}")
}

#[stage]
fn own_result(n: u64) -> own::Result<u64> {
    own::Result(n)
}

#[stage]
fn own_ratio(n: u64) -> own::Ratio<u64, u8> {
    own::Ratio(n, 2)
}

#[stage]
fn of_own(result: &own::Result<u64>, ratio: &own::Ratio<u64, u8>) -> u64 {
    result.0 + ratio.0
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("types");
    let text = CString::from(c"c");
    let five = flow.add(borrowed::new("a", vec![1_u8], OsString::from("o"), text, own::Path(1)));
    let taken = flow.add(taken::new(
        own::Path(1),
        own::Arc(1),
        own::Outcome(1),
        own::Gathered(1),
        own::Option(1),
    ));
    let sum = flow.add(shared::new(five, Share::new(1), Share::<str>::from("four")));
    let sums = flow.add(shares_a_share::new(sum, sum, taken));
    let parsed = flow.add(parse::new("7"));
    let io = flow.add(io::new(parsed));
    let any = flow.add(any::new(io));
    flow.add(written::new(any));
    let of_own = (flow.add(own_result::new(any)), flow.add(own_ratio::new(any)));
    let of_own = flow.add(of_own::new(of_own.0, of_own.1));
    let (bad, report) = {
        let bad = flow.add(parse::new("seven"));
        (bad, flow.run_blocking().unwrap_err().into_report()?)
    };
    assert_eq!(*report.output(sums)?, 10 + 10 + 5);
    assert_eq!(*report.output(of_own)?, 14);
    // The alias is a `Result`, so its error fails the node.
    assert!(report.output(bad).is_err());
    assert_eq!(report.failures().count(), 1);
    Ok(())
}
