//! Classification of the types in a stage's signature, independent of their spelling: [`Probe`] does it without a
//! bound.
//!
//! A function returns an output, or a `Result` of one: `#[stage]` names the node's output with [`Returns`].

use super::context::StageContext;
use std::convert::Infallible;
use std::marker::PhantomData;

/// A type in a signature. The items here apply to a `Result` or a context; [`Plain`] has the fallbacks for all other
/// types.
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T, E> Probe<Result<T, E>> {
    /// `true` if the type is a `Result`.
    pub const IS_RESULT: bool = true;

    /// Returns the output, or the error.
    ///
    /// # Errors
    ///
    /// The error of the function.
    #[inline]
    pub fn split(returned: Result<T, E>) -> Result<T, E> {
        returned
    }
}

impl<M> Probe<StageContext<M>> {
    /// `true` if the type is the context.
    pub const IS_CONTEXT: bool = true;
}

/// The fallbacks for a type that is neither a `Result` nor a context.
pub trait Plain<T: ?Sized> {
    /// `true` if the type is a `Result`.
    const IS_RESULT: bool = false;

    /// `true` if the type is the context.
    const IS_CONTEXT: bool = false;

    /// Returns the output.
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

/// Rejects a context as an input, at compile time.
///
/// # Panics
///
/// At compile time only, if the type is a context.
#[track_caller]
pub const fn assert_no_context(is_context: bool) {
    assert!(!is_context, "this is the context of a stage under another name: write `&StageContext`");
}

/// Selects the types that are a `Result`, or those that are not.
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
