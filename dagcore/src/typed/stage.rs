//! The contract between `#[stage]` and the engine: the macro checks, then emits one implementation of [`Stage`]
//! whose body is calls of the functions here.

use super::input::Input;
use super::inputs::Inputs;
use crate::dag::{Added, Cause, Prints, StageId, StageKey, Value};
use crate::port::{StageResult, StageSpec, Started, Starting};
use crate::registry;
use std::error::Error;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

/// A kind of node: what `#[stage]` makes of a function.
///
/// It is implemented by the struct that carries the function's name, never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage",
    label = "not a stage",
    note = "put `#[stage]` on the function, and name the function here"
)]
pub trait Stage: Sized + 'static {
    /// What a node of the stage gives.
    type Output: Send + Sync + 'static;

    /// What a call of it takes.
    type Inputs: StageInputs;

    /// What tells it from every other stage while compiling.
    #[doc(hidden)]
    const KEY: StageKey<'static> = StageKey::UNKNOWN;

    /// What its nodes add while they run.
    #[doc(hidden)]
    const ADDS: &'static [Added<'static>] = &[];

    /// Its declaration.
    fn spec() -> &'static StageSpec;

    /// Runs the function, or makes the future that will.
    fn start(inputs: Self::Inputs, starting: &Starting<'_>) -> Started;

    /// What can be told of the inputs, so that two calls with one key can be compared.
    fn prints(_inputs: &Self::Inputs) -> Prints {
        Prints::default()
    }
}

/// [`Inputs`], with one implementation only: of an input that cannot be sent, rustc would otherwise say which
/// tuples there are.
pub trait StageInputs: Inputs {}

impl<T: Inputs> StageInputs for T {}

/// A type itself. Under this name it can be written over as many tokens as an error is to point at.
pub type Same<T> = T;

/// A stage that a condition is about.
pub type Kind<S> = PhantomData<fn() -> S>;

/// What names a stage `S`: itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage",
    label = "not a stage",
    note = "put `#[stage]` on the function, and name the function here"
)]
pub trait NamesStage<S> {}

impl<S: Stage> NamesStage<S> for S {}

impl<S: Impossible> NamesStage<Never> for S {}

/// The stage that was written in a condition. Apart from the condition, so that what is none is told once.
pub fn kind<N: NamesStage<S>, S>() -> Kind<S> {
    PhantomData
}

/// The number of a stage that is named beside another one.
pub fn stage_id<S: Stage>() -> StageId {
    registry::id(S::spec())
}

/// A constant in an option or a clause.
///
/// # Panics
///
/// While compiling only, when it is 0.
#[track_caller]
pub const fn at_least_one(number: u32) -> u32 {
    assert!(number >= 1, "this number is 0, and has to be at least 1");
    number
}

/// Starts an async stage.
pub fn start_async(run: impl Future<Output = StageResult> + Send + 'static) -> Started {
    Started::Future(Box::pin(run))
}

/// The end of a plain stage.
pub fn start_now(result: StageResult) -> Started {
    Started::Done(result)
}

/// The output of a stage that returns nothing.
pub fn infallible<S: Stage>(output: S::Output) -> StageResult {
    Ok(Arc::new(output) as Value)
}

/// The end of a stage, once what its function returned has been [split](super::signature::Probe).
///
/// # Errors
///
/// The stage's own.
pub fn fallible<S: Stage, E: Failure<M>, M>(output: Result<S::Output, E>) -> StageResult {
    kept(output)
}

/// The same for all stages with this output and this error.
fn kept<T: Send + Sync + 'static, E: Failure<M>, M>(output: Result<T, E>) -> StageResult {
    match output {
        Ok(output) => Ok(Arc::new(output) as Value),
        Err(error) => Err(Box::new(Cause::error(error.boxed()))),
    }
}

/// What a stage can fail with: an error, or a text.
#[diagnostic::on_unimplemented(
    message = "a stage cannot fail with `{Self}`",
    label = "not an error that can be kept and shared",
    note = "it has to be an error that is `Send` and `Sync`, or a text: implement `std::error::Error` for it, return a `String`, or write `Box<dyn Error + Send + Sync>` instead of `Box<dyn Error>`"
)]
pub trait Failure<M> {
    /// The error, without its type.
    fn boxed(self) -> Box<dyn Error + Send + Sync>;
}

/// The way of every error.
pub struct Boxed;

impl<E: Into<Box<dyn Error + Send + Sync>>> Failure<Boxed> for E {
    fn boxed(self) -> Box<dyn Error + Send + Sync> {
        self.into()
    }
}

impl<E: Impossible> Failure<Never> for E {
    fn boxed(self) -> Box<dyn Error + Send + Sync> {
        E::never()
    }
}

/// An input for a parameter of type `T`; fails to compile, in our words, when a `T` cannot be cloned.
pub fn by_value<T: ByValue<M>, M>(input: Input<T>) -> T {
    T::take(input)
}

/// What a stage can take by value: another node, or another attempt, may want it too.
#[diagnostic::on_unimplemented(
    message = "a stage takes `{Self}` by value, and `{Self}` is not `Clone`",
    label = "others may need this value too, so it would have to be cloned",
    note = "take `&{Self}` or `Arc<{Self}>` instead, or derive `Clone` for it"
)]
pub trait ByValue<M>: Sized {
    /// Moved when nobody else can read it, cloned otherwise.
    fn take(input: Input<Self>) -> Self;
}

/// The way of every type that is `Clone`.
pub struct Cloned;

/// The way of no type. Two ways make the compiler report the trait itself as missing, with its own words.
pub struct Never;

/// Implemented by nothing.
pub trait Impossible: Sized {
    /// Cannot be called.
    fn never<T>() -> T;
}

impl<T: Clone> ByValue<Cloned> for T {
    fn take(input: Input<Self>) -> Self {
        input.into_value()
    }
}

impl<T: Impossible> ByValue<Never> for T {
    fn take(_: Input<Self>) -> Self {
        T::never()
    }
}
