//! The ranked ready nodes of one place, for orders in which a later node may start first.

use crate::dag::base::ids::NodeId;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

/// The position of a node in the order: the greatest one is next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Turn {
    pub(crate) priority: i32,
    pub(crate) rank: i64,
    /// The sequence number in which it became ready, unique. Reversed, so that of equal ranks the earliest is next.
    pub(crate) came: Reverse<u64>,
    pub(crate) node: NodeId,
}

/// The ranked nodes of one place.
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

    /// Returns the next node.
    pub(crate) fn first(&self) -> Option<NodeId> {
        self.nth(0)
    }

    /// Returns the `nth` node in order.
    pub(crate) fn nth(&self, nth: usize) -> Option<NodeId> {
        self.turns.iter().rev().nth(nth).map(|turn| turn.node)
    }

    /// Removes a node. Returns `true` if it was present.
    pub(crate) fn remove(&mut self, node: NodeId) -> bool {
        let turn = self.of.remove(&node);
        turn.is_some_and(|turn| self.turns.remove(&turn))
    }

    /// Changes the rank of a node, if it is present.
    pub(crate) fn rank(&mut self, node: NodeId, rank: i64) {
        if let Some(turn) = self.of.get_mut(&node) {
            self.turns.remove(turn);
            turn.rank = rank;
            self.turns.insert(*turn);
        }
    }

    /// Iterates over all nodes, in order.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = NodeId> {
        self.turns.iter().rev().map(|turn| turn.node)
    }
}
