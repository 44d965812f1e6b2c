//! Derives arrows from rules and stages: which rule or stage lets nodes of one stage bring about nodes of another.
//!
//! Everything in this folder except the entry point is a `const fn` over slices. The compiler runs it for a
//! `rules![..]`, with arrays, and a program runs it when a workflow is built, with vectors. So both report the same.

use super::shapes::{Added, How, Keys, RuleShape, StageKey, StageShape};

/// A rule in a check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'a> {
    pub(super) shape: RuleShape<'a>,
    /// The rule whose body registers it, if known.
    pub(super) outer: Option<usize>,
}

impl Placed<'_> {
    pub(super) const NONE: Self = Self { shape: RuleShape::NONE, outer: None };
}

/// The origin of an addition.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    /// A node of the stage that the arrow starts from, while it runs.
    Stage,
    Rule(usize),
    /// A rule, through one that its body registers.
    Inner(usize, usize),
}

impl By {
    /// Returns the rule whose firing it is.
    pub(super) const fn rule(self) -> Option<usize> {
        match self {
            Self::Stage => None,
            Self::Rule(rule) | Self::Inner(rule, _) => Some(rule),
        }
    }
}

/// The scope in which keys are unique; a stage is identified by its position.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unique {
    Nowhere,
    Run,
    Under(usize),
}

/// An arrow: nodes of one stage may bring about nodes of another. Stages are identified by their positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) by: By,
    pub(super) how: How,
    pub(super) unique: Unique,
    /// `true` if it has a `within N`.
    pub(super) within: bool,
    /// `true` if the additions are below no node.
    pub(super) apart: bool,
    /// `true` if nothing bounds it.
    pub(super) grows: bool,
    /// The next arrow that starts from the same stage, or [`Self::LAST`].
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

    /// Represents "no arrow".
    pub(super) const LAST: usize = usize::MAX;

    /// Returns `true` if it is a firing of this rule, or if both are of no rule.
    pub(super) const fn is_by(&self, rule: Option<usize>) -> bool {
        match (self.by.rule(), rule) {
            (None, None) => true,
            (Some(by), Some(rule)) => by == rule,
            _ => false,
        }
    }
}

/// Buffers for the stages and arrows of some rules. `full` is set if they are too small.
pub(super) struct Room<'r, 'a> {
    pub(super) stages: &'r mut [StageShape<'a>],
    /// The number of stages; some may be present before the first rule.
    pub(super) known: usize,
    pub(super) arrows: &'r mut [Arrow],
    pub(super) laid: usize,
    /// The first arrow from each stage, or [`Arrow::LAST`].
    pub(super) first: &'r mut [usize],
    pub(super) full: bool,
}

impl<'a> Room<'_, 'a> {
    /// Adds the arrows of all rules, and of all stages that they mention.
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

    /// Adds the arrows for the additions of `adding` when `rule` fires: the rule itself, or one that its body
    /// registers.
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

    /// Returns the position of a stage; `None` if the stage is unknown, or the buffer is full.
    const fn index(&mut self, stage: StageShape<'a>) -> Option<usize> {
        if stage.key.id == StageKey::UNKNOWN.id {
            return None;
        }
        let mut at = 0;
        while at < self.known {
            if self.stages[at].key.id == stage.key.id {
                if self.stages[at].adds.is_empty() {
                    self.stages[at] = stage; // an earlier mention may not have known the additions of its nodes
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
