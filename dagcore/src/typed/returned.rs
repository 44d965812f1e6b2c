//! What a stage's function returns: an output, or a `Result` of one.
//!
//! The type decides, whatever it is called. `#[stage]` finds out with [`Probe`] whether it is a `Result`, without a bound,
//! and names the node's output with [`Returns`].

use std::convert::Infallible;
use std::marker::PhantomData;

/// A type that a function returns: what is found here is the answer for a `Result`, and [`NotResult`] has the one for all
/// others.
pub struct Probe<T>(PhantomData<T>);

impl<T, E> Probe<Result<T, E>> {
    /// Whether it is a `Result`.
    pub const IS_RESULT: bool = true;

    /// The output, or the error.
    ///
    /// # Errors
    ///
    /// The function's own.
    #[inline]
    pub fn split(returned: Result<T, E>) -> Result<T, E> {
        returned
    }
}

/// The answers for a type that is no `Result`.
pub trait NotResult<T> {
    /// Whether it is a `Result`.
    const IS_RESULT: bool = false;

    /// The output.
    ///
    /// # Errors
    ///
    /// Never.
    #[inline]
    fn split(returned: T) -> Result<T, Infallible> {
        Ok(returned)
    }
}

impl<T> NotResult<T> for Probe<T> {}

/// The types that are a `Result`, or those that are not.
pub struct Either<const IS_RESULT: bool>;

/// The output of a node whose function returns a `T`.
pub trait Returns<T> {
    /// The type of the output.
    type Output;
}

impl<T, E> Returns<Result<T, E>> for Either<true> {
    type Output = T;
}

impl<T> Returns<T> for Either<false> {
    type Output = T;
}
