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
        mod adders;
        mod adding;
        mod admit;
        mod alarm;
        mod attempts;
        mod busy;
        mod clock;
        mod crew;
        mod deciding;
        mod deck;
        mod drive;
        mod feed;
        mod gate;
        mod growing;
        mod hands;
        mod helm;
        mod help;
        mod idle;
        mod inside;
        mod job;
        mod judge;
        mod later;
        mod let_go;
        mod locked_calls;
        mod locking;
        mod look;
        mod needing;
        mod noting;
        mod outside;
        #[path = "../../../tests/models/own_threads.rs"]
        mod own_threads;
        mod program;
        mod recalling;
        mod resources;
        mod run;
        mod running;
        mod scripted;
        mod settings;
        mod shared;
        mod start_barrier;
        mod state;
        #[path = "../../../tests/models/sync.rs"]
        mod sync;
        mod taking;
        mod timekeeper;
        mod told;
        mod trying;
        mod watching;

        /// The scenarios, inside the engine as they use what it keeps to itself.
        #[path = "../../../tests/models/checks/mod.rs"]
        mod checks;

        pub(crate) use adders::is_adding_to_any;
        pub(crate) use feed::Following;
        pub use feed::Update;
        pub(crate) use program::Program;
        pub(crate) use run::{Going, Plan};
        pub(crate) use settings::Settings;
    }
}

use sources::{dag, engine, error, port, registry, report, run, track, typed, view, workflow};

pub use dag::{
    Attempt, Cause, GrowthLimits, NodeError, NodeExplanation, NodeState, Possible, Progress, RuleError,
    RuleExplanation, StartOrder, Tolerance, Unfired,
};
pub use dagmacros::{rule, rules, stage};
pub use engine::Update;
pub use error::{AppendError, BuildError, Error, ScheduleError};
pub use port::{AttemptPolicy, Backoff, Choice, Decider, End, Happened, Known, Rate, Tracker, TrackerReport};
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
