//! Bare rayon: a `spawn` into a scope for each node, on rayon's own threads.
//!
//! There is no graph. A node of a chain spawns the next one; nodes that are ready together are spawned together, and
//! the end of their scope waits for all of them, so layers wait for each other. W8 shares a set of discovered pages
//! behind a lock. Rules are not supported.

use super::peer::{Peer, Reach};
use crate::workload::{self, GROUP, LAYER, MODULUS, Page, Shape, parents};
use rayon::{Scope, scope};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::runtime::Runtime;

/// The peer rayon, with scopes.
pub(super) struct Rayon;

impl Peer for Rayon {
    const NAME: &str = "rayon";
    type Built = (Shape, usize);
    type Ran = i64;

    fn reach(shape: Shape) -> Reach {
        if shape == Shape::Rules { Reach::None } else { Reach::All }
    }

    fn build(shape: Shape, n: usize) -> (Shape, usize) {
        (shape, n)
    }

    fn run(_: &Runtime, (shape, n): (Shape, usize)) -> i64 {
        scope(|_| run(shape, n)) // on one of its threads
    }

    fn result(ran: &i64) -> i64 {
        *ran
    }
}

fn run(shape: Shape, n: usize) -> i64 {
    let result = AtomicI64::new(0);
    match shape {
        Shape::Chain => scope(|scope| next(scope, 0, n, &result)),
        Shape::Independent => return each(0..n as i64, |i| i).iter().sum(),
        Shape::FanOut => {
            let first = each(0..1, |_| 1)[0];
            return reduce(&each(0..n as i64, |_| first * 2));
        }
        Shape::Layers => {
            let mut before = each(0..LAYER as i64, |_| 1);
            for layer in 1..n / LAYER {
                before = each(0..LAYER as i64, |place| {
                    parents(layer, place as usize).iter().map(|parent| before[*parent]).sum::<i64>() % MODULUS
                });
            }
            return before.iter().sum();
        }
        Shape::Map => {
            let numbers = each(0..1, |_| n as i64)[0];
            return reduce(&each(0..numbers, |i| i * 2));
        }
        Shape::Growth => scope(|scope| down(scope, n as i64, &result)),
        Shape::Compute => return each(0..n as i64, workload::compute).iter().sum(),
        Shape::Crawl => {
            let seen = Mutex::new(HashSet::from([0]));
            scope(|scope| read(scope, 0, n as i64, &seen, &result));
        }
        Shape::Groups => scope(|scope| (0..n / GROUP).for_each(|number| group(scope, number, &result))),
        Shape::Rules => unreachable!("rules are not supported"),
    }
    result.into_inner()
}

/// A node for each number of a range, all at once.
fn each(range: std::ops::Range<i64>, node: impl Fn(i64) -> i64 + Sync) -> Vec<i64> {
    let mut values = vec![0; range.clone().count()];
    scope(|scope| {
        for (i, value) in range.zip(&mut values) {
            let node = &node;
            scope.spawn(move |_| *value = node(i));
        }
    });
    values
}

/// A node that sums all values.
fn reduce(values: &[i64]) -> i64 {
    each(0..1, |_| values.iter().sum())[0]
}

fn next<'a>(scope: &Scope<'a>, before: i64, left: usize, result: &'a AtomicI64) {
    scope.spawn(move |scope| match left {
        0 => result.store(before, Ordering::Relaxed),
        1 => result.store(before + 1, Ordering::Relaxed),
        _ => next(scope, before + 1, left - 1, result),
    });
}

fn down<'a>(scope: &Scope<'a>, before: i64, result: &'a AtomicI64) {
    scope.spawn(move |scope| {
        let n = before - 1;
        result.fetch_add(n, Ordering::Relaxed);
        if n > 0 {
            down(scope, n, result);
        }
    });
}

fn read<'a>(scope: &Scope<'a>, number: i64, of: i64, seen: &'a Mutex<HashSet<i64>>, result: &'a AtomicI64) {
    scope.spawn(move |scope| {
        let page = Page::read(number, of);
        result.fetch_add(page.worth(), Ordering::Relaxed);
        let mut known = seen.lock().expect("nothing panics");
        let mut new = page.links;
        let mut count = 0;
        for link in page.links {
            if known.insert(link) {
                new[count] = link;
                count += 1;
            }
        }
        drop(known);
        new[..count].iter().for_each(|link| read(scope, *link, of, seen, result));
    });
}

fn group<'a>(scope: &Scope<'a>, number: usize, result: &'a AtomicI64) {
    scope.spawn(move |_| {
        let first = (number * GROUP) as i64;
        result.fetch_add(reduce(&each(first..first + GROUP as i64, |n| n)), Ordering::Relaxed);
    });
}
