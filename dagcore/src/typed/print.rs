//! Fingerprints of a call's inputs, which allow comparing two calls with the same key without keeping the inputs.

use super::input::{Input, hasher};
use crate::dag::Print;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// Computes the fingerprint of an input, without a bound on its type: `#[stage]` calls
/// `<Printer<T>>::print_of_input(input)`, which resolves to the function here if `T` can be hashed, and to that of
/// [`Unprinted`] otherwise. (The long name avoids a conflict: a program may have a trait in scope with a `print` for
/// every type.)
pub struct Printer<T>(PhantomData<T>);

impl<T: Hash> Printer<T> {
    /// Returns the hash of the value, or of the handles.
    pub fn print_of_input(input: &Input<T>) -> Print {
        input.print(|value| {
            let mut hasher = hasher();
            value.hash(&mut hasher);
            Print::value(hasher.finish())
        })
    }
}

/// The fallback for all types that cannot be hashed.
pub trait Unprinted<T> {
    /// Returns the hash of the handles; values are not compared.
    fn print_of_input(input: &Input<T>) -> Print;
}

impl<T> Unprinted<T> for Printer<T> {
    fn print_of_input(input: &Input<T>) -> Print {
        input.print(|_| Print::UNKNOWN)
    }
}
