//! The ready nodes of one place, each with its rank: for orders in which what comes later may start first.

use crate::dag::id::NodeId;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

/// When a node's turn comes: the greatest one is the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Turn {
    pub(super) priority: i32,
    pub(super) rank: i64,
    /// The how many-th it is that became ready. No two have the same.
    pub(super) came: Reverse<u64>,
    pub(super) node: NodeId,
}

/// Those of one place.
#[derive(Default)]
pub(super) struct Ranked {
    turns: BTreeSet<Turn>,
    of: HashMap<NodeId, Turn>,
}

impl Ranked {
    pub(super) fn len(&self) -> usize {
        self.turns.len()
    }

    pub(super) fn clear(&mut self) {
        self.turns.clear();
        self.of.clear();
    }

    pub(super) fn push(&mut self, turn: Turn) {
        self.turns.insert(turn);
        self.of.insert(turn.node, turn);
    }

    /// The next one.
    pub(super) fn first(&self) -> Option<NodeId> {
        self.nth(0)
    }

    /// The `nth` in their order.
    pub(super) fn nth(&self, nth: usize) -> Option<NodeId> {
        self.turns.iter().rev().nth(nth).map(|turn| turn.node)
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, node: NodeId) -> bool {
        let turn = self.of.remove(&node);
        turn.is_some_and(|turn| self.turns.remove(&turn))
    }

    /// Gives a node another rank, if it is here.
    pub(super) fn rank(&mut self, node: NodeId, rank: i64) {
        if let Some(turn) = self.of.get_mut(&node) {
            self.turns.remove(turn);
            turn.rank = rank;
            self.turns.insert(*turn);
        }
    }

    /// All of them, in their order.
    pub(super) fn in_order(&self) -> impl Iterator<Item = NodeId> {
        self.turns.iter().rev().map(|turn| turn.node)
    }
}
