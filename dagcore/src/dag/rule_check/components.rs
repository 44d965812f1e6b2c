//! The strongly connected components of a relation, by Tarjan's algorithm.

use super::arrows::Arrow;
use super::net::{Net, PLACES, Place, Relation};

/// The state of a point, and working memory of the algorithm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// The order in which it was reached, counted from one; zero if it was not.
    order: usize,
    /// The earliest point that it leads back to.
    low: usize,
    /// Its component; `usize::MAX` while unknown.
    part: usize,
    /// The next arrow to follow.
    next: usize,
    /// The point from which it was reached. The walk is iterative and keeps its path here.
    above: usize,
    /// The entry at this height of the stack of points whose component is unknown. The stack shares the array, because
    /// a `const fn` cannot allocate.
    stacked: usize,
}

impl Visit {
    pub(super) const NONE: Self =
        Self { order: 0, low: 0, part: usize::MAX, next: Arrow::LAST, above: usize::MAX, stacked: 0 };
}

/// The components of a relation. Points of one component lead to each other.
pub(super) struct Parts<'v> {
    visits: &'v mut [Visit],
    relation: Relation,
    reached: usize,
    stacked: usize,
    found: usize,
}

impl<'v> Parts<'v> {
    /// Finds the components; `visits` has an entry for each point.
    pub(super) const fn of(net: Net<'_, '_>, relation: Relation, visits: &'v mut [Visit]) -> Self {
        let mut parts = Self { visits, relation, reached: 0, stacked: 0, found: 0 };
        let points = net.stages.len() * PLACES;
        let mut point = 0;
        while point < points {
            parts.visits[point] = Visit::NONE;
            point += 1;
        }
        let mut point = relation.start().of(0);
        while point < points {
            if parts.visits[point].order == 0 {
                parts.walk(net, point);
            }
            point += PLACES;
        }
        parts
    }

    /// Returns `true` if the arrow, taken first, leads back to its start.
    pub(super) const fn return_by(&self, arrow: &Arrow) -> bool {
        let start = self.relation.start();
        match self.relation.step(arrow, start) {
            Some(place) => self.are_one(start.of(arrow.from), place.of(arrow.to)),
            None => false,
        }
    }

    pub(super) const fn are_one(&self, one: usize, other: usize) -> bool {
        self.visits[one].part == self.visits[other].part
    }

    /// Visits all points reachable from a point.
    const fn walk(&mut self, net: Net<'_, '_>, start: usize) {
        let mut point = start;
        self.enter(net, start, usize::MAX);
        loop {
            let at = self.visits[point].next;
            if at != Arrow::LAST {
                let arrow = &net.arrows[at];
                self.visits[point].next = arrow.next;
                let (_, place) = Place::at(point);
                let Some(place) = self.relation.step(arrow, place) else { continue };
                let to = place.of(arrow.to);
                if self.visits[to].order == 0 {
                    self.enter(net, to, point);
                    point = to;
                } else if self.visits[to].part == Visit::NONE.part {
                    self.lower(point, self.visits[to].order);
                }
                continue;
            }
            self.leave(point);
            let above = self.visits[point].above;
            if above == usize::MAX {
                return;
            }
            self.lower(above, self.visits[point].low);
            point = above;
        }
    }

    const fn enter(&mut self, net: Net<'_, '_>, point: usize, above: usize) {
        self.reached += 1;
        let (stage, _) = Place::at(point);
        let visit = &mut self.visits[point];
        (visit.order, visit.low, visit.next, visit.above) = (self.reached, self.reached, net.first[stage], above);
        self.visits[self.stacked].stacked = point;
        self.stacked += 1;
    }

    /// Completes a point. One that leads back to no earlier point is the root of a component.
    const fn leave(&mut self, point: usize) {
        if self.visits[point].low < self.visits[point].order {
            return;
        }
        loop {
            self.stacked -= 1;
            let last = self.visits[self.stacked].stacked;
            self.visits[last].part = self.found;
            if last == point {
                break;
            }
        }
        self.found += 1;
    }

    const fn lower(&mut self, point: usize, low: usize) {
        if low < self.visits[point].low {
            self.visits[point].low = low;
        }
    }
}
