//! What the compiler knows of stages and rules, so that it can hold a list of rules to the laws.
//!
//! A path in a rule may be a stage or a rule, or by mistake neither. The probes here ask without a bound, so that what is
//! neither is told of once, where it matters, and not here as well.

use super::item::RuleItem;
use super::stage::Stage;
use crate::dag::{KnownRule, StageKey, StageShape};
use std::marker::PhantomData;

/// Asks, without a bound, what is known of a type as a stage.
pub struct StageProbe<T: ?Sized>(PhantomData<T>);

impl<S: Stage> StageProbe<S> {
    /// Its key.
    pub const KEY: StageKey<'static> = S::KEY;
    /// And what its nodes add.
    pub const SHAPE: StageShape<'static> = StageShape::new(S::KEY, S::ADDS);
}

/// The answer for what is no stage.
pub trait NotStage {
    /// Nothing.
    const KEY: StageKey<'static> = StageKey::UNKNOWN;
    /// Nothing.
    const SHAPE: StageShape<'static> = StageShape::UNKNOWN;
}

impl<T: ?Sized> NotStage for StageProbe<T> {}

/// Asks, without a bound, what is known of a type as a rule.
pub struct RuleProbe<T: ?Sized>(PhantomData<T>);

impl<R: RuleItem> RuleProbe<R> {
    /// The rule.
    pub const SHAPE: KnownRule = R::SHAPE;
    /// What its body registers.
    pub const INNER: &'static [KnownRule] = R::INNER;
}

/// The answer for what is no rule.
pub trait NotRule {
    /// Nothing.
    const SHAPE: KnownRule = None;
    /// Nothing.
    const INNER: &'static [KnownRule] = &[];
}

impl<T: ?Sized> NotRule for RuleProbe<T> {}
