//! What a type in a stage's signature is, whatever it is called: found out without a bound by [`Probe`].
//!
//! A function returns an output, or a `Result` of one: `#[stage]` names the node's output with [`Returns`].

use super::context::StageContext;
use std::convert::Infallible;
use std::marker::PhantomData;

/// A type in a signature. What is found here is the answer for a `Result`, or for a context; [`Plain`] has the answers for
/// every other type.
pub struct Probe<T: ?Sized>(PhantomData<T>);

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

impl<M> Probe<StageContext<M>> {
    /// Whether it is the context.
    pub const IS_CONTEXT: bool = true;
}

/// The answers for a type that is nothing else.
pub trait Plain<T: ?Sized> {
    /// Whether it is a `Result`.
    const IS_RESULT: bool = false;

    /// Whether it is the context.
    const IS_CONTEXT: bool = false;

    /// The output.
    ///
    /// # Errors
    ///
    /// Never.
    #[inline]
    fn split(returned: T) -> Result<T, Infallible>
    where
        T: Sized,
    {
        Ok(returned)
    }
}

impl<T: ?Sized> Plain<T> for Probe<T> {}

/// Refuses, while compiling, a context as an input.
///
/// # Panics
///
/// While compiling only, when it is one.
#[track_caller]
pub const fn assert_no_context(is_context: bool) {
    assert!(!is_context, "this is the context of a stage under another name: write `&StageContext`");
}

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
