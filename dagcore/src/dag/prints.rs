//! What can be told of a call's inputs without keeping them, so that two calls with one key can be compared.

use std::sync::Arc;

/// What can be told of one input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Print {
    /// Nothing: its type cannot be hashed.
    Unknown,
    /// The hash of a value.
    Value(u64),
    /// The hash of the handles of nodes that will give it.
    Nodes(u64),
}

/// What can be told of all inputs of a call, in order.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Prints(Option<Arc<[Print]>>);

impl Prints {
    /// One for each input.
    pub fn new(prints: impl IntoIterator<Item = Print>) -> Self {
        Self(Some(prints.into_iter().collect()))
    }

    /// The first input, counted from zero, that is certainly another than in `other`.
    pub fn differ(&self, other: &Self) -> Option<usize> {
        let (own, other) = (self.0.as_deref()?, other.0.as_deref()?);
        let certainly = |(own, other): (&Print, &Print)| match (own, other) {
            (Print::Value(own), Print::Value(other)) | (Print::Nodes(own), Print::Nodes(other)) => own != other,
            _ => false, // a value and a handle cannot be compared
        };
        own.iter().zip(other).position(certainly)
    }
}
