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

macro_rules! whole {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty $body:block) => {
        $(#[$meta])*
        #[stage]
        $vis fn $name($($arg: $ty),*) -> $out $body
    };
}

whole! {
    /// Adds to a number.
    #[inline]
    pub(crate) fn parsed(text: &str, more: u8) -> Result<u8, std::num::ParseIntError> {
        Ok(text.parse::<u8>()? + more)
    }
}

macro_rules! follow {
    ($name:ident, $each:path, $closed:path, $most:expr, |$grow:ident, $n:ident| $body:block) => {
        rule! {
            $name: when each($each) && closed($closed) && count($closed) >= $most, adds [$each by key],
            then |$grow, _node, $n, _closed, _counted| $body
        }
    };
}

mod names {
    pub(crate) use super::{large, parsed};
}

follow!(again, names::large, names::parsed, 1, |grow, n| {
    grow.add(large::new(1, [0]).key(n.min(&0)));
});

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("macros").rules(rules![again]);
    let small = flow.add(small::new(1_u8, vec![0_u8]));
    let large = flow.add(large::new(1_u64, vec![0_u64]));
    let parsed = flow.add(parsed::new("1", 2_u8));
    let report = flow.run_blocking()?;
    assert_eq!((*report.output(parsed)?, report.outputs::<large>()?.count()), (3, 2));
    assert_eq!((*report.output(small)?, *report.output(large)?), (3, 4));
    Ok(())
}
