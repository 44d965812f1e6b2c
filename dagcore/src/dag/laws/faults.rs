//! What is wrong with some rules: an arrow that leads back to where it starts from and must not.

use super::arrows::{Arrow, Placed, Unique};
use super::reach::Reach;
use super::shape::{How, StageShape};

/// Rules, stages and arrows, all laid.
#[derive(Clone, Copy)]
pub(super) struct Net<'n, 'a> {
    pub(super) rules: &'n [Placed<'a>],
    pub(super) stages: &'n [StageShape<'a>],
    pub(super) arrows: &'n [Arrow],
    /// The first arrow from each stage.
    pub(super) first: &'n [usize],
}

/// Which arrows count.
#[derive(Clone, Copy, Debug)]
pub(super) enum Relation {
    /// All: whatever is added keeps a stage open in the whole run.
    All,
    /// Those that may let something be added below the node that a rule is applied to.
    Below,
    /// Those that nothing bounds.
    Growth,
}

/// Where something is added. A point is a stage and a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Anywhere,
    /// Below the node that the rule is applied to from which the way starts.
    Below,
}

/// How many points a stage has.
pub(super) const PLACES: usize = 2;

impl Place {
    const fn of(self, stage: usize) -> usize {
        stage * PLACES + matches!(self, Self::Below) as usize
    }
}

impl Relation {
    const fn start(self) -> Place {
        match self {
            Self::All | Self::Growth => Place::Anywhere,
            Self::Below => Place::Below,
        }
    }

    /// Where something is added when a node of the arrow's first stage is at `place`.
    ///
    /// What a rule adds that fires once in the whole run is below no node. What a rule adds that waits for something in the
    /// whole run may be: for a node that was below and waiting before.
    const fn step(self, arrow: &Arrow, place: Place) -> Option<Place> {
        match self {
            Self::All => Some(Place::Anywhere),
            Self::Growth if arrow.grows => Some(Place::Anywhere),
            Self::Growth => None,
            Self::Below if arrow.apart => Some(Place::Anywhere),
            Self::Below if matches!(arrow.how, How::Count | How::Closed) => Some(Place::Below),
            Self::Below => Some(place),
        }
    }

    const fn draw<'r>(self, bits: &'r mut [u64], arrows: &[Arrow], stages: usize) -> Reach<'r> {
        let mut reach = Reach::new(bits, stages * PLACES);
        let mut at = 0;
        while at < arrows.len() {
            let arrow = &arrows[at];
            at += 1;
            self.draw_one(&mut reach, arrow, Place::Anywhere);
            if let Place::Below = self.start() {
                self.draw_one(&mut reach, arrow, Place::Below);
            }
        }
        reach.close(stages * PLACES);
        reach
    }

    const fn draw_one(self, reach: &mut Reach<'_>, arrow: &Arrow, from: Place) {
        if let Some(to) = self.step(arrow, from) {
            reach.lead(from.of(arrow.from), to.of(arrow.to));
        }
    }

    /// Whether the arrow, taken first, leads back to where it starts from.
    const fn returns(self, arrow: &Arrow, reach: &Reach<'_>) -> bool {
        match self.step(arrow, self.start()) {
            Some(place) => reach.leads(place.of(arrow.to), self.start().of(arrow.from)),
            None => false,
        }
    }
}

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
    /// Two squares of [`Reach`].
    pub(super) squares: (&'f mut [u64], &'f mut [u64]),
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
        self.bound(arrows, stages.len());
        let net = Net { rules, stages, arrows, first };
        self.find_growing(net);
        self.find_closing(net);
    }

    /// Finds out which arrows nothing bounds: neither `within N` nor a key; and a key below each node of a stage does
    /// not, when such nodes are themselves added on the way round.
    ///
    /// Every arrow that may be is taken for unbounded, until no more of them can be shown to be bounded.
    const fn bound(&mut self, arrows: &mut [Arrow], stages: usize) {
        let mut before = Reach::new(self.squares.0, stages * PLACES);
        let mut first = true;
        loop {
            let mut under = false;
            let mut at = 0;
            while at < arrows.len() {
                let Arrow { from, to, how, unique, within, .. } = arrows[at];
                let keyed = match unique {
                    Unique::Nowhere => false,
                    Unique::Run => true,
                    Unique::Under(group) => {
                        under = true;
                        let place = Place::Anywhere;
                        let (to, group, from) = (place.of(to), place.of(group), place.of(from));
                        !(first || before.leads(to, group) && before.leads(group, from))
                    }
                };
                arrows[at].grows = how.is_each() && !within && !keyed;
                at += 1;
            }
            let now = Relation::Growth.draw(self.squares.1, arrows, stages);
            if !under || !before.become_other(&now) {
                return;
            }
            first = false;
        }
    }

    const fn find_growing(&mut self, net: Net<'_, '_>) {
        let growth = Relation::Growth.draw(self.squares.0, net.arrows, net.stages.len());
        let mut at = 0;
        while at < net.arrows.len() {
            let arrow = &net.arrows[at];
            let Arrow { from, by, how, .. } = *arrow;
            at += 1;
            let rule = by.rule();
            let known = match rule {
                Some(rule) => self.growing[rule].is_some(),
                None => self.inside[from].is_some(),
            };
            if known || !Relation::Growth.returns(arrow, &growth) {
                continue;
            }
            let fault = Fault { rule, stage: from, how, relation: Relation::Growth };
            let steps = net.way_round(fault, self.way.0, self.way.1);
            if !is_new(self.way.0.split_at(steps).0, self.told) {
                continue;
            }
            match rule {
                Some(rule) => self.growing[rule] = Some(fault),
                None => self.inside[from] = Some(fault),
            }
        }
    }

    const fn find_closing(&mut self, net: Net<'_, '_>) {
        let all = Relation::All.draw(self.squares.0, net.arrows, net.stages.len());
        let below = Relation::Below.draw(self.squares.1, net.arrows, net.stages.len());
        let mut at = 0;
        while at < net.arrows.len() {
            let arrow = &net.arrows[at];
            at += 1;
            let (relation, reach) = match arrow.how {
                How::Closed => (Relation::All, &all),
                How::Below(_) => (Relation::Below, &below),
                _ => continue,
            };
            let Some(rule) = arrow.by.rule() else { continue };
            if self.closing[rule].is_none() && relation.returns(arrow, reach) {
                self.closing[rule] = Some(Fault { rule: Some(rule), stage: arrow.from, how: arrow.how, relation });
            }
        }
    }
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
    /// The shortest way round, as places of arrows, at the beginning of `path`; and how many there are.
    ///
    /// `path` and `came` have a place for each point.
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
            (from, place) = (point / PLACES, if point % PLACES == 0 { Place::Anywhere } else { Place::Below });
            next += 1;
        }
        self.backwards(goal, path, came)
    }

    /// The way to a point, from its start, at the beginning of `path`; and how long it is.
    const fn backwards(self, goal: usize, path: &mut [usize], came: &[Came]) -> usize {
        let (mut length, mut point) = (0, goal);
        while point != Came::START {
            path[length] = came[point].by;
            point = came[point].from;
            length += 1;
        }
        let mut at = 0;
        while at < length / 2 {
            let other = path[length - 1 - at];
            path[length - 1 - at] = path[at];
            path[at] = other;
            at += 1;
        }
        length
    }
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
