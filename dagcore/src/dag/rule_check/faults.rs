//! What is wrong with some rules: an arrow that leads back to where it starts from and must not.

use super::arrows::{Arrow, Placed, Unique};
use super::components::{Parts, Visit};
use super::net::{Net, Place, Relation};
use super::shapes::{How, StageShape};

/// Something that leads back to the stage that it starts from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    /// The rule; `None` when it is the stage itself.
    pub(super) rule: Option<usize>,
    pub(super) stage: usize,
    /// How the rule looks at the stage.
    pub(super) how: How,
    pub(super) relation: Relation,
}

/// What was found: a fault for each rule, or stage, that has one; and room to work in.
pub(super) struct Found<'f> {
    /// What a rule waits for the closing of and may itself bring about.
    pub(super) closing: &'f mut [Option<Fault>],
    /// What a rule feeds itself with.
    pub(super) growing: &'f mut [Option<Fault>],
    /// What the nodes of a stage feed themselves with.
    pub(super) inside: &'f mut [Option<Fault>],
    /// The arrows that are on the way round of a fault which was found before.
    pub(super) told: &'f mut [bool],
    /// For [`Parts`], twice.
    pub(super) visits: (&'f mut [Visit], &'f mut [Visit]),
    /// For [`Net::way_round`].
    pub(super) way: (&'f mut [usize], &'f mut [Came]),
}

impl Found<'_> {
    /// Finds the faults, and marks the arrows that nothing bounds.
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

    /// What was found of a rule.
    pub(super) const fn at(&self, rule: usize) -> Option<Fault> {
        match self.closing[rule] {
            None => self.growing[rule],
            closing => closing,
        }
    }

    /// Finds arrows that a key bounds which is unique below each node of a stage: those where no such nodes are added on
    /// the way round. Whether there were any.
    ///
    /// Every arrow that may be is taken for unbounded, until no more of them can be shown to be bounded.
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

/// Marks the arrows that no `within N` bounds, and no key that is unique in the run. Whether other keys may.
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

/// Whether this way round is not one that was found before, from another of its rules.
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

/// How a point was reached: by which arrow, and from which point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came {
    by: usize,
    from: usize,
}

impl Came {
    pub(super) const NOT_YET: Self = Self { by: Arrow::LAST, from: Self::START };
    /// Stands for the point that the way starts from.
    const START: usize = usize::MAX;
}

impl Net<'_, '_> {
    /// The shortest way round, as positions of arrows, at the beginning of `path`; and how many there are.
    ///
    /// `path` and `came` have room for each point.
    pub(super) const fn way_round(self, fault: Fault, path: &mut [usize], came: &mut [Came]) -> usize {
        let mut at = 0;
        while at < came.len() {
            came[at] = Came::NOT_YET;
            at += 1;
        }
        let start = fault.relation.start();
        let goal = start.of(fault.stage);
        // Until the way is found, `path` holds the points that it may lead over.
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

/// Turns round the order of the first few.
const fn turn_round(path: &mut [usize], length: usize) {
    let mut at = 0;
    while at < length / 2 {
        let other = path[length - 1 - at];
        path[length - 1 - at] = path[at];
        path[at] = other;
        at += 1;
    }
}
