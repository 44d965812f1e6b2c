//! From rules and stages to arrows: who lets which nodes of one stage bring about nodes of another.
//!
//! Everything in this room but the entrance is a `const fn` over slices: the compiler runs it for a `rules![..]`, with
//! arrays, and a program when a workflow is built, with vectors. So both say the same.

use super::shapes::{Added, How, Keys, RuleShape, StageKey, StageShape};

/// A rule in a check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'a> {
    pub(super) shape: RuleShape<'a>,
    /// The rule whose body registers it, if that is known.
    pub(super) outer: Option<usize>,
}

impl Placed<'_> {
    pub(super) const NONE: Self = Self { shape: RuleShape::NONE, outer: None };
}

/// Who adds.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    /// A node of the stage that the arrow starts from, while it runs.
    Stage,
    Rule(usize),
    /// A rule, through one that its body registers.
    Inner(usize, usize),
}

impl By {
    /// The rule whose firing it is.
    pub(super) const fn rule(self) -> Option<usize> {
        match self {
            Self::Stage => None,
            Self::Rule(rule) | Self::Inner(rule, _) => Some(rule),
        }
    }
}

/// Where keys are unique; a stage is known by its position.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unique {
    Nowhere,
    Run,
    Under(usize),
}

/// Nodes of one stage may bring about nodes of another. Stages are known by their positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) by: By,
    pub(super) how: How,
    pub(super) unique: Unique,
    /// Whether it has a `within N`.
    pub(super) within: bool,
    /// Whether what is added is below no node.
    pub(super) apart: bool,
    /// Whether nothing bounds it.
    pub(super) grows: bool,
    /// The next one that starts from the same stage, or [`Self::LAST`].
    pub(super) next: usize,
}

impl Arrow {
    pub(super) const NONE: Self = Self {
        from: 0,
        to: 0,
        by: By::Stage,
        how: How::Each,
        unique: Unique::Nowhere,
        within: false,
        apart: false,
        grows: false,
        next: Self::LAST,
    };

    /// Stands for "no arrow".
    pub(super) const LAST: usize = usize::MAX;

    /// Whether it is a firing of this rule, or of none.
    pub(super) const fn is_by(&self, rule: Option<usize>) -> bool {
        match (self.by.rule(), rule) {
            (None, None) => true,
            (Some(by), Some(rule)) => by == rule,
            _ => false,
        }
    }
}

/// Room for the stages and arrows of some rules. It may turn out to be too small.
pub(super) struct Room<'r, 'a> {
    pub(super) stages: &'r mut [StageShape<'a>],
    /// How many stages there are; some may be there before the first rule.
    pub(super) known: usize,
    pub(super) arrows: &'r mut [Arrow],
    pub(super) laid: usize,
    /// The first arrow from each stage, or [`Arrow::LAST`].
    pub(super) first: &'r mut [usize],
    pub(super) full: bool,
}

impl<'a> Room<'_, 'a> {
    /// Lays the arrows of all the rules, and of all the stages that they mention.
    pub(super) const fn lay(&mut self, rules: &[Placed<'a>]) {
        let mut at = 0;
        while at < rules.len() {
            self.rule(rules, at, at);
            if let Some(outer) = rules[at].outer {
                self.rule(rules, outer, at);
            }
            at += 1;
        }
        let mut from = 0;
        while from < self.known {
            let adds = self.stages[from].adds;
            let mut at = 0;
            while at < adds.len() {
                let Added { stage, keys } = adds[at];
                self.arrow(Arrow { from, ..Arrow::NONE }, StageShape::new(stage, &[]), keys);
                at += 1;
            }
            from += 1;
        }
        self.link();
    }

    const fn link(&mut self) {
        let mut stage = 0;
        while stage < self.known {
            self.first[stage] = Arrow::LAST;
            stage += 1;
        }
        let mut at = self.laid;
        while at > 0 {
            at -= 1;
            let from = self.arrows[at].from;
            self.arrows[at].next = self.first[from];
            self.first[from] = at;
        }
    }

    /// What `adding` adds when `rule` fires: the rule itself, or one that its body registers.
    const fn rule(&mut self, rules: &[Placed<'a>], rule: usize, adding: usize) {
        let Placed { shape, outer } = rules[rule];
        let by = if rule == adding { By::Rule(rule) } else { By::Inner(rule, adding) };
        let apart = shape.apart && outer.is_none();
        let mut at = 0;
        while at < shape.waits.len() {
            let wait = shape.waits[at];
            at += 1;
            let Some(from) = self.index(wait.stage) else { continue };
            let start = Arrow { from, by, how: wait.how, within: shape.within, apart, ..Arrow::NONE };
            let adds = rules[adding].shape.adds;
            let mut entry = 0;
            while entry < adds.len() {
                self.arrow(start, adds[entry].stage, adds[entry].keys);
                entry += 1;
            }
        }
    }

    const fn arrow(&mut self, start: Arrow, to: StageShape<'a>, keys: Keys<'a>) {
        let Some(to) = self.index(to) else { return };
        let unique = match keys {
            Keys::No => Unique::Nowhere,
            Keys::Run => Unique::Run,
            Keys::Under(group) => match self.index(StageShape::new(group, &[])) {
                Some(group) => Unique::Under(group),
                None => Unique::Nowhere,
            },
        };
        if self.laid == self.arrows.len() {
            self.full = true;
            return;
        }
        self.arrows[self.laid] = Arrow { to, unique, ..start };
        self.laid += 1;
    }

    /// The position of a stage; `None` when nothing is known of it, or there is no room.
    const fn index(&mut self, stage: StageShape<'a>) -> Option<usize> {
        if stage.key.id == StageKey::UNKNOWN.id {
            return None;
        }
        let mut at = 0;
        while at < self.known {
            if self.stages[at].key.id == stage.key.id {
                if self.stages[at].adds.is_empty() {
                    self.stages[at] = stage; // what mentioned it before may not have known what its nodes add
                }
                return Some(at);
            }
            at += 1;
        }
        if self.known == self.stages.len() {
            self.full = true;
            return None;
        }
        self.stages[at] = stage;
        self.known += 1;
        Some(at)
    }
}
