//! What can be told of a call's inputs without keeping them, so that two calls with one key can be compared.

use super::input::{Input, hasher};
use crate::dag::Print;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// Tells what it can of an input, without a bound on its type: `#[stage]` calls
/// `<Printer<T>>::print_of_input(input)`, which is the function here when a `T` can be hashed, and that of
/// [`Unprinted`] when it cannot. (A program may have a trait in scope with a `print` for every type.)
pub struct Printer<T>(PhantomData<T>);

impl<T: Hash> Printer<T> {
    /// The hash of the value, or of the handles.
    pub fn print_of_input(input: &Input<T>) -> Print {
        input.print(|value| {
            let mut hasher = hasher();
            value.hash(&mut hasher);
            Print::value(hasher.finish())
        })
    }
}

/// The way of every other type.
pub trait Unprinted<T> {
    /// The hash of the handles; nothing of a value.
    fn print_of_input(input: &Input<T>) -> Print;
}

impl<T> Unprinted<T> for Printer<T> {
    fn print_of_input(input: &Input<T>) -> Print {
        input.print(|_| Print::UNKNOWN)
    }
}
