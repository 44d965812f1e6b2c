#![deny(warnings)]

use dagcore::prelude::*;

mod outer {
    pub(crate) mod inner {
        use dagcore::prelude::*;

        #[derive(Clone)]
        pub(crate) struct Number(pub(in crate::outer) u64);

        #[stage]
        pub(crate) fn one() -> Number {
            Number(1)
        }

        #[stage]
        pub(in crate::outer) fn double(n: Number) -> Number {
            Number(2 * n.0)
        }

        #[stage]
        pub(super) fn read(n: &Number) -> u64 {
            n.0
        }
    }

    use dagcore::prelude::*;

    rule! {
        pub(super) follow: when each(inner::one), adds [self::inner::double, crate::outer::inner::read],
        then |grow, node, _n| {
            let double = grow.add(inner::double::new(node));
            grow.add(inner::read::new(double));
        }
    }

    pub(crate) fn result(report: &Report) -> Option<u64> {
        report.only::<inner::read>().ok().copied()
    }
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("modules").rules(rules![outer::follow]);
    flow.add(outer::inner::one::new());
    assert_eq!(outer::result(&flow.run_blocking()?), Some(2));
    Ok(())
}
