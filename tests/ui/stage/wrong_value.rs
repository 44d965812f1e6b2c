#![allow(unused)]
use dagcore::prelude::*;

#[stage(name = reader)]
fn name_without_quotes() {}

#[stage(name = "")]
fn empty_name() {}

#[stage(name = "two\nlines")]
fn two_lines() {}

#[stage(name)]
fn no_name() {}

#[stage(name("reader"))]
fn called_name() {}

#[stage(version = "2")]
fn version_in_quotes() {}

#[stage(version = 0)]
fn version_zero() {}

#[stage(version = -1)]
fn version_negative() {}

#[stage(version = 4294967296)]
fn version_too_large() {}

#[stage(blocking = true)]
fn value_of_a_word() {}

fn main() {}
