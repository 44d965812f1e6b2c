#![deny(warnings)]

use dagcore::prelude::*;
use dagcore::{Allows, RuleItem};

#[stage]
fn number(n: u64) -> u64 {
    n
}

#[stage]
fn note(n: u64) -> u64 {
    n
}

mod inner {
    use super::{note, number};
    use dagcore::prelude::*;

    rule! {
        pub(super) tell: when each(number), adds [note],
        then |grow, node, _n| { grow.add(note::new(node)); }
    }
}

use inner::tell as say;

rule! {
    begin: when count(number) >= 1, adds [inner::tell, itself, number by key],
    then |grow, _numbers| {
        grow.add(number::new(2_u64).key(2));
        helper(grow);
    }
}

rule! {
    /// It names what names it, and rules without a name.
    itself: when count(note) >= 2, adds [begin, itself, Rule, note],
    then |grow, notes| {
        if notes.len() > 5 {
            grow.rules(rules![begin, itself]);
        }
        let last = notes[1];
        grow.rule(rule! { when done(last), adds [note], then |grow, n| { grow.add(note::new(n + 1)); } });
        grow.rules(rules![]);
    }
}

/// A part of a body that registers rules.
fn helper<M: Allows<say> + Allows<itself>>(grow: &mut Growth<'_, M>) {
    grow.rules(rules![say, itself]);
}

fn any<R: RuleItem, M: Allows<R>>(grow: &mut Growth<'_, M>, rule: R) {
    grow.rules(dagcore::Rules::new().with(rule));
}

fn nameless<M: Allows<Rule> + dagcore::OfRule + Allows<note>>(grow: &mut Growth<'_, M>, list: Node<Vec<u64>>) {
    grow.rule(rule! { when done(list), adds [], then |_grow, _list| {} });
    grow.map(list, note::new);
}

#[stage]
fn list() -> Vec<u64> {
    vec![5, 6]
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("named").rules(rules![begin]);
    flow.add(number::new(1_u64));
    assert_eq!(flow.run_blocking()?.nodes::<note>().count(), 3);

    let mut flow = Workflow::new("generic");
    let list = flow.add(list::new());
    flow.add(number::new(1_u64));
    flow.rule(rule! {
        when done(list), adds [say, dagcore::Rule, note],
        then |grow, _list| {
            any(grow, say {});
            nameless(grow, list);
        }
    });
    assert_eq!(flow.run_blocking()?.nodes::<note>().count(), 3);
    Ok(())
}
