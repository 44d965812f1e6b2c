#![deny(warnings)]

use dagcore::prelude::*;

mod stages {
    use dagcore::prelude::*;

    #[stage]
    pub fn part(n: u64) -> u64 {
        n
    }

    /// A stage may have this name.
    #[stage]
    pub fn under(n: u64) -> u64 {
        n
    }
}

use stages::{part, under, under as sample};

rule! {
    cut: when each(under), adds [part, part_of_part],
    then |grow, node, n| {
        let first = grow.add(part::new(node));
        grow.add(part_of_part::new(first));
        grow.add(part::new(*n));
    }
}

#[stage]
fn part_of_part(n: u64) -> u64 {
    n
}

#[stage]
fn merge(parts: Vec<u64>, more: Vec<u64>) -> usize {
    parts.len() + more.len()
}

rule! {
    merge_all: when closed(stages::part, self::part_of_part) under each(crate::stages::under), adds [merge],
    then |grow, _sample: Node<u64>, parts: Vec<Node<u64>>, more| -> Result<(), std::num::ParseIntError> {
        grow.add(merge::new(parts, more));
        Ok(())
    }
}

rule! {
    /// With everything that can stand beside it, and a name from an import.
    wait: when count(merge) >= 1 && (settled(part) under each(sample)) && closed(merge) && (|view| !view.is_empty()),
    adds [],
    then |_, _, _, parts, _| assert_eq!(parts.len(), 2),
}

macro_rules! merged {
    ($name:ident: $($part:ident),* of $group:path) => {
        rule! { $name: when done($($part),*) under each($group), adds [merge], then |grow, _, parts, more| {
            grow.add(merge::new(parts, more));
        } }
    };
}

merged!(made_by_a_macro: part, part_of_part of stages::under);

fn at_hand(start: Node<u64>) -> Rule {
    let mut counted = 0;
    rule! {
        when done(start) && done(part) under each(under), then |grow, start, _node, parts| {
            counted += parts.len();
            assert_eq!((counted, *start), (2, 1));
            grow.add(merge::new(parts, vec![start + 6]));
        }
    }
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("below").rules(rules![cut, merge_all, wait, made_by_a_macro]);
    let start = flow.add(under::new(1_u64));
    flow.rule(at_hand(start));
    assert_eq!(flow.run_blocking()?.outputs::<merge>()?.collect::<Vec<_>>(), [&3, &3, &3]);
    Ok(())
}
