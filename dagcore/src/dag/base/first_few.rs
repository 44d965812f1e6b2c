//! The first few of many: what an explanation shows of a long list.

use super::escaping::Name;
use super::node_state::NodeState;
use std::fmt::{self, Display, Formatter};

/// So many are shown of many.
const SHOWN: usize = 5;

/// The first few of many, and how many there are.
///
/// It is shown as a list: `` `a`, `b` and 7 more ``.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Few<T> {
    /// How many there are.
    pub count: usize,
    /// The first of them: five at the most.
    pub first: Vec<T>,
}

impl<T> Few<T> {
    /// Counts all of them, and tells of the first few.
    pub(crate) fn of<I>(all: impl IntoIterator<Item = I>, mut tell: impl FnMut(I) -> T) -> Self {
        let mut few = Self::default();
        for one in all {
            few.note(|| tell(one));
        }
        few
    }

    /// The first few of so many, which need not all be looked at.
    pub(crate) fn first_of<I>(count: usize, all: impl IntoIterator<Item = I>, tell: impl FnMut(I) -> T) -> Self {
        Self { count, first: all.into_iter().take(SHOWN.min(count)).map(tell).collect() }
    }

    /// Counts one more, and keeps it if it is among the first five.
    pub(crate) fn note(&mut self, one: impl FnOnce() -> T) {
        if self.count < SHOWN {
            self.first.push(one());
        }
        self.count += 1;
    }

    /// Replaces each of the first, and keeps the count.
    pub(crate) fn map<U>(&self, each: impl FnMut(&T) -> U) -> Few<U> {
        Few { count: self.count, first: self.first.iter().map(each).collect() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many are not among the first.
    pub(crate) fn unshown(&self) -> usize {
        self.count - self.first.len()
    }

    fn list(&self, f: &mut Formatter<'_>, one: impl Fn(&T, &mut Formatter<'_>) -> fmt::Result) -> fmt::Result {
        for (at, shown) in self.first.iter().enumerate() {
            match at {
                0 => {}
                last if last + 1 == self.count => f.write_str(" and ")?,
                _ => f.write_str(", ")?,
            }
            one(shown, f)?;
        }
        match self.unshown() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl Display for Few<String> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.list(f, |name, f| write!(f, "`{}`", Name(name)))
    }
}

impl Display for Few<NodeNow> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.list(f, |node, f| node.fmt(f))
    }
}

/// So many of a thing, in words.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// A node, and what it is doing.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct NodeNow {
    /// The node's name.
    pub node: String,
    /// What it is doing.
    pub state: NodeState,
}

impl NodeNow {
    pub(crate) fn new(node: String, state: NodeState) -> Self {
        Self { node, state }
    }
}

impl Display for NodeNow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", Name(&self.node), self.state)
    }
}
