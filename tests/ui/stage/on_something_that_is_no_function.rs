#![allow(unused)]
use dagcore::prelude::*;

#[stage]
struct Struct;

#[stage]
enum Enum {}

#[stage]
impl Struct {}

#[stage]
trait Trait {}

#[stage]
pub(crate) mod module {}

#[stage]
const CONSTANT: u32 = 1;

#[stage]
type Alias = u32;

fn main() {}
