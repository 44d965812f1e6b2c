//! Models of the races of a run: the engine's own files, compiled with the locks and atomics of the model checker `loom`, which
//! executes each scenario in all orders of the threads' steps.
//!
//! All orders in which threads are interrupted up to three times are executed; `DAGCORE_INTERRUPTIONS=4 cargo test -p tests --test models`
//! is the long run.
//!
//! This file mirrors `dagcore/src/lib.rs` and `dagcore/src/engine/mod.rs`: a file that is added to the engine is added here, too.
//! Only two of the files are replaced: `sync.rs`, by loom's primitives, and `own_threads.rs`, by one that starts no thread.

#![expect(
    dead_code,
    unexpected_cfgs,
    unreachable_pub,
    unused_imports,
    reason = "the models use a part of the library, without features"
)]

extern crate self as dagcore;

/// The library's own files.
#[expect(
    clippy::collapsible_if,
    clippy::manual_is_multiple_of,
    reason = "the library's oldest compiler is older than that of the tests"
)]
#[path = "../dagcore/src"]
mod sources {
    pub mod dag;
    pub mod error;
    pub mod port;
    pub mod registry;
    pub mod report;
    pub mod run;
    pub mod track;
    pub mod typed;
    pub mod view;
    pub mod workflow;

    pub mod engine {
        mod drivers;

        mod parts {
            pub(super) mod after_unlock;
            pub(super) mod cancel_signal;
            pub(super) mod clock;
            pub(super) mod idle_detection;
            pub(super) mod locked_calls;
            #[path = "../../../../tests/models/own_threads.rs"]
            pub(super) mod own_threads;
            pub(super) mod recheck_timer;
            pub(super) mod stage_durations;
            pub(super) mod start_barrier;
            #[path = "../../../../tests/models/sync.rs"]
            pub(super) mod sync;
            pub(super) mod wake_list;
            pub(super) mod worker_pool;
            pub(super) mod worker_queue;
        }

        mod state;

        /// The scenarios, inside the engine as they use what it keeps to itself.
        #[path = "../../../tests/models/checks/mod.rs"]
        mod checks;

        pub(crate) use drivers::additions::adding_threads::is_adding_to_any;
        pub(crate) use drivers::program::Program;
        pub(crate) use drivers::run::{Going, Plan};
        pub(crate) use state::observers::event_streams::Following;
        pub use state::observers::event_streams::Update;
        pub(crate) use state::settings::Settings;
    }
}

use sources::{dag, engine, error, port, registry, report, run, track, typed, view, workflow};

pub use dag::BriefEvent as Event;
pub use dag::{
    Attempt, Cause, GrowthLimits, NodeError, NodeExplanation, NodeState, Possible, Progress, RuleError,
    RuleExplanation, StartOrder, Tolerance, Unfired,
};
pub use dagmacros::{rule, rules, stage};
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

/// What most programs need: `use dagcore::prelude::*;`.
pub mod prelude {
    pub use crate::{
        Allows, Gathered, Growth, Node, NodeError, NodeState, Outcome, Report, Rule, StageContext, View, Workflow,
        rule, rules, stage,
    };
}

/// What the macros write calls of. Not for programs: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::dag::{
        Added, Below, Entry, How, Keys, KnownRule, Laws, Listed, NodeError, Place, Prints, Rank, RuleShape, StageKey,
        Wait, assert_lawful, laws,
    };
    pub use crate::port::{AttemptPolicy, Needs, Rate, StageSpec, Started, Starting};
    pub use crate::typed::*;
}
