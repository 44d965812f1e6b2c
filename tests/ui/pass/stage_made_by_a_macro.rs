#![deny(warnings)]

use dagcore::prelude::*;

macro_rules! number {
    ($($name:ident: $ty:ty = $value:expr),*) => {$(
        #[stage]
        fn $name(n: $ty, list: &[$ty]) -> $ty {
            n + $value + list.len() as $ty
        }
    )*};
}

number!(small: u8 = 1, large: u64 = 2);

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("macros");
    let small = flow.add(small::new(1_u8, vec![0_u8]));
    let large = flow.add(large::new(1_u64, vec![0_u64]));
    let report = flow.run_blocking()?;
    assert_eq!((*report.output(small)?, *report.output(large)?), (3, 4));
    Ok(())
}
