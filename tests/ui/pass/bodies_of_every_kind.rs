#![deny(warnings)]

use dagcore::prelude::*;

#[stage]
fn number(n: u64) -> u64 {
    n
}

#[stage]
fn pair(n: u64) -> (u64, u64) {
    (n, n)
}

rule! {
    with_question_mark: when each(number), adds [pair],
    then |grow, node, n| -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let n: u64 = n.to_string().parse()?;
        if n == 0 {
            return Ok(());
        }
        grow.add(pair::new(node));
        Ok(())
    }
}

rule! {
    with_anyhow: when each(number), adds [],
    then |_grow, _node, n| {
        anyhow::ensure!(*n < 100, "too large");
        Ok(())
    }
}

rule! {
    with_patterns: when each(pair), adds [],
    then |_, _, &(left, right): &(u64, u64)| assert_eq!(left, right)
}

rule! {
    with_types: when closed(number, pair) && count_done(pair) >= 1, adds [],
    then |_grow: &mut Growth<'_, _>, numbers: Vec<Node<u64>>, pairs, mut done| -> () {
        done.clear();
        assert_eq!(numbers.len(), 2 * pairs.len());
    }
}

rule! {
    with_view: when (|view| view.len() > 1) && each_failed(number) && named("x"), adds [],
    then |grow, _node, error, _named| {
        let seen = grow.view(|view| view.len());
        assert!(seen > 0, "{error}");
    }
}

fn tail(node: Node<u64>) -> dagcore::Rule {
    rule! { when done(node), then |_grow, _n| () }
}

fn nested(node: Node<u64>) -> dagcore::Rule {
    let text = String::from("moved");
    rule! {
        when settled(node),
        then |grow, outcome| {
            drop(text);
            let n = outcome.output().copied().unwrap_or(0);
            let next = grow.add(number::new(n));
            grow.rule(rule! {
                when done(next, next) && |view: &View<'_>| -> bool { view.count::<number>() > 1 },
                adds [number by key],
                then |grow, one, other| {
                    grow.add(number::new(one * other).key(format_args!("{one} {other}")));
                }
            });
        }
    }
}

macro_rules! follows {
    ($name:ident, $from:ident, $to:path, $count:expr) => {
        rule! {
            $name: when each($from) && count($to) >= $count, adds [$to] within 3,
            then |grow, _node, n, _nodes| { grow.add(<$to>::new(*n)); }
        }
    };
}

#[stage]
fn from_a_macro(n: u64) -> u64 {
    n
}

follows!(made_by_a_macro, from_a_macro, self::from_a_macro, 99);

fn main() -> Result<(), dagcore::Error> {
    let rules = rules![with_question_mark, with_anyhow, with_patterns, with_types, with_view, made_by_a_macro];
    let mut flow = Workflow::new("bodies").rules(rules);
    let zero = flow.add(number::new(0_u64));
    flow.add(number::new(7_u64));
    flow.rule(tail(zero));
    let report = flow.run_blocking()?;
    assert_eq!(report.outputs::<pair>()?.count(), 1);

    let mut flow = Workflow::new("nested");
    let node = flow.add(number::new(3_u64));
    flow.rule(nested(node));
    let report = flow.run_blocking()?;
    assert_eq!(report.outputs::<number>()?.copied().collect::<Vec<_>>(), [3, 3, 9]);
    Ok(())
}
