//! The queue of rule bodies to run.
//!
//! A body that is removed out of order leaves a gap, so that no other body moves. Only a run whose steps are chosen
//! removes bodies out of order; positions are looked up in an index that is built when this first happens.

use crate::dag::machine::Due;
use std::collections::{HashMap, VecDeque};

/// The rule bodies to run, numbered in the order in which they became due.
#[derive(Default)]
pub(crate) struct Dues {
    /// Invariant: the first entry is never a gap.
    queue: VecDeque<Option<Due>>,
    /// The number of entries that have left the front, which is the number of the current first entry.
    first: u64,
    gaps: usize,
    /// The number of each queued body; `None` until it is needed.
    numbers: Option<HashMap<Due, u64>>,
}

impl Dues {
    #[inline]
    pub(crate) fn push(&mut self, due: Due) {
        if let Some(numbers) = &mut self.numbers {
            numbers.insert(due, self.first + self.queue.len() as u64);
        }
        self.queue.push_back(Some(due));
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Due> {
        let due = self.queue.pop_front()??;
        self.first += 1;
        if let Some(numbers) = &mut self.numbers {
            numbers.remove(&due);
            self.drop_gaps();
        }
        Some(due)
    }

    fn drop_gaps(&mut self) {
        while self.queue.front().is_some_and(Option::is_none) {
            self.queue.pop_front();
            self.first += 1;
            self.gaps -= 1;
        }
    }

    /// Removes a body at any position. Returns `false` if it is not queued.
    pub(crate) fn take(&mut self, due: Due) -> bool {
        if self.queue.front() == Some(&Some(due)) {
            return self.pop().is_some();
        }
        let Some(number) = self.numbers().remove(&due) else { return false };
        self.queue[(number - self.first) as usize] = None;
        self.gaps += 1;
        true
    }

    /// Removes the first body of the rule that owns the `nth` body.
    pub(crate) fn take_nth_rule(&mut self, nth: usize) -> Option<Due> {
        let rule = self.iter().nth(nth)?.rule;
        let due = self.iter().find(|due| due.rule == rule)?;
        if self.numbers.is_some() {
            self.take(due);
            return Some(due);
        }
        // Without an index, no number has been looked up, so entries may move. A gap would slow down every later
        // lookup.
        let place = self.queue.iter().position(|waiting| *waiting == Some(due))?;
        self.queue.remove(place)?
    }

    /// Prepares the index for [`Self::is_found`], which cannot build it.
    pub(crate) fn find(&mut self, due: Due) {
        if self.queue.front() != Some(&Some(due)) {
            self.numbers();
        }
    }

    /// Returns `true` if a body that was [looked up](Self::find) is queued.
    pub(crate) fn is_found(&self, due: Due) -> bool {
        let is_numbered = || self.numbers.as_ref().is_some_and(|numbers| numbers.contains_key(&due));
        self.queue.front() == Some(&Some(due)) || is_numbered()
    }

    pub(crate) fn contains(&mut self, due: Due) -> bool {
        self.find(due);
        self.is_found(due)
    }

    fn numbers(&mut self) -> &mut HashMap<Due, u64> {
        let Self { queue, first, numbers, .. } = self;
        numbers.get_or_insert_with(|| {
            (*first..).zip(&*queue).filter_map(|(number, due)| Some(((*due)?, number))).collect()
        })
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len() - self.gaps
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Due> {
        self.queue.iter().copied().flatten()
    }

    /// Returns the first body whose number is at least this, with its number.
    pub(crate) fn at_or_after(&self, number: u64) -> Option<(u64, Due)> {
        let skipped = usize::try_from(number.saturating_sub(self.first)).ok()?;
        let mut later = (self.first + skipped as u64..).zip(self.queue.iter().skip(skipped));
        later.find_map(|(number, due)| Some((number, (*due)?)))
    }

    pub(crate) fn clear(&mut self) {
        self.first += self.queue.len() as u64;
        self.queue.clear();
        self.gaps = 0;
        self.numbers = None;
    }
}
