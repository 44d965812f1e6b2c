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
    /// Those whose additions are below the node that they start from. What has a key that is unique in the run is
    /// below none, and neither is what a rule adds that fires once in the whole run.
    Below,
    /// Those that nothing bounds.
    Growth,
}

impl Relation {
    const fn has(self, arrow: &Arrow) -> bool {
        match self {
            Self::All => true,
            Self::Below => !arrow.apart && !matches!(arrow.unique, Unique::Run),
            Self::Growth => arrow.grows,
        }
    }

    const fn draw<'r>(self, bits: &'r mut [u64], arrows: &[Arrow], stages: usize) -> Reach<'r> {
        let mut reach = Reach::new(bits, stages);
        let mut at = 0;
        while at < arrows.len() {
            if self.has(&arrows[at]) {
                reach.lead(arrows[at].from, arrows[at].to);
            }
            at += 1;
        }
        reach.close(stages);
        reach
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
    pub(super) way: (&'f mut [usize], &'f mut [usize]),
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
        let mut before = Reach::new(self.squares.0, stages);
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
            let Arrow { from, to, by, how, grows, .. } = net.arrows[at];
            at += 1;
            let rule = by.rule();
            let known = match rule {
                Some(rule) => self.growing[rule].is_some(),
                None => self.inside[from].is_some(),
            };
            if known || !grows || !growth.leads(to, from) {
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
            if self.closing[rule].is_none() && relation.has(arrow) && reach.leads(arrow.to, arrow.from) {
                self.closing[rule] = Some(Fault { rule: Some(rule), stage: arrow.from, how: arrow.how, relation });
            }
        }
    }
}

impl Net<'_, '_> {
    /// The shortest way round, as places of arrows, at the beginning of `path`; and how many there are.
    ///
    /// `path` and `came` have a place for each stage.
    pub(super) const fn way_round(self, fault: Fault, path: &mut [usize], came: &mut [usize]) -> usize {
        const NOT_YET: usize = usize::MAX;
        let mut at = 0;
        while at < came.len() {
            came[at] = NOT_YET;
            at += 1;
        }
        // Until the way is found, `path` holds the stages that it may lead over.
        let (mut next, mut seen) = (0, 0);
        let mut from = fault.stage;
        while came[fault.stage] == NOT_YET {
            let mut at = self.first[from];
            while at != Arrow::LAST {
                let arrow = &self.arrows[at];
                let starts = next > 0 || arrow.is_by(fault.rule);
                if starts && fault.relation.has(arrow) && came[arrow.to] == NOT_YET {
                    came[arrow.to] = at;
                    path[seen] = arrow.to;
                    seen += 1;
                }
                at = arrow.next;
            }
            if next == seen {
                return 0;
            }
            from = path[next];
            next += 1;
        }
        let (mut length, mut to) = (0, fault.stage);
        while length == 0 || to != fault.stage {
            path[length] = came[to];
            to = self.arrows[came[to]].from;
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
