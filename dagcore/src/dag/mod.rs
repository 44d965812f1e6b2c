//! The pure core: the complete state of a run, as a state machine.
//!
//! The engine drives it, and the typed layer reads it. It does not depend on tokio, a clock, input or output, and it
//! never panics on its input: time is an argument, and all that can happen is one [`Event`].
//!
//! Most programs use only a small part of it: the types that a report returns, and its [`Graph`]. The rest is for
//! programs that observe runs, store them, or drive the machine directly, as in this example:
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
//! machine.apply(&Event::Added { additions, at: Time::START })?;
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

mod admission;
mod base;
mod closing;
mod event;
mod explain;
mod graph;
mod machine;
mod possible;
mod rule_check;
mod rules;

pub use admission::start_order::{Ranking, StartOrder};
pub use admission::tolerance::Tolerance;
pub(crate) use admission::tolerance::Tolerated;
pub use base::declared_additions::{Addition, Adds, Keying};
pub use base::errors::{Cause, NodeError, NotRetried, RuleError};
pub(crate) use base::errors::{or_if_it_panics, quietly};
#[cfg(feature = "json")]
pub(crate) use base::escaping::is_hostile;
pub use base::escaping::{Message, Name, Plain};
pub use base::fingerprints::{Print, Prints};
pub use base::first_few::{Few, NodeNow};
pub use base::growth_limits::GrowthLimits;
pub use base::ids::{FiringId, NodeId, RuleId, StageId, Time};
pub(crate) use base::keys::{Key, KeyedNode};
pub use base::node_state::NodeState;
pub use base::priority::Rank;
pub use base::stage_info::{Place, StageInfo};
pub use event::{Brief, BriefEvent, CancelScope, Event, Full, NewNodes, Payload};
pub use explain::explanation::{Hold, NodeExplanation, RuleExplanation, RuleState};
pub use explain::kept_open::{KeptOpen, Pending};
pub use explain::progress::{Counts, Progress, StageProgress};
pub use explain::unfired_rules::{BelowNode, BelowWait, LastLook, StageNow, Unfired};
pub use graph::Graph;
pub use graph::additions::{Additions, Label, NewNode};
pub use graph::edge::{Edge, Need};
pub use graph::failed_attempts::Attempt;
pub use graph::order_check::{Disorder, OutOfOrder};
pub(crate) use graph::outputs::Dropped;
pub use graph::outputs::{Outputs, Value};
pub use graph::paths::Paths;
pub use machine::{Due, Machine, Refused};
pub use possible::{
    ArrowEnd, ArrowKind, Multiplicity, Possible, PossibleArrow, PossibleRule, PossibleStage, StageCount,
};
#[doc(hidden)]
pub(crate) use rule_check::KnownRules;
pub use rule_check::unlawful;
pub use rule_check::{
    Added, Entry, How, Keys, KnownRule, Laws, Listed, RuleShape, StageKey, StageShape, Wait, assert_lawful, laws,
};
pub use rules::predicate_reads::Reads;
#[doc(hidden)]
pub use rules::rule_spec::Declared;
pub use rules::rule_spec::{Below, Binding, Condition, Each, RuleSpec};
