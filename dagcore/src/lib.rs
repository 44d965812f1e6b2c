#![doc = include_str!("guide.md")]

extern crate self as dagcore;

#[doc = include_str!("coming.md")]
pub mod coming_from_adage_and_pydags {}
pub mod dag;
mod engine;
mod error;
pub mod port;
mod registry;
mod report;
mod run;
#[cfg(feature = "signal")]
mod signals;
#[cfg(feature = "testing")]
pub mod testing;
pub mod track;
mod typed;
pub mod view;
mod workflow;

pub use dag::BriefEvent as Event;
pub use dag::{
    Attempt, Cause, GrowthLimits, NodeError, NodeExplanation, NodeState, Possible, Progress, RuleError,
    RuleExplanation, StartOrder, Tolerance, Unfired,
};
/// Lists rules that were declared as items, to register them together with [`Workflow::rules`].
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn item(n: u32) -> u32 {
///     n
/// }
///
/// #[stage]
/// fn total(items: Vec<u32>) -> u32 {
///     items.iter().sum()
/// }
///
/// rule! {
///     sum: when closed(item), adds [total],
///     then |grow, items| { grow.add(total::new(items)); }
/// }
///
/// let mut flow = Workflow::new("sum").rules(rules![sum]);
/// flow.add(item::new(1_u32));
/// flow.add(item::new(2_u32));
/// assert_eq!(*flow.run_blocking()?.only::<total>()?, 3);
/// # Ok::<(), dagcore::Error>(())
/// ```
pub use dagmacros::rules;
pub use dagmacros::{rule, stage};
pub use engine::Update;
pub use error::{AppendError, AppendErrorKind, BuildError, Error, ScheduleError};
pub use port::{AttemptPolicy, Backoff, Choice, Decider, End, Rate, RunSnapshot, Tracker, TrackerReport};
pub use report::{OutputError, Report};
pub use run::{Events, Run};
pub use typed::{
    Allows, AnyNode, Call, Gathered, Growth, InlineRule, IntoInput, IntoNodes, Node, OfRule, Outcome, Rule, RuleItem,
    Rules, Stage, StageCall, StageContext, View,
};
pub use workflow::Workflow;

/// The names that most programs need: `use dagcore::prelude::*;`.
pub mod prelude {
    pub use crate::{
        Allows, Gathered, Growth, Node, NodeError, NodeState, Outcome, Report, Rule, StageContext, View, Workflow,
        rule, rules, stage,
    };
}

/// Support code for the macros. Not public API: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::dag::{
        Added, Below, Entry, How, Keys, KnownRule, Laws, Listed, NodeError, Place, Prints, Rank, RuleShape, StageKey,
        Wait, assert_lawful, laws,
    };
    pub use crate::port::{AttemptPolicy, Needs, Rate, StageSpec, Started, Starting};
    pub use crate::typed::*;
}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
