#![deny(warnings)]
//! Rules, stages and handles that are called like the words of a rule.

use dagcore::prelude::*;

macro_rules! stages {
    ($($name:ident)*) => {$(
        #[stage]
        fn $name(n: u64) -> u64 {
            n + 1
        }
    )*};
}

stages!(adds then within by key each done closed count named new);

mod rules {
    use super::{adds, by, closed, count, each, key, then, within};
    use dagcore::prelude::*;

    rule! { pub when: when each(each), adds [then, by, key by key], then |grow, then, by| {
        grow.add(then::new(then));
        grow.add(by::new(*by));
        grow.add(key::new(*by).key(by));
    } }

    rule! { pub under: when closed(closed) under each(then), adds [count], then |grow, under, _closed| {
        grow.add(count::new(under));
    } }

    rule! { pub on: when closed(within, adds) && count(count) >= 1, adds [super::named] within 1, then |grow, _within, _adds, _count| {
        grow.add(super::named::new(1));
    } }
}

use rules::{on, under, when};

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("words").rules(rules![when, rules::under]);
    flow = flow.rules(rules![on]);
    let each = flow.add(each::new(1));
    let done = flow.add(done::new(each));
    flow.rule(rule! {
        when done(done, each), adds [new],
        then |grow, adds, when| { grow.add(new::new(adds + when)); }
    });
    let report = flow.run_blocking()?;
    assert_eq!(report.len(), 8);
    // They are named twice, so that nothing of them is unused.
    let _ = (rules![when], rules![under]);
    Ok(())
}
