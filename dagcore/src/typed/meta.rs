//! Compile-time data about stages and rules, by which the compiler checks a list of rules against the laws.
//!
//! A path in a rule may name a stage or a rule, or neither by mistake. The probes here have no trait bound, so that
//! such a mistake is reported once, where it matters, and not here as well.

use super::item::RuleItem;
use super::stage::Stage;
use crate::dag::{KnownRule, StageKey, StageShape};
use std::marker::PhantomData;

/// Looks up the data of a type as a stage, without a trait bound.
pub struct StageProbe<T: ?Sized>(PhantomData<T>);

impl<S: Stage> StageProbe<S> {
    /// The key of the stage.
    pub const KEY: StageKey<'static> = S::KEY;
    /// The key of the stage, and its declared additions.
    pub const SHAPE: StageShape<'static> = StageShape::new(S::KEY, S::ADDS);
}

/// The fallback for types that are not stages.
pub trait NotStage {
    /// No data.
    const KEY: StageKey<'static> = StageKey::UNKNOWN;
    /// No data.
    const SHAPE: StageShape<'static> = StageShape::UNKNOWN;
}

impl<T: ?Sized> NotStage for StageProbe<T> {}

/// Looks up the data of a type as a rule, without a trait bound.
pub struct RuleProbe<T: ?Sized>(PhantomData<T>);

impl<R: RuleItem> RuleProbe<R> {
    /// The shape of the rule.
    pub const SHAPE: KnownRule = R::SHAPE;
    /// The rules that its body registers.
    pub const INNER: &'static [KnownRule] = R::INNER;
}

/// The fallback for types that are not rules.
pub trait NotRule {
    /// No data.
    const SHAPE: KnownRule = None;
    /// No data.
    const INNER: &'static [KnownRule] = &[];
}

impl<T: ?Sized> NotRule for RuleProbe<T> {}
