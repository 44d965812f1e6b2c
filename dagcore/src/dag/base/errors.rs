//! Failures of nodes and rules, with their causes.

use super::escaping::{LONGEST_MESSAGE, Message, Name};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The cause of a failure of a stage, or of a rule's body or predicate.
///
/// Clones share the messages. `Display` escapes and shortens them; the fields hold them in full.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::Cause;
/// #[stage]
/// fn careless() -> u32 {
///     panic!("too fast")
/// }
///
/// let mut flow = Workflow::new("careless");
/// let node = flow.add(careless::new());
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// assert!(matches!(report.error(node).map(NodeError::cause), Some(Cause::Panic(message)) if &**message == "too fast"));
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The function returned an error: its message, and the messages of its sources.
    Error {
        /// The error's own message.
        message: Arc<str>,
        /// The messages of its sources, from the nearest to the root.
        sources: Arc<[String]>,
        /// The error itself, if it is still available.
        error: Option<Arc<dyn Error + Send + Sync>>,
    },
    /// The function panicked with this message.
    Panic(Arc<str>),
    /// The library refused an operation; the message names it and the remedy.
    Refused(Arc<str>),
    /// One attempt exceeded its `timeout`, or all attempts together exceeded the `deadline`.
    TimedOut {
        /// The limit that was exceeded.
        after: Duration,
        /// `true` if the limit was the `deadline`, which covers all attempts together.
        deadline: bool,
    },
    /// It was cancelled; the message names the origin of the cancellation.
    Cancelled(Arc<str>),
}

/// Maximum number of sources that are read: the chain of an error that is its own source is endless.
const MOST_SOURCES: usize = 64;

/// Drops a value of the user's type, whose `Drop` may panic. Such a panic is swallowed, because no caller is left to
/// receive it.
pub(crate) fn quietly<T>(value: T) {
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(value)));
    // The payload of the panic may panic again when it is dropped, and so on without end: leak it.
    std::mem::forget(dropped);
}

/// Calls a function of the user and returns its result, or `otherwise` if it panics. For places where a panic cannot be
/// reported.
pub(crate) fn or_if_it_panics<T>(ask: impl FnOnce() -> T, otherwise: T) -> T {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(ask)).unwrap_or_else(|panic| {
        // The caller may hold a lock, and a payload that is not a string may run user code when it is dropped: leak it.
        if !panic.is::<&str>() && !panic.is::<String>() {
            std::mem::forget(panic);
        }
        otherwise
    })
}

impl Cause {
    /// Creates a cause from an error and its sources.
    pub fn error(error: Box<dyn Error + Send + Sync>) -> Self {
        let mut sources = Vec::new();
        let mut next = error.source();
        while let Some(source) = next.filter(|_| sources.len() < MOST_SOURCES) {
            sources.push(source.to_string());
            next = source.source();
        }
        Self::Error { message: error.to_string().into(), sources: sources.into(), error: Some(Arc::from(error)) }
    }

    /// Creates a cause from the payload of a caught panic. Drops the payload, which may run user code.
    pub fn panic(payload: Box<dyn std::any::Any + Send>) -> Self {
        let cause = Self::of_panic(&*payload);
        quietly(payload);
        cause
    }

    /// Creates a cause from the payload of a caught panic, for callers that hold a lock and drop the payload later.
    pub(crate) fn of_panic(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self::Panic(text.unwrap_or("a value that is no text").into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error { message, sources, .. } => {
                Message(message).fmt(f)?;
                // Some errors repeat their source in their own message: print it only once.
                let mut said = &**message;
                let mut length = message.len();
                for source in &**sources {
                    if length > LONGEST_MESSAGE {
                        return f.write_str(": ..");
                    }
                    if !said.contains(source.as_str()) {
                        write!(f, ": {}", Message(source))?;
                        length += source.len();
                    }
                    said = source;
                }
                Ok(())
            }
            Self::Panic(message) => write!(f, "panicked: {}", Message(message)),
            Self::Refused(message) | Self::Cancelled(message) => Message(message).fmt(f),
            Self::TimedOut { after, deadline: false } => write!(f, "timed out after {after:?}"),
            Self::TimedOut { after, deadline: true } => write!(f, "its deadline of {after:?} has passed"),
        }
    }
}

/// The failure of one node.
///
/// Cloning returns another handle to the same failure. `Display` escapes and shortens names and messages; the methods
/// return them in full.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// let mut flow = Workflow::new("parse");
/// let node = flow.add(parse::new("seven"));
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// let error = report.error(node).expect("seven is no number");
/// assert_eq!(error.stage(), "parse");
/// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NodeError(Arc<FailedNode>);

#[derive(Clone, Debug)]
struct FailedNode {
    name: String,
    stage: &'static str,
    key: Option<String>,
    cause: Cause,
    not_retried: Option<NotRetried>,
}

/// The reason why a failed node was not retried although it had retries left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum NotRetried {
    /// `retry_if` returned `false` for the failure.
    RetryIf,
    /// `retry_if` panicked.
    RetryIfPanicked,
    /// The node added nodes while it ran, and another attempt would add them twice.
    AddedNodes,
    /// The timeout passed after a worker had dequeued the node and before its function began.
    NotBegun,
    /// The next attempt would begin after the deadline for all attempts.
    Deadline,
    /// The run has reached [`GrowthLimits::attempts`](crate::dag::GrowthLimits::attempts), its limit of failed
    /// attempts.
    GrowthLimit,
}

impl fmt::Display for NotRetried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RetryIf => "not retried: `retry_if` returned `false` for this failure",
            Self::RetryIfPanicked => "not retried: `retry_if` panicked",
            Self::AddedNodes => "not retried: the node has added nodes, which another attempt would add again",
            Self::NotBegun => "not retried: the timeout passed before the function began",
            Self::Deadline => "not retried: the next attempt would begin after the deadline",
            Self::GrowthLimit => "not retried: the run has reached its limit of failed attempts",
        })
    }
}

impl NodeError {
    /// Creates the failure of the node `name` of `stage`.
    pub fn new(name: impl Into<String>, stage: &'static str, cause: Cause) -> Self {
        Self(Arc::new(FailedNode { name: name.into(), stage, key: None, cause, not_retried: None }))
    }

    /// Sets the key of the node.
    pub fn keyed(mut self, key: Option<&str>) -> Self {
        Arc::make_mut(&mut self.0).key = key.map(str::to_owned);
        self
    }

    /// Sets the reason why the node was not retried although it had retries left.
    pub(crate) fn not_tried_again(mut self, why: NotRetried) -> Self {
        Arc::make_mut(&mut self.0).not_retried = Some(why);
        self
    }

    /// Returns why the node was not retried although it had retries left; `None` when it had none left, or when another
    /// attempt was pointless because the library refused an operation or the run was cancelled.
    pub fn not_retried(&self) -> Option<NotRetried> {
        self.0.not_retried
    }

    /// Displays the cause, and why the node was not retried.
    pub(crate) fn why(&self) -> impl fmt::Display {
        Why(self)
    }

    /// Returns the node's key, if it has one. A rule uses it to find out which call failed.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// Returns the node's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the name of the node's stage.
    pub fn stage(&self) -> &str {
        self.0.stage
    }

    /// Returns the cause of the failure.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// Returns `true` if the stage panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self.0.cause, Cause::Panic(_))
    }

    /// Returns `true` if one attempt, or all of them together, exceeded the time limit.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.cause, Cause::TimedOut { .. })
    }

    /// Returns `true` if the node was cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.0.cause, Cause::Cancelled(_))
    }

    /// Returns the stage's own error, if it is an `E` and still available.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        match &self.0.cause {
            Cause::Error { error: Some(error), .. } => error.downcast_ref(),
            _ => None,
        }
    }
}

struct Why<'a>(&'a NodeError);

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FailedNode { cause, not_retried, .. } = &*self.0.0;
        cause.fmt(f)?;
        not_retried.map_or(Ok(()), |why| write!(f, "; {why}"))
    }
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = if self.is_cancelled() { "was cancelled" } else { "failed" };
        write!(f, "node `{}` {ended}: {}", Name(&self.0.name), self.why())
    }
}

impl Error for NodeError {}

/// The failure of a rule's condition or body.
///
/// Cloning returns another handle to the same failure. `Display` escapes and shortens names and messages; the methods
/// return them in full.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn one() -> u32 {
///     1
/// }
///
/// rule! {
///     check: when each(one), adds [],
///     then |_grow, _node, n| -> Result<(), String> { Err(format!("{n} is too little")) }
/// }
///
/// let mut flow = Workflow::new("check").rules(rules![check]);
/// flow.add(one::new());
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// let error = &report.rule_failures()[0];
/// assert_eq!((error.rule(), error.bound()), ("check", Some("one#0")));
/// assert_eq!(error.cause().to_string(), "1 is too little");
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RuleError(Arc<FailedRule>);

#[derive(Debug)]
struct FailedRule {
    rule: String,
    bound: Option<String>,
    cause: Cause,
}

impl RuleError {
    /// Creates the failure of `rule`; `bound` is the node that it was applied to, for a rule that is bound to nodes.
    pub fn new(rule: impl Into<String>, bound: Option<String>, cause: Cause) -> Self {
        Self(Arc::new(FailedRule { rule: rule.into(), bound, cause }))
    }

    /// Returns the rule's name.
    pub fn rule(&self) -> &str {
        &self.0.rule
    }

    /// Returns the name of the node that the rule was applied to, for an `each` rule.
    pub fn bound(&self) -> Option<&str> {
        self.0.bound.as_deref()
    }

    /// Returns the cause of the failure.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}` failed", Name(&self.0.rule))?;
        if let Some(bound) = &self.0.bound {
            write!(f, " on node `{}`", Name(bound))?;
        }
        write!(f, ": {}", self.0.cause)
    }
}

impl Error for RuleError {}
