//! The pure house: everything that is true of a run, and nothing else.
//!
//! The engine drives it, the typed layer reads it. It knows no tokio, no clock, no input or output, and it
//! never panics on what it is told: time is an argument, and all that can happen is one [`Event`].
//!
//! A program meets little of it: what a report says, and its [`Graph`]. The rest is for those who watch runs, keep
//! them, or drive the machine by hand, and has this one example:
//!
//! ```
//! use dagcore::dag::{Additions, Edge, Event, Machine, Need, NodeId, NodeState, Place, StageId, StageInfo, Time};
//!
//! let stage = StageId::from_index(0);
//! let mut machine = Machine::new(|_| StageInfo::new("step", Place::Async));
//!
//! let mut additions = Additions::default();
//! additions.node(stage, [], None);
//! additions.node(stage, [Edge { from: NodeId::from_index(0), need: Need::Success }], None);
//! machine.apply(&Event::Added { additions })?;
//! machine.apply(&Event::RunStarted { at: Time::START })?;
//!
//! while let Some(node) = machine.take_ready(Place::Async) {
//!     machine.apply(&Event::Started { node, at: Time::START })?;
//!     machine.apply(&Event::Succeeded { node, at: Time::START })?;
//! }
//! assert_eq!(machine.graph().state(NodeId::from_index(1)), Some(NodeState::Succeeded));
//! // A node does not end twice.
//! assert!(machine.apply(&Event::Succeeded { node: NodeId::from_index(1), at: Time::START }).is_err());
//! # Ok::<(), dagcore::dag::Refused>(())
//! ```

mod adds;
mod attempts;
mod caps;
mod closing;
mod event;
mod explain;
mod failure;
mod few;
mod graph;
mod groups;
mod id;
mod kept_open;
mod key;
mod kind;
mod labels;
mod laws;
mod line;
mod lineage;
mod machine;
mod order;
mod output;
mod path;
mod possible;
mod prints;
mod progress;
mod rank;
mod reading;
mod rest;
mod rule;
mod skip;
mod text;
mod tolerance;
mod turns;
mod unfired;
mod validated;
mod waiting;
mod watch;

pub use adds::{Addition, Adds, Keying};
pub use attempts::Attempt;
pub use caps::Caps;
pub use event::{Additions, Edge, Event, Label, Need, NewNode, Reads, Unwanted};
pub use explain::{Hold, NodeExplanation, RuleExplanation, RuleState};
pub use failure::{Cause, NodeError, NotRetried, RuleError};
pub(crate) use failure::{or_if_it_panics, quietly};
pub use few::{Few, NodeNow};
pub use graph::Graph;
pub use id::{FiringId, NodeId, RuleId, StageId, Time};
pub use kept_open::{KeptOpen, Pending};
pub(crate) use key::{Key, KeyedNode};
pub use kind::{NodeState, Place, StageInfo};
#[doc(hidden)]
pub(crate) use laws::KnownRules;
pub use laws::unlawful;
pub use laws::{
    Added, Entry, How, Keys, KnownRule, Laws, Listed, RuleShape, StageKey, StageShape, Wait, assert_lawful, laws,
};
pub use machine::{Due, Machine, Refused};
pub(crate) use output::Dropped;
pub use output::{Outputs, Value};
pub use path::Paths;
pub use possible::{
    ArrowEnd, ArrowKind, Multiplicity, Possible, PossibleArrow, PossibleRule, PossibleStage, StageCount,
};
pub use prints::{Print, Prints};
pub use progress::{Counts, Progress, StageProgress};
pub use rank::Rank;
#[doc(hidden)]
pub use rule::Declared;
pub use rule::{Below, Binding, Condition, Each, RuleSpec};
#[cfg(feature = "json")]
pub(crate) use text::is_hostile;
pub use text::{Message, Name, Plain};
pub use tolerance::Tolerance;
pub(crate) use tolerance::Tolerated;
pub use turns::{Order, Ranking};
pub use unfired::{BelowNode, BelowWait, LastLook, StageNow, Unfired};
pub use validated::{Disorder, OutOfOrder};
