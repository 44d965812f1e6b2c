//! Faults of rules: arrows that lead back to their start and must not.

use super::arrows::{Arrow, Placed, Unique};
use super::components::{Parts, Visit};
use super::net::{Net, Place, Relation};
use super::shapes::{How, StageShape};

/// A fault: a cycle through a stage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    /// The rule; `None` if the fault is of the stage itself.
    pub(super) rule: Option<usize>,
    pub(super) stage: usize,
    /// How the rule reads the stage.
    pub(super) how: How,
    pub(super) relation: Relation,
}

/// The faults that were found, at most one for each rule or stage; and working memory.
pub(super) struct Found<'f> {
    /// For each rule, a stage that it waits for to close and may itself bring about.
    pub(super) closing: &'f mut [Option<Fault>],
    /// For each rule, a cycle by which it feeds itself.
    pub(super) growing: &'f mut [Option<Fault>],
    /// For each stage, a cycle by which its nodes feed themselves.
    pub(super) inside: &'f mut [Option<Fault>],
    /// The arrows on the cycles of faults that were found before.
    pub(super) told: &'f mut [bool],
    /// Working memory for two [`Parts`].
    pub(super) visits: (&'f mut [Visit], &'f mut [Visit]),
    /// Working memory for [`Net::way_round`].
    pub(super) way: (&'f mut [usize], &'f mut [Came]),
}

impl Found<'_> {
    /// Finds the faults, and marks the unbounded arrows.
    pub(super) const fn find(
        &mut self,
        rules: &[Placed<'_>],
        stages: &[StageShape<'_>],
        arrows: &mut [Arrow],
        first: &[usize],
    ) {
        let mut bounded = mark(arrows);
        while bounded {
            bounded = self.bound(rules, stages, arrows, first);
        }
        let net = Net { rules, stages, arrows, first };
        self.find_growing(net);
        self.find_closing(net);
    }

    /// Returns the fault of a rule.
    pub(super) const fn at(&self, rule: usize) -> Option<Fault> {
        match self.closing[rule] {
            None => self.growing[rule],
            closing => closing,
        }
    }

    /// Finds arrows that are bounded by a key that is unique below each node of a stage: those where the cycle adds no
    /// nodes of that stage. Returns `true` if there were any.
    ///
    /// A greatest fixpoint: every arrow that may be unbounded is taken to be so, until no more of them can be shown to
    /// be bounded.
    const fn bound(
        &mut self,
        rules: &[Placed<'_>],
        stages: &[StageShape<'_>],
        arrows: &mut [Arrow],
        first: &[usize],
    ) -> bool {
        let parts = Parts::of(Net { rules, stages, arrows, first }, Relation::Growth, self.visits.0);
        let (mut found, mut at) = (false, 0);
        while at < arrows.len() {
            let arrow = &mut arrows[at];
            at += 1;
            let Unique::Under(group) = arrow.unique else { continue };
            let (from, group) = (Place::Anywhere.of(arrow.from), Place::Anywhere.of(group));
            if arrow.grows && !(parts.return_by(arrow) && parts.are_one(from, group)) {
                arrow.grows = false;
                found = true;
            }
        }
        found
    }

    const fn find_growing(&mut self, net: Net<'_, '_>) {
        let parts = Parts::of(net, Relation::Growth, self.visits.0);
        let mut at = 0;
        while at < net.arrows.len() {
            let arrow = &net.arrows[at];
            let Arrow { from: stage, how, .. } = *arrow;
            at += 1;
            let rule = arrow.by.rule();
            let known = match rule {
                Some(rule) => self.growing[rule].is_some(),
                None => self.inside[stage].is_some(),
            };
            if known || !parts.return_by(arrow) {
                continue;
            }
            let fault = Fault { rule, stage, how, relation: Relation::Growth };
            let steps = net.way_round(fault, self.way.0, self.way.1);
            if !is_new(self.way.0.split_at(steps).0, self.told) {
                continue;
            }
            match rule {
                Some(rule) => self.growing[rule] = Some(fault),
                None => self.inside[stage] = Some(fault),
            }
        }
    }

    const fn find_closing(&mut self, net: Net<'_, '_>) {
        let all = Parts::of(net, Relation::All, self.visits.0);
        let below = Parts::of(net, Relation::Below, self.visits.1);
        let mut at = 0;
        while at < net.arrows.len() {
            let arrow = &net.arrows[at];
            at += 1;
            let (relation, parts) = match arrow.how {
                How::Closed => (Relation::All, &all),
                How::Below(_) => (Relation::Below, &below),
                _ => continue,
            };
            let Some(rule) = arrow.by.rule() else { continue };
            if self.closing[rule].is_none() && parts.return_by(arrow) {
                self.closing[rule] = Some(Fault { rule: Some(rule), stage: arrow.from, how: arrow.how, relation });
            }
        }
    }
}

/// Marks the arrows that neither a `within N` nor a key that is unique in the run bounds. Returns `true` if other keys
/// may bound some.
const fn mark(arrows: &mut [Arrow]) -> bool {
    let (mut under, mut at) = (false, 0);
    while at < arrows.len() {
        let arrow = &mut arrows[at];
        arrow.grows = arrow.how.is_each() && !arrow.within && !matches!(arrow.unique, Unique::Run);
        under = under || matches!(arrow.unique, Unique::Under(_));
        at += 1;
    }
    under
}

/// Returns `true` if this cycle was not found before from another of its rules, and marks its arrows.
const fn is_new(path: &[usize], told: &mut [bool]) -> bool {
    let mut new = false;
    let mut step = 0;
    while step < path.len() {
        new = new || !told[path[step]];
        told[path[step]] = true;
        step += 1;
    }
    new
}

/// How a point was reached: the arrow, and the previous point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came {
    by: usize,
    from: usize,
}

impl Came {
    pub(super) const NOT_YET: Self = Self { by: Arrow::LAST, from: Self::START };
    /// Represents the start of the path.
    const START: usize = usize::MAX;
}

impl Net<'_, '_> {
    /// Writes the shortest cycle, as positions of arrows, to the beginning of `path`, and returns its length. A
    /// breadth-first search, so the message shows no needless steps.
    ///
    /// `path` and `came` have an entry for each point.
    pub(super) const fn way_round(self, fault: Fault, path: &mut [usize], came: &mut [Came]) -> usize {
        let mut at = 0;
        while at < came.len() {
            came[at] = Came::NOT_YET;
            at += 1;
        }
        let start = fault.relation.start();
        let goal = start.of(fault.stage);
        // Until the cycle is found, `path` holds the queue of the search.
        let (mut next, mut seen) = (0, 0);
        let (mut from, mut place, mut point) = (fault.stage, start, Came::START);
        while came[goal].by == Arrow::LAST {
            let mut at = self.first[from];
            while at != Arrow::LAST {
                let arrow = &self.arrows[at];
                let taken = next > 0 || arrow.is_by(fault.rule) && arrow.how.is(fault.how);
                if let (true, Some(to)) = (taken, fault.relation.step(arrow, place)) {
                    let to = to.of(arrow.to);
                    if came[to].by == Arrow::LAST {
                        came[to] = Came { by: at, from: point };
                        path[seen] = to;
                        seen += 1;
                    }
                }
                at = arrow.next;
            }
            if next == seen {
                return 0;
            }
            point = path[next];
            (from, place) = Place::at(point);
            next += 1;
        }
        let (mut length, mut point) = (0, goal);
        while point != Came::START {
            path[length] = came[point].by;
            point = came[point].from;
            length += 1;
        }
        turn_round(path, length);
        length
    }
}

/// Reverses the first `length` entries.
const fn turn_round(path: &mut [usize], length: usize) {
    let mut at = 0;
    while at < length / 2 {
        let other = path[length - 1 - at];
        path[length - 1 - at] = path[at];
        path[at] = other;
        at += 1;
    }
}
