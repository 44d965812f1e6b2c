//! [`Outcome`] and [`Gathered`]: the results of nodes, including failures.

use crate::dag::{NodeError, NodeId, NodeState};
use crate::port::Sources;
use std::sync::Arc;

/// The result of a node: its output, or the reason why there is none.
///
/// A stage with a parameter of this type runs even if the upstream node did not succeed. The rule condition
/// `settled(node)` passes one to the body.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// #[stage]
/// fn or_zero(parsed: Outcome<u32>) -> u32 {
///     parsed.output().copied().unwrap_or(0)
/// }
///
/// let mut flow = Workflow::new("parse");
/// let parsed = flow.add(parse::new("many"));
/// let number = flow.add(or_zero::new(parsed));
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// assert_eq!(*report.output(number)?, 0);
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome<T> {
    /// The node succeeded with this output.
    Succeeded(Arc<T>),
    /// The node failed.
    Failed(NodeError),
    /// The node was skipped, because of the failure or cancellation of the node in this error.
    Skipped(NodeError),
    /// The node was cancelled.
    Cancelled(NodeError),
}

impl<T> Outcome<T> {
    /// Returns the output, if the node succeeded.
    pub fn output(&self) -> Option<&T> {
        match self {
            Self::Succeeded(output) => Some(output),
            _ => None,
        }
    }

    /// Returns the node's own error, or the one because of which it was skipped.
    pub fn error(&self) -> Option<&NodeError> {
        match self {
            Self::Succeeded(_) => None,
            Self::Failed(error) | Self::Skipped(error) | Self::Cancelled(error) => Some(error),
        }
    }

    /// Returns `true` if the node succeeded.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded(_))
    }
}

impl<T: Clone> Outcome<Vec<T>> {
    /// Splits the result of a list into one result for each element, or a single error if there is no list.
    pub(crate) fn into_elements(self) -> Vec<Outcome<T>> {
        match self {
            Self::Succeeded(list) => list.iter().map(|element| Outcome::Succeeded(Arc::new(element.clone()))).collect(),
            Self::Failed(error) => vec![Outcome::Failed(error)],
            Self::Skipped(error) => vec![Outcome::Skipped(error)],
            Self::Cancelled(error) => vec![Outcome::Cancelled(error)],
        }
    }
}

impl<T> Clone for Outcome<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Succeeded(output) => Self::Succeeded(Arc::clone(output)),
            Self::Failed(error) => Self::Failed(error.clone()),
            Self::Skipped(error) => Self::Skipped(error.clone()),
            Self::Cancelled(error) => Self::Cancelled(error.clone()),
        }
    }
}

impl<T: Send + Sync + 'static> Outcome<T> {
    /// Returns the result of `node`, or `None` if it has not ended or its output is not a `T`.
    pub(crate) fn of(node: NodeId, sources: Sources<'_>) -> Option<Self> {
        let error = |node| sources.graph.error(node).cloned();
        match sources.graph.state(node)? {
            NodeState::Succeeded => sources.outputs.share(node).map(Self::Succeeded),
            NodeState::Failed => error(node).map(Self::Failed),
            NodeState::Cancelled => error(node).map(Self::Cancelled),
            NodeState::Skipped => error(sources.graph.skipped_because(node)?).map(Self::Skipped),
            _ => None,
        }
    }
}

/// The results of several nodes, in the order in which their handles were passed.
///
/// A stage with a parameter of this type takes a list of handles, and runs even if some of the nodes did not succeed.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// #[stage]
/// fn sum(numbers: Gathered<u32>) -> String {
///     let sum: u32 = numbers.outputs().sum();
///     format!("{sum} from {} of {}", numbers.outputs().count(), numbers.len())
/// }
///
/// let mut flow = Workflow::new("sum");
/// let numbers: Vec<_> = ["1", "two", "3"].map(|text| flow.add(parse::new(text))).into();
/// let total = flow.add(sum::new(numbers));
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// assert_eq!(report.output(total)?, "4 from 2 of 3");
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Debug)]
pub struct Gathered<T> {
    outcomes: Vec<Outcome<T>>,
}

impl<T> Gathered<T> {
    pub(crate) fn new(outcomes: Vec<Outcome<T>>) -> Self {
        Self { outcomes }
    }

    /// Returns the number of nodes, regardless of their results.
    pub fn len(&self) -> usize {
        self.outcomes.len()
    }

    /// Returns `true` if there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// Returns an iterator over the results.
    pub fn iter(&self) -> std::slice::Iter<'_, Outcome<T>> {
        self.outcomes.iter()
    }

    /// Returns the outputs of the nodes that succeeded.
    pub fn outputs(&self) -> impl Iterator<Item = &T> {
        self.outcomes.iter().filter_map(Outcome::output)
    }

    /// Returns the errors of the nodes that did not succeed: their own, or the one because of which they were skipped.
    pub fn errors(&self) -> impl Iterator<Item = &NodeError> {
        self.outcomes.iter().filter_map(Outcome::error)
    }
}

impl<T> Clone for Gathered<T> {
    fn clone(&self) -> Self {
        Self { outcomes: self.outcomes.clone() }
    }
}

impl<T> IntoIterator for Gathered<T> {
    type Item = Outcome<T>;
    type IntoIter = std::vec::IntoIter<Outcome<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.outcomes.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Gathered<T> {
    type Item = &'a Outcome<T>;
    type IntoIter = std::slice::Iter<'a, Outcome<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
