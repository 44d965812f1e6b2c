#![deny(warnings)]

use dagcore::prelude::*;

fn main() -> Result<(), dagcore::Error> {
    #[stage]
    fn double(n: u64) -> u64 {
        2 * n
    }

    rule! {
        again: when each(double), adds [double] within 3,
        then |grow, node, _n| { grow.add(double::new(node)); }
    }

    let mut flow = Workflow::new("inner").keep::<double>().rules(rules![again]);
    flow.add(double::new(1_u64));
    assert_eq!(flow.run_blocking()?.outputs::<double>()?.sum::<u64>(), 2 + 4 + 8 + 16);
    Ok(())
}
