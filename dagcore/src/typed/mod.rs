//! The typed interface of programs: handles, calls, inputs, conditions, rules and growth.
//!
//! All of it is converted into the plain data of [`crate::dag`] and the jobs of [`crate::port`].

mod adding;
mod allows;
mod batch;
mod call;
mod condition;
mod context;
mod draft;
mod each;
mod growth;
mod inline;
mod input;
mod inputs;
mod item;
mod job;
mod lend;
mod map;
mod meta;
mod node;
mod outcome;
mod print;
mod rule;
mod shared;
mod signature;
mod stage;
mod under;
mod view;

pub use adding::{Adding, AsRule, AsRules, AsStage, HasKeys, HasNodes, Names};
pub use allows::{Allows, Anything, Keyed, Mark, NoStage, NoStageEither, OfRule};
pub(crate) use batch::Adder;
pub use batch::{Batch, Host, Rule, RuleBody};
pub use call::{Call, IntoNodes, StageCall, call};
pub use condition::{
    And, Condition, Found, and, closed, count, count_done, done, failed, handle, named, predicate, settled,
};
pub use context::{Context, NoGrowth, StageContext, context};
pub(crate) use context::{Grows, Inside};
pub use draft::RuleDraft;
pub use each::{each, each_failed};
pub use growth::Growth;
pub(crate) use growth::Who;
pub use inline::InlineRule;
pub use input::{Input, IntoInput};
pub use inputs::Inputs;
pub use item::{AllowedBy, RegisteredBy, Registers, RuleItem, Rules};
pub use job::mock;
pub use lend::{Lend, Owned, lend};
pub use meta::{NotRule, NotStage, RuleProbe, StageProbe};
pub use node::{AnyNode, Node, Tag, TagId};
pub use outcome::{Gathered, Outcome};
pub use print::{Printer, Unprinted};
pub use rule::{BodyEnd, RuleHead, each_rule, once_rule};
pub use signature::{Either, Plain, Probe, Returns, assert_no_context};
pub use stage::{
    Kind, Same, Stage, at_least_one, by_value, fallible, infallible, kind, stage_id, start_async, start_now,
};
pub use under::{closed_under, done_under, settled_under};
pub use view::View;
