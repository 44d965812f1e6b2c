#![deny(warnings)]

use dagcore::prelude::*;

mod stages {
    use dagcore::prelude::*;

    #[stage]
    pub fn double(n: u64) -> u64 {
        2 * n
    }

    rule! {
        pub again: when each(double), adds [double] within 1,
        then |grow, node, _n| { grow.add(double::new(node)); }
    }
}

use stages::{again as once_more, double as twice};

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("renamed").rules(rules![once_more]);
    flow.add(twice::new(1_u64));
    let report = flow.run_blocking()?;
    assert_eq!(report.outputs::<twice>()?.copied().collect::<Vec<_>>(), [2, 4]);
    assert_eq!(twice(4), 8);
    Ok(())
}
