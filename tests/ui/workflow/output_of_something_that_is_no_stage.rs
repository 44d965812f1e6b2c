#![allow(unused)]
use dagcore::prelude::*;

fn plain() {}

fn read(report: &Report) {
    let _ = report.only::<String>();
    let _ = report.outputs::<String>().is_ok();
    let _ = report.nodes::<u64>().count();
}

fn read_again(report: &Report) {
    let _ = report.only::<plain>();
}

fn main() {}
