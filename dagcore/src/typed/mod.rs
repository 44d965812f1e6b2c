//! What a program is written in: handles, calls, inputs, conditions, rules and growths, all typed.
//!
//! Everything here turns into the plain data of [`crate::dag`] and the jobs of [`crate::port`].

mod allows;
mod batch;
mod call;
mod condition;
mod context;
mod each;
mod growth;
mod input;
mod inputs;
mod map;
mod meta;
mod node;
mod outcome;
mod rule;
mod stage;
mod view;

pub use allows::{Allows, Anything, Keyed, Mark, NoStage, NoStageEither};
pub(crate) use batch::Adder;
pub use batch::{Batch, Host, KeyedNode, Rule, RuleBody};
pub use call::{Call, StageCall, call};
pub use condition::{
    And, Condition, Found, RuleDraft, and, closed, count, count_done, done, failed, handle, named, predicate, settled,
};
pub use context::{Grows, Inside, NoGrowth, StageContext};
pub use each::{each, each_failed};
pub use growth::Growth;
pub use input::{Input, IntoInput, Loaded};
pub use inputs::Inputs;
pub use meta::{NotRule, NotStage, RuleProbe, StageProbe};
pub use node::{AnyNode, Node, Tag, TagId};
pub use outcome::{Gathered, Outcome};
pub use rule::{Adding, BodyEnd, RuleHead, RuleItem, Rules, each_rule, once_rule};
pub use stage::{
    Kind, NotResult, Probe, Same, Stage, assert_not_result, by_value, fallible, infallible, kind, start_async,
    start_now,
};
pub use view::View;
