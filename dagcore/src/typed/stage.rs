//! The contract between `#[stage]` and the engine: the macro checks, then emits one implementation of [`Stage`]
//! whose body is calls of the functions here.

use super::input::Loaded;
use super::inputs::Inputs;
use crate::dag::{Cause, Value};
use crate::port::{Job, Sources, StageResult, StageSpec, Started, Starting};
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
    type Inputs: Inputs;

    /// Its declaration.
    fn spec() -> &'static StageSpec;

    /// Runs the function, or makes the future that will.
    fn start(inputs: Self::Inputs, starting: &Starting<'_>) -> Started;
}

/// A call of `S` whose inputs are not bound yet.
pub(crate) struct StageJob<S: Stage> {
    pub(crate) inputs: S::Inputs,
}

impl<S: Stage> Job for StageJob<S> {
    fn bind(&mut self, sources: Sources<'_>) {
        self.inputs.bind(sources);
    }

    fn start(self: Box<Self>, starting: &Starting<'_>) -> Started {
        S::start(self.inputs, starting)
    }
}

/// Starts an async stage.
pub fn start_async(run: impl Future<Output = StageResult> + Send + 'static) -> Started {
    Started::Future(Box::pin(run))
}

/// Runs a plain stage.
pub fn start_now(run: impl FnOnce() -> StageResult) -> Started {
    Started::Done(run())
}

/// The output of a stage that cannot fail.
pub fn infallible<S: Stage>(output: S::Output) -> StageResult {
    Ok(Arc::new(output) as Value)
}

/// The output of a stage that returns a `Result`.
///
/// # Errors
///
/// The stage's own.
pub fn fallible<S: Stage, E: Into<Box<dyn Error + Send + Sync>>>(output: Result<S::Output, E>) -> StageResult {
    match output {
        Ok(output) => infallible::<S>(output),
        Err(error) => Err(Cause::error(error.into())),
    }
}

/// An input for a parameter of type `T`; fails to compile, in our words, when a `T` cannot be cloned.
pub fn by_value<T: ByValue<M>, M>(input: Loaded<T>) -> T {
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
    fn take(input: Loaded<Self>) -> Self;
}

/// The way of every type that is `Clone`.
pub struct Cloned;

/// The way of no type. Two ways make the compiler report [`ByValue`] itself as missing, with its own words.
pub struct Never;

/// Implemented by nothing.
pub trait Impossible: Sized {
    /// Cannot be called.
    fn never(input: Loaded<Self>) -> Self;
}

impl<T: Clone> ByValue<Cloned> for T {
    fn take(input: Loaded<Self>) -> Self {
        input.into_value()
    }
}

impl<T: Impossible> ByValue<Never> for T {
    fn take(input: Loaded<Self>) -> Self {
        T::never(input)
    }
}

/// Asks, without a bound, whether a type is a `Result`.
pub struct Probe<T>(PhantomData<T>);

impl<T, E> Probe<Result<T, E>> {
    /// It is.
    pub const IS_RESULT: bool = true;
}

/// The answer for every other type.
pub trait NotResult {
    /// It is not.
    const IS_RESULT: bool = false;
}

impl<T> NotResult for Probe<T> {}

/// Refuses, while compiling, an output that is a `Result` behind another name.
///
/// # Panics
///
/// While compiling only, when it is one.
pub const fn assert_not_result(is_result: bool) {
    assert!(
        !is_result,
        "the output of this stage is a `Result` behind another name: write `Result<..>` in the signature, so that an error fails the node"
    );
}
