//! A count with its first few items: the form in which an explanation shows a long list.

use super::escaping::Name;
use super::node_state::NodeState;
use std::fmt::{self, Display, Formatter};

/// Number of items that are shown.
const SHOWN: usize = 5;

/// The first few of many items, and their total count.
///
/// Displayed as a list: `` `a`, `b` and 7 more ``.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Few<T> {
    /// The total number of items.
    pub count: usize,
    /// The first items, at most five.
    pub first: Vec<T>,
}

impl<T> Few<T> {
    /// Counts all items and maps the first few.
    pub(crate) fn of<I>(all: impl IntoIterator<Item = I>, mut tell: impl FnMut(I) -> T) -> Self {
        let mut few = Self::default();
        for one in all {
            few.note(|| tell(one));
        }
        few
    }

    /// Maps the first few of `count` items, without visiting the others.
    pub(crate) fn first_of<I>(count: usize, all: impl IntoIterator<Item = I>, tell: impl FnMut(I) -> T) -> Self {
        Self { count, first: all.into_iter().take(SHOWN.min(count)).map(tell).collect() }
    }

    /// Counts one more item, and keeps it if it is among the first five.
    pub(crate) fn note(&mut self, one: impl FnOnce() -> T) {
        if self.count < SHOWN {
            self.first.push(one());
        }
        self.count += 1;
    }

    /// Maps the first items, and keeps the count.
    pub(crate) fn map<U>(&self, each: impl FnMut(&T) -> U) -> Few<U> {
        Few { count: self.count, first: self.first.iter().map(each).collect() }
    }

    /// Returns `true` if there are no items.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the number of items that are not shown.
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

/// Formats a count with its noun.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// A node with its current state.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct NodeNow {
    /// The node's name.
    pub node: String,
    /// The state of the node.
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
