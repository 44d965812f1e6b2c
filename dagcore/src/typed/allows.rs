//! The additions that a body declares, as types: undeclared additions do not compile.

use super::stage::{Stage, infallible, start_now};
use crate::dag::{Name, Place, StageId};
use crate::port::{StageSpec, Started, Starting};
use crate::registry;
use std::fmt;

/// Declares that the rule or stage marked by `Self` may add nodes of the stage `S`, or register the rule `S`; with
/// [`Rule`](crate::Rule) for `S`, that it may register rules without a name. `rule!` implements it for each entry of
/// `adds [..]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` adds a `{S}`, which its `adds` does not name",
    label = "`{S}` is not declared",
    note = "write `{S}` in the rule's `adds [..]`, or the stage's `adds(..)`: what can be added is known before it runs"
)]
pub trait Allows<S> {
    /// The declared use of keys.
    const KEYED: Keyed;
}

/// The use of keys that a declaration allows.
#[derive(Clone, Copy)]
pub enum Keyed {
    /// Nothing was declared, so keys are optional.
    Free,
    /// No keys.
    No,
    /// `by key`.
    Yes,
    /// `by key under ..` this stage.
    Under(fn() -> StageId),
}

impl fmt::Display for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free | Self::No => Ok(()),
            Self::Yes => write!(f, "by key"),
            Self::Under(group) => write!(f, "by key under {}", Name(registry::describe(group()).name)),
        }
    }
}

/// The marker of a rule that declares nothing, and so may add anything.
pub struct Anything;

impl<S> Allows<S> for Anything {
    const KEYED: Keyed = Keyed::Free;
}

impl OfRule for Anything {}

/// The marker type of a rule's `adds [..]`, or of a stage's `adds(..)`.
#[diagnostic::on_unimplemented(
    message = "this stage does not say what it adds while it runs",
    label = "nothing is declared",
    note = "list it with `#[stage(adds(..))]`, and take the context with the stage's name: `context: &StageContext<name>`"
)]
pub trait Mark {}

/// Implemented by the markers of rules: the bound of a generic function that calls [`Growth::map`](crate::Growth::map).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a stage, and a stage that runs adds nodes and no rules",
    label = "this is for the bodies of rules",
    note = "a `map` is a rule too: add a node for each element, or let a rule do this that fires for `each({Self})`"
)]
pub trait OfRule {}

macro_rules! no_stage {
    ($($name:ident)*) => {$(
        /// A stage that is never added. Every marker allows it, so that the compiler always sees more than one
        /// candidate and reports an undeclared stage with our message, instead of inferring the single declared stage
        /// for every addition.
        pub struct $name {}

        impl Stage for $name {
            type Output = ();
            type Inputs = ();

            fn spec() -> &'static StageSpec {
                static SPEC: StageSpec = StageSpec::new("no stage", 1, Place::Inline, module_path!());
                &SPEC
            }

            fn start((): (), _: &Starting<'_>) -> Started {
                start_now(infallible::<Self>(()))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<M: Mark> Allows<$name> for M {
            const KEYED: Keyed = Keyed::No;
        }
    )*};
}

no_stage!(NoStage NoStageEither);
