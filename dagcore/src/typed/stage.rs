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

/// A kind of node, which `#[stage]` creates from a function.
///
/// The struct with the name of the function implements it. Do not implement it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage",
    label = "not a stage",
    note = "put `#[stage]` on the function, and name the function here"
)]
pub trait Stage: Sized + 'static {
    /// The type of a node's output.
    type Output: Send + Sync + 'static;

    /// The types of a call's inputs.
    type Inputs: StageInputs;

    /// The identity of the stage at compile time.
    #[doc(hidden)]
    const KEY: StageKey<'static> = StageKey::UNKNOWN;

    /// The additions that the stage declares.
    #[doc(hidden)]
    const ADDS: &'static [Added<'static>] = &[];

    /// Returns the declaration.
    fn spec() -> &'static StageSpec;

    /// Runs the function, or creates its future.
    fn start(inputs: Self::Inputs, starting: &Starting<'_>) -> Started;

    /// Returns the fingerprints of the inputs, so that two calls with the same key can be compared.
    fn prints(_inputs: &Self::Inputs) -> Prints {
        Prints::default()
    }
}

/// An alias of [`Inputs`] with a single implementation. Without it, rustc would list the implementations for tuples
/// when an input cannot be sent.
pub trait StageInputs: Inputs {}

impl<T: Inputs> StageInputs for T {}

/// Returns the type itself. The macro writes it with the span of the tokens that an error should point at.
pub type Same<T> = T;

/// The stage of a condition.
pub type Kind<S> = PhantomData<fn() -> S>;

/// Implemented by every stage `S`, as the name of itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage",
    label = "not a stage",
    note = "put `#[stage]` on the function, and name the function here"
)]
pub trait NamesStage<S> {}

impl<S: Stage> NamesStage<S> for S {}

impl<S: Impossible> NamesStage<Never> for S {}

/// Returns the stage written in a condition. Separate from the condition, so that anything else is reported once.
pub fn kind<N: NamesStage<S>, S>() -> Kind<S> {
    PhantomData
}

/// Returns the number of a stage in the `under` of another.
pub fn stage_id<S: Stage>() -> StageId {
    registry::id(S::spec())
}

/// Returns a constant of an option or a clause, if it is at least 1.
///
/// # Panics
///
/// At compile time only, if the constant is 0.
#[track_caller]
pub const fn at_least_one(number: u32) -> u32 {
    assert!(number >= 1, "this number is 0, and has to be at least 1");
    number
}

/// Starts an async stage.
pub fn start_async(run: impl Future<Output = StageResult> + Send + 'static) -> Started {
    Started::Future(Box::pin(run))
}

/// Returns the result of a plain stage.
pub fn start_now(result: StageResult) -> Started {
    Started::Done(result)
}

/// Wraps the output of a stage that cannot fail.
pub fn infallible<S: Stage>(output: S::Output) -> StageResult {
    Ok(Arc::new(output) as Value)
}

/// Wraps the result of a stage, once the return value of its function has been [split](super::signature::Probe).
///
/// # Errors
///
/// The error of the stage.
pub fn fallible<S: Stage, E: Failure<M>, M>(output: Result<S::Output, E>) -> StageResult {
    kept(output)
}

/// Implements [`fallible`], compiled once for all stages with the same output and error.
fn kept<T: Send + Sync + 'static, E: Failure<M>, M>(output: Result<T, E>) -> StageResult {
    match output {
        Ok(output) => Ok(Arc::new(output) as Value),
        Err(error) => Err(Box::new(Cause::error(error.boxed()))),
    }
}

/// The error of a stage: any error, or a text.
#[diagnostic::on_unimplemented(
    message = "a stage cannot fail with `{Self}`",
    label = "not an error that can be kept and shared",
    note = "it has to be an error that is `Send` and `Sync`, or a text: implement `std::error::Error` for it, return a `String`, or write `Box<dyn Error + Send + Sync>` instead of `Box<dyn Error>`"
)]
pub trait Failure<M> {
    /// Converts it into a boxed error.
    fn boxed(self) -> Box<dyn Error + Send + Sync>;
}

/// Selects the implementation for all errors.
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

/// Returns an input for a parameter of type `T`. If `T` is not `Clone`, this fails to compile with our message.
pub fn by_value<T: ByValue<M>, M>(input: Input<T>) -> T {
    T::take(input)
}

/// A type that a stage can take by value. It must be `Clone`, because another node or another attempt may need the
/// value too.
#[diagnostic::on_unimplemented(
    message = "a stage takes `{Self}` by value, and `{Self}` is not `Clone`",
    label = "others may need this value too, so it would have to be cloned",
    note = "take `&{Self}` or `Arc<{Self}>` instead, or derive `Clone` for it"
)]
pub trait ByValue<M>: Sized {
    /// Moves the value if there is no other reader, and clones it otherwise.
    fn take(input: Input<Self>) -> Self;
}

/// Selects the implementation for all types that are `Clone`.
pub struct Cloned;

/// Selects an implementation for no type. With two candidates, the compiler reports the trait itself as missing, with
/// our message.
pub struct Never;

/// A trait without implementations.
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
