//! The ready nodes of one place, each with its rank: for orders in which what comes later may start first.

use crate::dag::base::ids::NodeId;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

/// When a node's turn comes: the greatest one is the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Turn {
    pub(crate) priority: i32,
    pub(crate) rank: i64,
    /// The how many-th it is that became ready. No two have the same.
    pub(crate) came: Reverse<u64>,
    pub(crate) node: NodeId,
}

/// Those of one place.
#[derive(Default)]
pub(crate) struct Ranked {
    turns: BTreeSet<Turn>,
    of: HashMap<NodeId, Turn>,
}

impl Ranked {
    pub(crate) fn len(&self) -> usize {
        self.turns.len()
    }

    pub(crate) fn clear(&mut self) {
        self.turns.clear();
        self.of.clear();
    }

    pub(crate) fn push(&mut self, turn: Turn) {
        self.turns.insert(turn);
        self.of.insert(turn.node, turn);
    }

    /// The next one.
    pub(crate) fn first(&self) -> Option<NodeId> {
        self.nth(0)
    }

    /// The `nth` in their order.
    pub(crate) fn nth(&self, nth: usize) -> Option<NodeId> {
        self.turns.iter().rev().nth(nth).map(|turn| turn.node)
    }

    /// Whether it was there.
    pub(crate) fn remove(&mut self, node: NodeId) -> bool {
        let turn = self.of.remove(&node);
        turn.is_some_and(|turn| self.turns.remove(&turn))
    }

    /// Gives a node another rank, if it is here.
    pub(crate) fn rank(&mut self, node: NodeId, rank: i64) {
        if let Some(turn) = self.of.get_mut(&node) {
            self.turns.remove(turn);
            turn.rank = rank;
            self.turns.insert(*turn);
        }
    }

    /// All of them, in their order.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = NodeId> {
        self.turns.iter().rev().map(|turn| turn.node)
    }
}
