//! Subscriptions to single nodes.

use crate::dag::base::ids::{NodeId, RuleId};

/// One queue of rules for each node, all in one allocation: freed entries are reused by other queues.
#[derive(Default, Debug)]
pub(crate) struct Waiting {
    /// The last entry of each node's queue, up to the last node that had one.
    lasts: Vec<u32>,
    entries: Vec<Entry>,
    /// The first free entry; each free entry links to the next.
    free: Option<u32>,
}

#[derive(Debug)]
struct Entry {
    rule: RuleId,
    /// The index of the rule's condition that waits.
    place: u32,
    /// The next entry; the last entry of a queue links to the first. So one index per node is enough to push at the
    /// back and to pop at the front.
    next: u32,
}

const NONE: u32 = u32::MAX;

impl Waiting {
    pub(crate) fn push(&mut self, node: NodeId, rule: RuleId, place: u32) {
        if self.lasts.len() <= node.index() {
            self.lasts.resize(node.index() + 1, NONE);
        }
        let known = self.lasts[node.index()];
        let at = self.free.unwrap_or(self.entries.len() as u32);
        let next = match self.entries.get_mut(known as usize) {
            Some(last) => std::mem::replace(&mut last.next, at),
            None => at,
        };
        let entry = Entry { rule, place, next };
        match self.entries.get_mut(at as usize) {
            Some(freed) => {
                let free = std::mem::replace(freed, entry).next;
                self.free = Some(free).filter(|free| *free != NONE);
            }
            None => self.entries.push(entry),
        }
        self.lasts[node.index()] = at;
    }

    /// Removes and returns the oldest entry.
    pub(crate) fn pop(&mut self, node: NodeId) -> Option<(RuleId, u32)> {
        let last = self.lasts.get_mut(node.index())?;
        let first = self.entries.get(*last as usize)?.next;
        let (rule, place, next) =
            self.entries.get(first as usize).map(|entry| (entry.rule, entry.place, entry.next))?;
        if first == *last {
            *last = NONE;
        } else {
            self.entries[*last as usize].next = next;
        }
        self.entries[first as usize].next = self.free.replace(first).unwrap_or(NONE);
        Some((rule, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_out_in_the_order_in_which_they_came_and_their_memory_serves_others() {
        let mut waiting = Waiting::default();
        let push = |waiting: &mut Waiting, node, rule| waiting.push(NodeId(node), RuleId(rule), rule + 7);
        let pop = |waiting: &mut Waiting, node| waiting.pop(NodeId(node)).map(|(rule, place)| (rule.0, place - 7));
        assert_eq!(pop(&mut waiting, 3), None);
        for round in 0..3 {
            for rule in 0..10 {
                push(&mut waiting, rule % 3 + round, rule);
            }
            for node in [2, 0, 1] {
                for rule in (0..10).filter(|rule| rule % 3 == node) {
                    assert_eq!(pop(&mut waiting, node + round), Some((rule, rule)));
                    push(&mut waiting, 9, rule);
                }
                assert_eq!(pop(&mut waiting, node + round), None);
            }
            for rule in [2, 5, 8, 0, 3, 6, 9, 1, 4, 7] {
                assert_eq!(pop(&mut waiting, 9), Some((rule, rule)));
            }
            assert_eq!(pop(&mut waiting, 9), None);
            assert!(waiting.entries.len() <= 11, "{}", waiting.entries.len());
        }
    }
}
