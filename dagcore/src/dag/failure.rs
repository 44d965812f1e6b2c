//! Why a node or a rule did not do what it was there for.

use super::text::{Name, Plain};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a stage, or a rule's body or predicate, failed.
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
/// assert!(matches!(report.error(node).map(NodeError::cause), Some(Cause::Panic(said)) if said == "too fast"));
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// It returned an error: its message, and the messages of the errors below it.
    Error {
        /// The error's own message.
        message: String,
        /// The messages of its sources, the nearest first.
        sources: Vec<String>,
        /// The error itself, when it is still at hand.
        error: Option<Arc<dyn Error + Send + Sync>>,
    },
    /// It panicked with this message.
    Panic(String),
    /// The library refused what it did: this says what, and what to do instead.
    Refused(String),
    /// One attempt took longer than its `timeout`, or all of them longer than the `deadline`.
    TimedOut {
        /// What it was allowed.
        after: Duration,
        /// Whether that was the `deadline`, which is for all attempts together.
        deadline: bool,
    },
    /// It was cancelled: this says by whom.
    Cancelled(String),
}

/// An error that is its own source would never come to an end.
const MOST_SOURCES: usize = 64;

/// Drops a value of the user's, whose `Drop` may panic: there is nobody left to tell.
pub(crate) fn quietly<T>(value: T) {
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(value)));
    // The panic's own payload may panic again when it is dropped, and so on without end.
    std::mem::forget(dropped);
}

/// What a function of the user's says, or this if it panics where nobody can be told.
pub(crate) fn or_if_it_panics<T>(ask: impl FnOnce() -> T, otherwise: T) -> T {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(ask)).unwrap_or_else(|panic| {
        // The caller may hold a lock, and a payload that is no text may run code of the program when it is dropped.
        if !panic.is::<&str>() && !panic.is::<String>() {
            std::mem::forget(panic);
        }
        otherwise
    })
}

impl Cause {
    /// The cause that an error is, with its sources.
    pub fn error(error: Box<dyn Error + Send + Sync>) -> Self {
        let mut sources = Vec::new();
        let mut next = error.source();
        while let Some(source) = next.filter(|_| sources.len() < MOST_SOURCES) {
            sources.push(source.to_string());
            next = source.source();
        }
        Self::Error { message: error.to_string(), sources, error: Some(Arc::from(error)) }
    }

    /// The cause that a caught panic's payload is. The payload is dropped, which may run code of the program.
    pub fn panic(payload: Box<dyn std::any::Any + Send>) -> Self {
        let cause = Self::of_panic(&*payload);
        quietly(payload);
        cause
    }

    /// The cause that a caught panic's payload is, for callers that hold a lock and drop the payload later.
    pub(crate) fn of_panic(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self::Panic(text.unwrap_or("a value that is no text").to_owned())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error { message, sources, .. } => {
                write!(f, "{}", Plain(message))?;
                // Some errors repeat their source in their own message; say it once.
                let mut said = message.as_str();
                for source in sources {
                    if !said.contains(source.as_str()) {
                        write!(f, ": {}", Plain(source))?;
                    }
                    said = source;
                }
                Ok(())
            }
            Self::Panic(message) => write!(f, "panicked: {}", Plain(message)),
            Self::Refused(message) | Self::Cancelled(message) => write!(f, "{}", Plain(message)),
            Self::TimedOut { after, deadline: false } => write!(f, "timed out after {after:?}"),
            Self::TimedOut { after, deadline: true } => write!(f, "its deadline of {after:?} has passed"),
        }
    }
}

/// The failure of one node.
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
pub struct NodeError {
    name: String,
    stage: &'static str,
    key: Option<String>,
    cause: Cause,
}

impl NodeError {
    /// The failure of the node `name` of `stage`.
    pub fn new(name: impl Into<String>, stage: &'static str, cause: Cause) -> Self {
        Self { name: name.into(), stage, key: None, cause }
    }

    /// The same for a node with a key.
    pub fn keyed(mut self, key: Option<&str>) -> Self {
        self.key = key.map(str::to_owned);
        self
    }

    /// The node's key, if it was given one: what to look at when a rule wants to know which call failed.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The node's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the node's stage.
    pub fn stage(&self) -> &str {
        self.stage
    }

    /// Why it failed.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Whether the stage panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self.cause, Cause::Panic(_))
    }

    /// Whether an attempt or all of them together took too long.
    pub fn is_timeout(&self) -> bool {
        matches!(self.cause, Cause::TimedOut { .. })
    }

    /// Whether somebody cancelled it.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.cause, Cause::Cancelled(_))
    }

    /// The stage's own error, when it is an `E` and still at hand.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        match &self.cause {
            Cause::Error { error: Some(error), .. } => error.downcast_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = if self.is_cancelled() { "was cancelled" } else { "failed" };
        write!(f, "node `{}` {ended}: {}", Name(&self.name), self.cause)
    }
}

impl Error for NodeError {}

/// The failure of a rule: its condition or its body.
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
pub struct RuleError {
    rule: String,
    bound: Option<String>,
    cause: Cause,
}

impl RuleError {
    /// The failure of `rule`, applied to the node `bound` where it was bound to one.
    pub fn new(rule: impl Into<String>, bound: Option<String>, cause: Cause) -> Self {
        Self { rule: rule.into(), bound, cause }
    }

    /// The rule's name.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The name of the node that the rule was applied to, for an `each` rule.
    pub fn bound(&self) -> Option<&str> {
        self.bound.as_deref()
    }

    /// Why it failed.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}` failed", Name(&self.rule))?;
        if let Some(bound) = &self.bound {
            write!(f, " on node `{}`", Name(bound))?;
        }
        write!(f, ": {}", self.cause)
    }
}

impl Error for RuleError {}
